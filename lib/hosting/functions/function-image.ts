import { conditional, Fn, Op, Token } from 'cdktf';
import type { IConstruct } from 'constructs';
import { knownRegionOf } from '../../core/region';
import { registryHostOf } from '../../core/registry-host';
import { describeFault, reportFault } from '../../core/validation';
import type { ImageSource } from '../../mcp/mcp-server-source';

/** The two arguments by which a function names its image. */
export interface FunctionImage {
  /** Name with a tag. */
  readonly image: string;
  /** @default - the service looks up what the tag means whenever the function changes */
  readonly imageDigest?: string;
}

/**
 * Takes the digest out of an image's name: Functions wants it beside the name, and both change together.
 * @see https://registry.terraform.io/providers/oracle/oci/latest/docs/resources/functions_function
 */
export function functionImage({ image, taggedImage }: ImageSource): FunctionImage {
  if (Token.isUnresolved(image)) {
    const parts = Fn.split('@', image);
    const digest = conditional(Op.gt(Fn.lengthOf(parts), 1), Fn.element(parts, 1), Token.nullValue());
    return { image: taggedImage ?? Fn.element(parts, 0), imageDigest: Token.asString(digest) };
  }
  const [name = '', imageDigest] = image.split('@');
  return { image: taggedImage ?? name, imageDigest };
}

/** Reports an image which Functions cannot pull, as far as its name is known. */
export function checkFunctionImage(scope: IConstruct, source: ImageSource): void {
  for (const prop of ['command', 'args'] as const) {
    if (source[prop] === undefined) continue;
    reportFault(scope, {
      prop: 'source',
      got: `${prop} ${JSON.stringify(source[prop])}`,
      allowed: "the image's own entry point: a function has no field for another",
      fix: 'build it into the image',
    });
  }
  const { image } = functionImage(source);
  if (Token.isUnresolved(image)) return;
  const host = registryHostOf(image);
  if (host === undefined) {
    reportFault(scope, {
      prop: 'source',
      got: source.image,
      allowed: "an image in OCI's registry: Functions pulls from no other",
      fix: 'push it to <region key>.ocir.io in the region of the function',
    });
    return;
  }
  if (!/:[\w.-]+$/.test(image)) {
    reportFault(scope, {
      prop: 'source',
      got: source.image,
      allowed: 'an image with a tag, which a digest may follow: "fra.ocir.io/acme/logs-mcp:1.4@sha256:…"',
    });
  }
  // The provider may be made after the function.
  scope.node.addValidation({ validate: () => regionFaults(scope, source.image, host.region) });
}

function regionFaults(scope: IConstruct, image: string, kept: string | undefined): string[] {
  const region = knownRegionOf(scope);
  if (kept === undefined || region === undefined || Token.isUnresolved(region) || kept === region) return [];
  const fault = describeFault({
    prop: 'source',
    got: image,
    allowed: `an image in the registry of ${region}, the region of the function; this one is in ${kept}`,
    fix: 'push it to the registry of that region',
  });
  return [fault];
}
