import type { IConstruct } from 'constructs';
import type { IConnectable, PodPeer } from '../network/connections';
import type { IInboundAuth } from './inbound-auth';
import type { ServerEndpoint } from './mcp-endpoint';

/** Several equal places of one workload, over which a load balancer can spread calls. */
export interface LoadBalancerTarget {
  /** TCP port that each of them serves. */
  readonly port: number;
  /** Path that answers 200 to `GET` while one of them is healthy. @default - the port only has to accept connections */
  readonly healthPath?: string;
  /** Pods, which a Service of type LoadBalancer selects. @default - `addresses` */
  readonly pods?: PodPeer;
  /** Private addresses in the VCN. @default - `pods` */
  readonly addresses?: readonly string[];
  /** Those places, for the rules that let a load balancer in. @default - the target itself */
  readonly members?: IConnectable;
}

/** What an edge can stand in front of: a gateway, a server, or another edge. */
export interface IEdgeTarget extends IConstruct, IConnectable {
  /** Where it answers inside the network. */
  readonly endpoint: ServerEndpoint;
  /** How its clients prove themselves; an edge checks the same before it lets a call through. @default - not known */
  readonly inboundAuth?: IInboundAuth;
  /** What a load balancer can spread its calls over. @default - it has an address of its own, and no other */
  readonly loadBalancerTarget?: LoadBalancerTarget;
  /** Names below the path of its endpoint at which it serves a part of what it offers. @default - none */
  readonly views?: readonly string[];
  /** Path below which it serves its tools as plain HTTP, such as `/api/v1`. @default - it does not */
  readonly restPath?: string;
  /** Path that answers 200 to `GET` while it is healthy. @default - that of `loadBalancerTarget` */
  readonly healthPath?: string;
  /**
   * Tells it under which URL clients reach it, for what it says about itself.
   * @returns whether it says so; false where a stack behind would have to wait for the one that names the URL
   * @default - it says nothing about itself
   */
  publishAt?(url: string): boolean;
}
