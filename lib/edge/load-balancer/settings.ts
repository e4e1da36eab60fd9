import type { LoadBalancerEdgeProps, LoadBalancerType } from './load-balancer-props';

/** @see https://docs.oracle.com/en-us/iaas/Content/Balance/Tasks/managingciphersuites_topic-Predefined_Cipher_Suites.htm */
export const cipherSuiteName = 'oci-default-http2-tls-12-13-ssl-cipher-suite-v1';
export const tlsProtocols: readonly string[] = ['TLSv1.2', 'TLSv1.3'];

/** The options that only a load balancer has. */
export const loadBalancerOptions = [
  'certificateId',
  'tlsSecretName',
  'waf',
  'bandwidth',
  'idleTimeoutSeconds',
] as const satisfies readonly (keyof LoadBalancerEdgeProps)[];

export interface Bandwidth {
  readonly minimumMbps: number;
  readonly maximumMbps: number;
}

/** Everything an edge has decided, asked or not. */
export interface Settings {
  readonly type: LoadBalancerType;
  readonly isPrivate: boolean;
  readonly hasTls: boolean;
  readonly policy: string;
  readonly idleTimeoutSeconds: number;
  readonly bandwidth: Bandwidth;
}

export function settingsOf(props: LoadBalancerEdgeProps): Settings {
  const isPrivate = props.endpoint !== 'PUBLIC';
  const asksForMore = !isPrivate || loadBalancerOptions.some((option) => props[option] !== undefined);
  const type = props.type ?? (asksForMore ? 'LOAD_BALANCER' : 'NETWORK_LOAD_BALANCER');
  const { minimumMbps = 10, maximumMbps = Math.max(100, minimumMbps) } = props.bandwidth ?? {};
  return {
    type,
    isPrivate,
    hasTls: props.certificateId !== undefined || props.tlsSecretName !== undefined,
    policy: props.policy ?? (type === 'LOAD_BALANCER' ? 'IP_HASH' : 'TWO_TUPLE'),
    idleTimeoutSeconds: props.idleTimeoutSeconds ?? 3600,
    bandwidth: { minimumMbps, maximumMbps },
  };
}
