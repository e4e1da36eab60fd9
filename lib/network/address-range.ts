import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { checkPattern } from '../core/validation';
import { Connections, type IConnectable } from './connections';

/**
 * Addresses outside this stack that call something in it: a subnet of load balancers, an office, a peered network.
 *
 * @example
 * gateway.connections.allowFrom(new AddressRange(this, 'Office', '10.20.0.0/16'));
 */
export class AddressRange extends Construct implements IConnectable {
  public readonly connections: Connections;

  /** @param cidrBlock The addresses in CIDR notation, usually of one network. May be a reference. */
  public constructor(scope: Construct, id: string, cidrBlock: string) {
    super(scope, id);
    checkPattern(this, 'cidrBlock', cidrBlock, {
      pattern: /^(\d{1,3}\.){3}\d{1,3}\/([0-9]|[12]\d|3[0-2])$/,
      allowed: 'an IPv4 block such as "10.20.0.0/16"',
    });
    this.connections = new AddressConnections(this, cidrBlock);
  }
}

/** Nothing is opened at this end: other people's rules apply there. */
class AddressConnections extends Connections {
  public constructor(owner: Construct, cidrBlock: string) {
    super({ owner, cidrBlocks: [cidrBlock] });
  }

  protected openIngress(): ITerraformDependable[] {
    return [];
  }

  protected openEgress(): ITerraformDependable[] {
    return [];
  }
}
