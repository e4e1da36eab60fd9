import { WafWebAppFirewall } from '@cdktf/provider-oci/lib/waf-web-app-firewall';
import { WafWebAppFirewallPolicy } from '@cdktf/provider-oci/lib/waf-web-app-firewall-policy';
import { Construct } from 'constructs';
import { qualifiedNameOf } from '../../core/names';
import type { WebAppFirewallOptions } from './load-balancer-props';

/** What MCP over HTTP uses; OPTIONS is what browsers ask first. */
const methods = ['GET', 'POST', 'DELETE', 'OPTIONS'];

interface WebAppFirewallProps extends WebAppFirewallOptions {
  readonly compartmentId: string;
  readonly loadBalancerId: string;
}

/**
 * A web application firewall of one load balancer. The policy made here inspects no bodies: what tools are called with is
 * code, queries and markup, which rules against injection take for attacks.
 * @see https://docs.oracle.com/en-us/iaas/Content/WAF/Concepts/overview.htm
 */
export class WebAppFirewall extends Construct {
  public readonly firewallId: string;

  public constructor(scope: Construct, id: string, props: WebAppFirewallProps) {
    super(scope, id);
    const { compartmentId, loadBalancerId } = props;
    const displayName = qualifiedNameOf(this, 255);
    const firewall = new WafWebAppFirewall(this, 'Resource', {
      compartmentId,
      displayName,
      backendType: 'LOAD_BALANCER',
      loadBalancerId,
      webAppFirewallPolicyId: props.policyId ?? this.policy(compartmentId, displayName, props.requestsPerMinute ?? 600),
    });
    this.node.defaultChild = firewall;
    this.firewallId = firewall.id;
  }

  /** @see https://docs.oracle.com/en-us/iaas/Content/WAF/Concepts/understanding_conditions.htm */
  private policy(compartmentId: string, displayName: string, requestsPerMinute: number): string {
    return new WafWebAppFirewallPolicy(this, 'Policy', {
      compartmentId,
      displayName,
      actions: [
        { name: 'allow', type: 'ALLOW' },
        { name: 'no-such-method', type: 'RETURN_HTTP_RESPONSE', code: 405 },
        // The service has no 429 to answer with.
        { name: 'too-many', type: 'RETURN_HTTP_RESPONSE', code: 503, headers: [{ name: 'Retry-After', value: '60' }] },
      ],
      requestAccessControl: {
        defaultActionName: 'allow',
        rules: [
          {
            type: 'ACCESS_CONTROL',
            name: 'methods',
            actionName: 'no-such-method',
            conditionLanguage: 'JMESPATH',
            condition: `!contains([${methods.map((method) => `'${method}'`).join(', ')}], http.request.method)`,
          },
        ],
      },
      requestRateLimiting: {
        rules: [
          {
            type: 'REQUEST_RATE_LIMITING',
            name: 'requests-per-minute',
            actionName: 'too-many',
            configurations: [{ periodInSeconds: 60, requestsLimit: requestsPerMinute }],
          },
        ],
      },
    }).id;
  }
}
