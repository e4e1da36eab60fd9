import type { Settings } from './settings';
import { cipherSuiteName, tlsProtocols } from './settings';

/** The balancer that annotations describe. */
export interface AnnotatedBalancer extends Settings {
  readonly subnetId: string;
  readonly securityGroupId: string;
  readonly port: number;
  readonly privateIp?: string;
  readonly tlsSecretName?: string;
}

/**
 * What tells OKE's cloud controller manager which balancer to make. It makes no security rules: those stand in Terraform.
 * @see https://docs.oracle.com/en-us/iaas/Content/ContEng/Tasks/contengcreatingloadbalancer_topic-Summaryofannotations.htm
 * @see https://github.com/oracle/oci-cloud-controller-manager/blob/master/docs/load-balancer-annotations.md
 */
export function serviceAnnotations(balancer: AnnotatedBalancer): { [name: string]: string } {
  const annotations =
    balancer.type === 'LOAD_BALANCER' ? loadBalancerAnnotations(balancer) : networkLoadBalancerAnnotations(balancer);
  return { 'oci.oraclecloud.com/security-rule-management-mode': 'None', ...annotations };
}

function networkLoadBalancerAnnotations(balancer: AnnotatedBalancer): { [name: string]: string } {
  const own = (name: string) => `oci-network-load-balancer.oraclecloud.com/${name}`;
  return {
    'oci.oraclecloud.com/load-balancer-type': 'nlb',
    [own('internal')]: String(balancer.isPrivate),
    [own('subnet')]: balancer.subnetId,
    [own('oci-network-security-groups')]: balancer.securityGroupId,
    [own('backend-policy')]: balancer.policy,
    [own('is-preserve-source')]: 'false',
    ...(balancer.privateIp === undefined ? {} : { [own('assigned-private-ipv4')]: balancer.privateIp }),
  };
}

function loadBalancerAnnotations(balancer: AnnotatedBalancer): { [name: string]: string } {
  const own = (name: string) => `service.beta.kubernetes.io/oci-load-balancer-${name}`;
  return {
    'oci.oraclecloud.com/load-balancer-type': 'lb',
    [own('internal')]: String(balancer.isPrivate),
    [own('subnet1')]: balancer.subnetId,
    [own('shape')]: 'flexible',
    [own('shape-flex-min')]: String(balancer.bandwidth.minimumMbps),
    [own('shape-flex-max')]: String(balancer.bandwidth.maximumMbps),
    [own('connection-idle-timeout')]: String(balancer.idleTimeoutSeconds),
    'oci.oraclecloud.com/oci-network-security-groups': balancer.securityGroupId,
    'oci.oraclecloud.com/loadbalancer-policy': balancer.policy,
    ...(balancer.tlsSecretName === undefined ? {} : tlsAnnotations(balancer.tlsSecretName, balancer.port)),
  };
}

function tlsAnnotations(tlsSecretName: string, port: number): { [name: string]: string } {
  return {
    'service.beta.kubernetes.io/oci-load-balancer-ssl-ports': String(port),
    'service.beta.kubernetes.io/oci-load-balancer-tls-secret': tlsSecretName,
    'oci.oraclecloud.com/oci-load-balancer-listener-ssl-config': JSON.stringify({
      CipherSuiteName: cipherSuiteName,
      Protocols: tlsProtocols,
    }),
  };
}
