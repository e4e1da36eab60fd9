import { gatewayToolNames } from 'oci-mcp-gateway/config';
import { IdentityDomainApp } from '../auth/identity-domain-app';
import { resolvedText, sameReference } from '../core/references';
import { blocksAt, type SynthesizedApp, type SynthesizedBlock, textAt } from '../core/synthesized-app';
import type { IMcpGateway } from '../gateway/mcp-gateway';
import { type ClientTools, toolsOf } from './client-tools';
import { Components } from './components';
import type { AuthenticationEntry, ClientEntry, ToolEntry } from './platform-document';
import { distinct, readable, sorted } from './readable';

const application = 'oci_identity_domains_app';

/** Without rules, every tool is open to whoever has what every token must have. */
const everything: readonly ToolEntry[] = [{ tool: '*', scopes: [], anyOf: false }];

/** The clients that the app makes in identity domains, and the tools that their scopes open. */
export function clientEntries(app: SynthesizedApp): ClientEntry[] {
  const components = new Components(app);
  const clients = app.resources(application).filter(({ arguments: client }) => client['is_oauth_client'] === true);
  return sorted(
    clients.map((client) => {
      const scopes = blocksAt(client.arguments, 'allowed_scopes').flatMap(({ fqs }) =>
        typeof fqs === 'string' ? fqs : [],
      );
      const callable = components.gateways.map((gateway): [string, ClientTools] => [
        gateway.node.path,
        toolsFor(gateway, components.authenticationOf(gateway), namesFor(app, gateway, client, scopes)),
      ]);
      return {
        path: client.construct.node.path.replace(/\/Resource$/, ''),
        grants: distinct([client.arguments['allowed_grants'] ?? []].flat() as string[]),
        scopes: distinct(scopes.map((scope) => readable(app, client.stack, scope))),
        tools: byGateway(callable, ({ tools }) => tools),
        ...(callable.some(([, { except }]) => except.length > 0) && {
          except: byGateway(callable, ({ except }) => except),
        }),
      };
    }),
  );
}

/** Names of the scopes which stand for a gateway's audience: a client asks for both in one word. */
function namesFor(
  app: SynthesizedApp,
  gateway: IMcpGateway,
  { stack, construct }: SynthesizedBlock,
  scopes: readonly string[],
): string[] {
  const domain = gateway.inboundAuth.oauthResource?.authorizationServer;
  const { scope: client } = construct.node;
  if (domain !== undefined && client instanceof IdentityDomainApp) {
    if (!sameReference(gateway, domain, client.authorizationServer)) return [];
  }
  const { jwt_audience: audience } = gateway.inboundAuth.renderConfig(() => '');
  const audiences = [audience ?? []].flat().map((each) => resolvedText(gateway, each));
  return scopes.flatMap((scope) => {
    const resource = app.referencesOf(stack, scope).find(({ type }) => type === application);
    const owner = resource && textAt(resource.arguments, 'audience');
    const known = owner === undefined ? scope : scope.replace(/^\$\{[^}]*\}/, owner);
    return audiences.filter((each) => known.startsWith(each)).map((each) => known.slice(each.length));
  });
}

function toolsFor(
  { gatewayToolScopes }: IMcpGateway,
  { requiredScopes = [], tools = everything }: AuthenticationEntry,
  names: readonly string[],
): ClientTools {
  if (names.length === 0 || !requiredScopes.every((scope) => names.includes(scope))) return { tools: [], except: [] };
  const own = gatewayToolScopes
    ? gatewayToolNames.map((tool) => ({ tool, scopes: gatewayToolScopes, anyOf: false }))
    : [];
  return toolsOf([...tools, ...own], names);
}

function byGateway(
  callable: readonly [string, ClientTools][],
  choose: (tools: ClientTools) => readonly string[],
): { [gateway: string]: readonly string[] } {
  const chosen = callable.map(([gateway, tools]): [string, readonly string[]] => [gateway, choose(tools)]);
  return Object.fromEntries(chosen.filter(([, tools]) => tools.length > 0).sort(([a], [b]) => (a < b ? -1 : 1)));
}
