import { Token } from 'cdktf';
import type { Construct } from 'constructs';
import { checkPattern, reportFault } from '../core/validation';

/**
 * Reports a block of addresses that no VCN and no subnet can have.
 * @see https://docs.oracle.com/en-us/iaas/Content/Network/Tasks/Overview_of_VCNs_and_Subnets.htm
 */
export function checkCidrBlock(scope: Construct, prop: string, cidrBlock: string): void {
  checkPattern(scope, prop, cidrBlock, {
    pattern: /^(\d{1,3}\.){3}\d{1,3}\/(1[6-9]|2\d|30)$/,
    allowed: 'an IPv4 block of /16 to /30 such as "10.0.0.0/16"',
  });
}

/** A subnet and what it is called. */
export interface NamedBlock {
  readonly id: string;
  readonly cidrBlock: string;
}

/** Reports a subnet outside its VCN, or over another subnet, as far as their addresses are known at synth. */
export function checkPlace(scope: Construct, subnet: NamedBlock, vcn: string, others: readonly NamedBlock[]): void {
  const [own, whole] = [rangeOf(subnet.cidrBlock), rangeOf(vcn)];
  if (own === undefined) return;
  const prop = `subnet ${subnet.id}`;
  if (whole !== undefined && (own.first < whole.first || own.last > whole.last)) {
    reportFault(scope, { prop, got: subnet.cidrBlock, allowed: `a block inside the VCN's, ${vcn}` });
  }
  for (const other of others) {
    const range = rangeOf(other.cidrBlock);
    if (range === undefined || own.first > range.last || range.first > own.last) continue;
    reportFault(scope, {
      prop,
      got: subnet.cidrBlock,
      allowed: `addresses that no other subnet has, as ${other.id} does with ${other.cidrBlock}`,
    });
  }
}

/** The first and the last address of a block as numbers; undefined for a reference and for what is no block. */
function rangeOf(cidrBlock: string): { readonly first: number; readonly last: number } | undefined {
  const match = Token.isUnresolved(cidrBlock) ? null : /^(\d+)\.(\d+)\.(\d+)\.(\d+)\/(\d+)$/.exec(cidrBlock);
  if (match === null) return undefined;
  const [a = 0, b = 0, c = 0, d = 0, bits = 0] = match.slice(1).map(Number);
  const size = 2 ** (32 - bits);
  const address = a * 2 ** 24 + b * 2 ** 16 + c * 2 ** 8 + d;
  const first = address - (address % size);
  return { first, last: first + size - 1 };
}
