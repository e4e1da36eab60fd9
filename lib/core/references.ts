import { DefaultTokenResolver, StringConcat, Tokenization } from 'cdktf';
import type { IConstruct } from 'constructs';

/** Whether two strings mean the same to Terraform: CDKTF may mark one and the same reference in two ways. */
export function sameReference(scope: IConstruct, a: string, b: string): boolean {
  return a === b || resolve(scope, a) === resolve(scope, b);
}

function resolve(scope: IConstruct, value: string): unknown {
  const resolver = new DefaultTokenResolver(new StringConcat());
  return Tokenization.resolve(value, { scope, resolver, preparing: false });
}
