import { ComplexMap, type IResolvable, StringMap } from 'cdktf';

/**
 * A computed map whose values are maps of strings, such as the tags of each member of a group. cdktf has accessors
 * for maps of lists but none for maps of maps.
 *
 * @example
 * job.inputConfiguration.get(0).configuration.get('language').lookup('code'); // ${….configuration["language"]["code"]}
 */
export class StringMapMap extends ComplexMap {
  /** The inner map under a key of the outer one. */
  get(key: string): StringMap {
    return new StringMap(this, `[${JSON.stringify(key)}]`);
  }

  /** What an inner map asks for is an index into this one, not a name. */
  override interpolationForAttribute(index: string): IResolvable {
    return this.terraformResource.interpolationForAttribute(`${this.terraformAttribute}${index}`);
  }
}
