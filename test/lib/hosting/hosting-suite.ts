import { TerraformOutput, TerraformResource, type TerraformStack, TerraformVariable } from 'cdktf';
import {
  IdentityPolicy,
  type IMcpHosting,
  isVaultSecret,
  McpServer,
  type McpServerProps,
  type McpServerSource,
  OkeHosting,
  PolicyVerb,
} from 'cdktf-oci-mcp';
import { faultsOf, type Synthesized, synth } from '../../helpers/synth';
import { cluster, compartmentId, reference, source } from '../fixtures';

/** What differs between hostings. In every stack the server is called "Server". */
export interface HostingCase {
  /** The hosting, with nothing said that has a default. */
  make(stack: TerraformStack): IMcpHosting;
  /** The hosting, with a reference in place of everything that can be one. */
  makeOfReferences(stack: TerraformStack): IMcpHosting;
  /** What the hosting can run. */
  readonly source: McpServerSource;
  /** The port it wants. @default - a server's own default */
  readonly port?: number;
  /** What the hosting cannot run, and the fault it reports. */
  readonly refused: { readonly source: McpServerSource; readonly fault: string };
  /** The endpoint as Terraform sees it, `outboundAuth` as the gateway's configuration does. */
  readonly endpoint: object;
  /** The resource that runs the server, as `<type>`; undefined where there is none. */
  readonly primaryResource?: string;
  /** The statement that lets the server read logs, or why there can be none. */
  readonly grant: { readonly statement: string } | { readonly fault: string };
  /** Ports on which a client is let in once a path is open. */
  readonly opens: readonly number[];
  /** Id of the security group that callers meet. @default "Server_SecurityGroup" */
  readonly entrance?: string;
  /** Environment variables as rendered, one of them a reference; undefined where they stand in the gateway. */
  environmentOf?(stack: Synthesized): object;
}

/** What every hosting does, whatever it is made of. */
export function describeHosting(name: string, hosting: HostingCase): void {
  const server = (stack: TerraformStack, props: Partial<McpServerProps> = {}) =>
    new McpServer(stack, 'Server', {
      source: hosting.source,
      port: hosting.port,
      hosting: hosting.make(stack),
      ...props,
    });
  const client = (stack: TerraformStack) =>
    new McpServer(stack, 'Client', { source, hosting: new OkeHosting({ cluster: cluster(stack) }) });
  const grantRead = (grantee: McpServer) =>
    IdentityPolicy.allow({ grantee, verb: PolicyVerb.READ, resourceType: 'log-content', compartmentId });

  describe(`${name}, as every hosting,`, () => {
    test('returns an endpoint', () => {
      const { json } = synth((stack) => outputEndpoint(stack, server(stack)));
      expect(json['output'].endpoint.value).toEqual(hosting.endpoint);
    });

    if ('statement' in hosting.grant) {
      const { statement } = hosting.grant;

      test('names a principal', () => {
        const stack = synth((scope) => expect(grantRead(server(scope)).statements).toHaveLength(1));
        const statements = stack.resources('oci_identity_policy').flatMap((policy): string[] => policy['statements']);
        expect(statements.filter((each) => each.includes('read log-content'))).toEqual([statement]);
      });
    } else {
      const { fault } = hosting.grant;

      test('fails when something is granted to it, and says whom to grant to', () => {
        expect(faultsOf((stack) => void grantRead(server(stack)))).toEqual([`[stack/Server] ${fault}`]);
      });
    }

    test('lets nobody in until a path is opened, and then on its port only', () => {
      expect(
        openPorts(
          synth((stack) => void server(stack)),
          hosting.entrance,
        ),
      ).toEqual([]);
      const opened = synth((stack) => void server(stack).connections.allowFrom(client(stack)));
      expect(openPorts(opened, hosting.entrance)).toEqual(hosting.opens);
    });

    test.each<[string, (caller: McpServer, called: McpServer) => void]>([
      ['opens a path once when asked twice', (caller, called) => void called.connections.allowFrom(caller)],
      ['grants once when asked twice', (caller) => grantRead(caller).applyBefore(caller)],
      ['permits a call once when asked twice', (caller, called) => called.grantInvoke(caller).applyBefore(caller)],
    ])('%s', (_, act) => {
      const times = (count: number) =>
        synth((stack) => {
          const [caller, called] = [client(stack), server(stack)];
          for (let i = 0; i < count; i++) act(caller, called);
        });
      expect(times(2).json).toEqual(times(1).json);
    });

    test('makes the resource that runs it the default child', () => {
      synth((stack) => {
        const { defaultChild } = server(stack).node;
        const type =
          defaultChild && TerraformResource.isTerraformResource(defaultChild) && defaultChild.terraformResourceType;
        expect(type || undefined).toBe(hosting.primaryResource);
      });
    });

    test('takes references, and lets none of them into an id or a name', () => {
      const stack = synth((scope) => {
        const port = new TerraformVariable(scope, 'port', { type: 'number' }).numberValue;
        const environment = { LOG_GROUP: reference(scope, 'log_group') };
        const called = server(scope, { hosting: hosting.makeOfReferences(scope), port, environment });
        called.connections.allowFrom(client(scope));
        outputEndpoint(scope, called);
      });
      const withoutHashes = JSON.stringify(stack.json).replace(/[0-9a-f]{32}/g, '');
      expect(withoutHashes).not.toMatch(/TOKEN|\de\+?\d\d/);
      const names = stack
        .resources()
        .flatMap((resource) => resource['metadata']?.name ?? resource['display_name'] ?? []);
      expect(names.filter((each) => !/^[a-z0-9-]+$/.test(each))).toEqual([]);
      if (hosting.environmentOf) {
        expect(JSON.stringify(hosting.environmentOf(stack))).toContain('${var.log_group}');
      }
    });

    test('fails when it is to run what it cannot', () => {
      const { source: refused, fault } = hosting.refused;
      expect(faultsOf((stack) => void server(stack, { source: refused }))).toEqual([`[stack/Server] ${fault}`]);
    });
  });
}

function outputEndpoint(stack: TerraformStack, { endpoint }: McpServer): void {
  const auth = 'outboundAuth' in endpoint ? endpoint.outboundAuth : undefined;
  const outboundAuth = auth?.renderConfig({
    signingMethod: 'resource_principal',
    locateSecret: (secret) => (isVaultSecret(secret) ? { secretId: secret.secretId } : { file: secret.key }),
  });
  new TerraformOutput(stack, 'endpoint', { value: outboundAuth ? { ...endpoint, outboundAuth } : endpoint });
}

/** Ports of "Server" that its NetworkPolicy and its security group let anything in on. */
function openPorts({ resources }: Synthesized, entrance = 'Server_SecurityGroup'): number[] {
  const policies = resources('kubernetes_network_policy_v1').filter(({ metadata }) => metadata.name === 'server');
  const rules = resources('oci_core_network_security_group_security_rule').filter(
    ({ direction, network_security_group_id }) =>
      direction === 'INGRESS' && network_security_group_id.includes(`.${entrance}`),
  );
  return [
    ...policies.flatMap(({ spec }) => spec.ingress.flatMap((rule: { ports: { port: string }[] }) => rule.ports)),
    ...rules.map(({ tcp_options }) => ({ port: tcp_options.destination_port_range.min })),
  ].map(({ port }) => Number(port));
}
