import { DefaultTokenResolver, type IResolvable, StringConcat, type TerraformStack, Tokenization } from 'cdktf';
import type { IConstruct } from 'constructs';

/**
 * Whether two strings mean the same to Terraform: CDKTF may mark one and the same reference in two ways, and gives blocks of
 * different stacks the same name.
 */
export function sameReference(scope: IConstruct, a: string, b: string): boolean {
  return a === b || resolve(scope, a) === resolve(scope, b);
}

/** A text as it stands in the synthesized file, for looking at it before that is written. */
export function resolvedText(scope: IConstruct, value: string): string {
  const resolver = new DefaultTokenResolver(new StringConcat());
  return Tokenization.resolve(value, { scope, resolver, preparing: false });
}

function resolve(scope: IConstruct, value: string): unknown {
  return Tokenization.resolve(value, { scope, resolver: new StackResolver(new StringConcat()), preparing: false });
}

/** Puts the stack in front of every reference. Asking CDKTF itself for that would make an output of the other stack. */
class StackResolver extends DefaultTokenResolver {
  public override resolveToken(...[token, context, postProcessor]: ResolveArguments): unknown {
    const resolved = super.resolveToken(token, context, postProcessor);
    const { originStack } = token as IResolvable & { readonly originStack?: TerraformStack };
    return originStack === undefined ? resolved : `${originStack.node.path}:${resolved}`;
  }
}

type ResolveArguments = Parameters<DefaultTokenResolver['resolveToken']>;
