import { IdentityDomainApp } from '../auth/identity-domain-app';
import { resolvedText, sameReference } from '../core/references';
import { blocksAt, type SynthesizedApp, type SynthesizedBlock, textAt } from '../core/synthesized-app';
import type { McpGateway } from '../gateway/mcp-gateway';
import { Components } from './components';
import type { AuthenticationEntry, ClientEntry } from './platform-document';
import { distinct, readable, sorted } from './readable';

const application = 'oci_identity_domains_app';

/** The clients that the app makes in identity domains, and the tools that their scopes open. */
export function clientEntries(app: SynthesizedApp): ClientEntry[] {
  const components = new Components(app);
  const clients = app.resources(application).filter(({ arguments: client }) => client['is_oauth_client'] === true);
  return sorted(
    clients.map((client) => {
      const scopes = blocksAt(client.arguments, 'allowed_scopes').flatMap(({ fqs }) =>
        typeof fqs === 'string' ? fqs : [],
      );
      return {
        path: client.construct.node.path.replace(/\/Resource$/, ''),
        grants: distinct([client.arguments['allowed_grants'] ?? []].flat() as string[]),
        scopes: distinct(scopes.map((scope) => readable(app, client.stack, scope))),
        tools: Object.fromEntries(
          components.gateways
            .map((gateway): [string, string[]] => [
              gateway.node.path,
              toolsFor(components.authenticationOf(gateway), namesFor(app, gateway, client, scopes)),
            ])
            .filter(([, tools]) => tools.length > 0)
            .sort(([a], [b]) => (a < b ? -1 : 1)),
        ),
      };
    }),
  );
}

/** Names of the scopes which stand for a gateway's audience: a client asks for both in one word. */
function namesFor(
  app: SynthesizedApp,
  gateway: McpGateway,
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

function toolsFor({ requiredScopes = [], tools = [] }: AuthenticationEntry, names: readonly string[]): string[] {
  if (names.length === 0 || !requiredScopes.every((scope) => names.includes(scope))) return [];
  if (tools.length === 0) return ['*'];
  return tools
    .filter(({ scopes, anyOf }) =>
      anyOf ? scopes.some((scope) => names.includes(scope)) : scopes.every((scope) => names.includes(scope)),
    )
    .map(({ tool }) => tool);
}
