import { ComplexMap, StringMap } from 'cdktf';

/**
 * A computed map whose values are maps of strings, such as the tags of each member of a group. cdktf has accessors
 * for maps of lists but none for maps of maps.
 *
 * @example
 * data.items.get(0).definedTags.get('Operations').lookup('CostCenter'); // a token: ${data….defined_tags["Operations"]["CostCenter"]}
 */
export class StringMapMap extends ComplexMap {
  /** The inner map under a key of the outer one. */
  get(key: string): StringMap {
    return new StringMap(this, key);
  }
}
