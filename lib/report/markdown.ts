import { callableText } from './client-tools';
import { mermaidOf } from './mermaid';
import type { PlatformDocument, RouteEntry, ToolEntry } from './platform-document';

/** The document for people: a picture, and a table for each list. */
export function markdownOf(document: PlatformDocument): string {
  const { calls, clients, dynamicGroups, edges, gateways, paths, secrets, servers, statements, suppressions } =
    document;
  const sections = [
    '# MCP platform',
    'Written by `PlatformReport.write` at synth. Do not edit.',
    ['```mermaid', mermaidOf(document), '```'].join('\n'),
    table(
      'Edges',
      ['Edge', 'Kind', 'URL', 'Reach', 'Authentication', 'Leads to', 'Routes'],
      edges.map((edge) => [
        edge.path,
        edge.kind,
        edge.url ?? '',
        edge.public === undefined ? 'not made here' : edge.public ? 'internet' : 'private',
        edge.authentication,
        edge.leadsTo.join(', '),
        edge.routes.map((route) => routeText(route)).join('; '),
      ]),
    ),
    table(
      'Gateways',
      ['Gateway', 'URL', 'Host', 'Clients prove themselves by', 'Tools'],
      gateways.map((gateway) => [
        gateway.path,
        gateway.url,
        gateway.host?.type ?? '',
        authenticationText(gateway.authentication),
        toolsText(gateway.authentication),
      ]),
    ),
    table(
      'Servers',
      ['Server', 'Name', 'Host', 'Transport', 'URL', 'Purpose'],
      servers.map((server) => [
        server.path,
        server.name,
        server.host?.type ?? (server.url === undefined ? 'child process of its gateway' : 'not run here'),
        server.transport,
        server.url ?? '',
        server.description ?? '',
      ]),
    ),
    table(
      'Who may call what',
      ['Caller', 'Called', 'Tools', 'Encrypted'],
      [
        ...clients.flatMap(({ path, tools, except = {} }) =>
          Object.entries(tools).map(([to, names]) => [path, to, callableText(names, except[to]), '']),
        ),
        ...calls.map(({ from, to, tools, encrypted }) => [from, to, tools.join(', '), yesNo(encrypted)]),
      ],
    ),
    table(
      'Open network paths',
      ['From', 'To', 'Port', 'Encrypted'],
      paths.map(({ from, to, port, encrypted }) => [from, to, port, yesNo(encrypted)]),
    ),
    table(
      'Policy statements',
      ['Statement', 'Policy', 'Acts', 'Asked for by'],
      statements.map((entry) => [entry.statement, entry.policy, entry.grantees.join(', '), entry.askedBy.join(', ')]),
    ),
    table(
      'Dynamic groups',
      ['Group', 'Matching rule'],
      dynamicGroups.map(({ path, matchingRule }) => [path, matchingRule]),
    ),
    table(
      'Secrets',
      ['Secret', 'Kept in', 'Used by'],
      secrets.map(({ secret, kind, usedBy }) => [secret, kind, usedBy.join(', ')]),
    ),
    table(
      'Suppressed findings',
      ['Rule', 'Construct', 'Reason'],
      suppressions.map(({ rule, path, reason }) => [rule, path, reason]),
    ),
  ];
  return `${sections.join('\n\n')}\n`;
}

function table(title: string, head: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return `## ${title}\n\nNone.`;
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const body = rows.map((cells) => line(cells.map(escaped)));
  return [`## ${title}`, '', line(head), line(head.map(() => '---')), ...body].join('\n');
}

/** @see https://spec.commonmark.org/0.31.2/#backslash-escapes */
function escaped(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/[\\`*_[\]<>|~#&$]/g, (sign) => `\\${sign}`);
}

function routeText({ route, backend, anonymous, scopes = [], encrypted }: RouteEntry): string {
  const details = [
    anonymous ? 'everybody' : scopes.length > 0 ? `scope ${scopes.join(' or ')}` : 'with credentials',
    ...(backend === undefined ? [] : [`to ${backend}`]),
    ...(encrypted === undefined ? [] : [encrypted ? 'encrypted' : 'not encrypted']),
  ];
  return `${route} (${details.join(', ')})`;
}

function authenticationText({
  method,
  issuers = [],
  audiences = [],
  requiredScopes = [],
}: PlatformDocument['gateways'][number]['authentication']): string {
  const parts = [
    method,
    ...(issuers.length > 0 ? [`issuer ${issuers.join(' or ')}`] : []),
    ...(audiences.length > 0 ? [`audience ${audiences.join(' or ')}`] : []),
    ...(requiredScopes.length > 0 ? [`scope ${requiredScopes.join(' and ')}`] : []),
  ];
  return parts.join('; ');
}

function toolsText({ tools }: PlatformDocument['gateways'][number]['authentication']): string {
  if (tools === undefined) return 'all';
  return tools.map(toolText).join('; ');
}

function toolText({ tool, scopes, anyOf, access, claims = [] }: ToolEntry): string {
  const kind = access && (access === 'read' ? ' (reading)' : ' (writing)');
  const needed = [...scopes, ...claims.map((claim) => `the claim ${claim}`)];
  return `${tool}${kind ?? ''}: ${needed.join(anyOf ? ' or ' : ' and ')}`;
}

function yesNo(value: boolean | undefined): string {
  return value === undefined ? '' : value ? 'yes' : 'no';
}
