import type { TerraformStack } from 'cdktf';
import { LoadBalancerEdge, type WebAppFirewallOptions } from 'cdktf-oci-mcp';
import { addressOf, faultsOf, synth } from '../../../helpers/synth';
import { compartmentId, containerInstanceServer, network } from '../../fixtures';

const protect = (stack: TerraformStack, waf: WebAppFirewallOptions) =>
  void new LoadBalancerEdge(stack, 'Edge', {
    compartmentId,
    network: network(stack),
    target: containerInstanceServer(stack),
    waf,
  });

test('a firewall stands in front of the load balancer, which then reads HTTP', () => {
  const stack = synth((scope) => protect(scope, {}));
  const policy = stack.resource('oci_waf_web_app_firewall_policy');
  expect(stack.resource('oci_waf_web_app_firewall')).toMatchObject({
    compartment_id: compartmentId,
    display_name: 'stack-edge-firewall',
    backend_type: 'LOAD_BALANCER',
    load_balancer_id: `\${${addressOf(stack, stack.resource('oci_load_balancer_load_balancer'))}.id}`,
    web_app_firewall_policy_id: `\${${addressOf(stack, policy)}.id}`,
  });
  expect(stack.resource('oci_load_balancer_listener').protocol).toBe('HTTP');
});

test('it lets the methods of MCP through, and so many requests of one address', () => {
  const policyOf = (waf: WebAppFirewallOptions) =>
    synth((scope) => protect(scope, waf)).resource('oci_waf_web_app_firewall_policy');
  const policy = policyOf({});
  expect(policy['actions']).toEqual([
    { name: 'allow', type: 'ALLOW' },
    { name: 'no-such-method', type: 'RETURN_HTTP_RESPONSE', code: 405 },
    { name: 'too-many', type: 'RETURN_HTTP_RESPONSE', code: 503, headers: [{ name: 'Retry-After', value: '60' }] },
  ]);
  expect(policy['request_access_control']).toEqual({
    default_action_name: 'allow',
    rules: [
      {
        type: 'ACCESS_CONTROL',
        name: 'methods',
        action_name: 'no-such-method',
        condition_language: 'JMESPATH',
        condition: "!contains(['GET', 'POST', 'DELETE', 'OPTIONS'], http.request.method)",
      },
    ],
  });
  const limitOf = ({ request_rate_limiting }: typeof policy) => request_rate_limiting.rules[0].configurations;
  expect(limitOf(policy)).toEqual([{ period_in_seconds: 60, requests_limit: 600 }]);
  expect(limitOf(policyOf({ requestsPerMinute: 30 }))).toEqual([{ period_in_seconds: 60, requests_limit: 30 }]);
});

test('a policy that exists is used as it is', () => {
  const stack = synth((scope) => protect(scope, { policyId: 'ocid1.webappfirewallpolicy.oc1.example' }));
  expect(stack.resources('oci_waf_web_app_firewall_policy')).toEqual([]);
  expect(stack.resource('oci_waf_web_app_firewall').web_app_firewall_policy_id).toBe(
    'ocid1.webappfirewallpolicy.oc1.example',
  );
});

test.each<[string, WebAppFirewallOptions, string]>([
  ['no requests are let through', { requestsPerMinute: 0 }, 'got 0; allowed: a whole number of at least 1'],
  [
    'a limit stands beside a policy',
    { policyId: 'ocid1.webappfirewallpolicy.oc1.example', requestsPerMinute: 30 },
    'got 30; allowed: no limit beside policyId, whose own rules apply',
  ],
])('fails when %s', (_, waf, fault) => {
  expect(faultsOf((stack) => protect(stack, waf))).toEqual([`[stack/Edge] waf.requestsPerMinute: ${fault}`]);
});
