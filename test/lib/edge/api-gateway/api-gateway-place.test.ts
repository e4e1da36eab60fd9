import type { TerraformStack } from 'cdktf';
import { AddressRange, type IPrivateNetwork, PrivateNetwork } from 'cdktf-oci-mcp';
import { renderedConfig } from '../../../helpers/rendered-config';
import { addressOf, synth } from '../../../helpers/synth';
import { compartmentId } from '../../fixtures';
import { edge, edgeFaults, ruleBlocks, rules, synthEdge } from './fixtures';

describe('an API Gateway made for one target', () => {
  test('is private and lets nobody in', () => {
    const stack = synthEdge();
    expect(stack.resource('oci_apigateway_gateway')).toEqual({
      compartment_id: compartmentId,
      display_name: 'stack-edge',
      endpoint_type: 'PRIVATE',
      network_security_group_ids: [
        `\${${addressOf(stack, stack.resource('oci_core_network_security_group', 'Edge_SecurityGroup'))}.id}`,
      ],
      subnet_id: 'ocid1.subnet.oc1.eu-frankfurt-1.example',
    });
    expect(rules(stack)).toEqual(['TCP 9000 to gateway-security-group', 'TCP 443 to internet']);
    expect(rules(stack, /Gateway_SecurityGroup/)).toContain('TCP 9000 from edge-security-group');
    expect(stack.warnings).toEqual([]);
  });

  test('waits for the paths to its target and to the keys', () => {
    const stack = synthEdge();
    const paths = [...ruleBlocks(stack, /Edge_/), ...ruleBlocks(stack, /Gateway_/).slice(0, 1)].map((rule) =>
      addressOf(stack, rule),
    );
    expect(stack.resource('oci_apigateway_deployment')['depends_on'].sort()).toEqual(paths.sort());
  });

  test('lets in whom it is told to', () => {
    const stack = synth((scope) => {
      const clients = [new AddressRange(scope, 'Office', '10.20.0.0/16')];
      edge(scope, { clients }).connections.allowFrom(new AddressRange(scope, 'Agents', '10.30.0.0/16'));
    });
    expect(rules(stack)).toEqual(expect.arrayContaining(['TCP 443 from office', 'TCP 443 from agents']));
  });

  const withPublicSubnet = (scope: TerraformStack): IPrivateNetwork =>
    new PrivateNetwork(scope, 'Wide', { compartmentId, publicSubnetCidrBlock: '10.0.30.0/24' });

  test('is open to the internet when that is said', () => {
    const stack = synth((scope) => void edge(scope, { endpoint: 'PUBLIC', network: withPublicSubnet(scope) }));
    expect(stack.resource('oci_apigateway_gateway')).toMatchObject({
      endpoint_type: 'PUBLIC',
      subnet_id: expect.stringContaining('oci_core_subnet.Wide_Public'),
    });
    expect(rules(stack)).toContain('TCP 443 from edge-internet');
  });

  test('is open to some of the internet when that is said', () => {
    const stack = synth((scope) => {
      const clients = [new AddressRange(scope, 'Partner', '192.0.2.0/24')];
      edge(scope, { endpoint: 'PUBLIC', network: withPublicSubnet(scope), clients });
    });
    expect(rules(stack)).toContain('TCP 443 from partner');
    expect(rules(stack)).not.toContain('TCP 443 from edge-internet');
  });

  test('needs a network, and a public subnet to be public', () => {
    expect(edgeFaults({ network: undefined })).toEqual([
      '[stack/Edge] network: got undefined; allowed: the network of an API Gateway made here, or apiGateway',
    ]);
    expect(edgeFaults({ endpoint: 'PUBLIC' })).toEqual([
      '[stack/Edge] endpoint: got "PUBLIC"; allowed: PRIVATE in a network without a public subnet; fix: give the network publicSubnetCidrBlock, or publicSubnetId where it is imported',
    ]);
  });

  test('has a name and a certificate of its own, by which the gateway goes too', () => {
    const domain = { hostname: 'mcp.example.com', certificateId: 'ocid1.certificate.oc1..mcp' };
    const stack = synth((scope) => {
      const { url, endpoint } = edge(scope, { domain });
      expect([url, endpoint]).toEqual([
        'https://mcp.example.com/mcp',
        { transport: 'streamable_http', url: 'https://mcp.example.com/mcp', jsonOnly: undefined },
      ]);
    });
    expect(stack.resource('oci_apigateway_gateway')['certificate_id']).toBe('ocid1.certificate.oc1..mcp');
    expect(renderedConfig(stack).auth.resource_url).toBe('https://mcp.example.com/mcp');
    expect(edgeFaults({ domain: { ...domain, hostname: 'https://mcp.example.com' } })).toEqual([
      '[stack/Edge] domain.hostname: got "https://mcp.example.com"; allowed: a host name without scheme and path: "mcp.example.com"',
    ]);
  });
});
