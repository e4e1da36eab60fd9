import { asCommand, type ClientGuide, type ClientTarget, type Snippet, serversFile } from './target.js';

const file = {
  macos: '~/Library/Application Support/Claude/claude_desktop_config.json',
  windows: '%APPDATA%\\Claude\\claude_desktop_config.json',
};

/** Takes servers by URL as connectors in its settings only; its file is for programs. */
export const claudeDesktop: ClientGuide = {
  title: 'Claude Desktop',
  source: 'https://support.claude.com/en/articles/11503834-building-custom-integrations-via-remote-mcp-servers',
  snippets(target) {
    if (target.command) return [serversFile('mcpServers', target, asCommand(target.command), file)];
    const text = `Customize > Connectors > Add custom connector, with the URL ${target.url}`;
    const connector: Snippet = { title: 'Connector, for a gateway on the internet', language: 'text', text };
    return target.auth === 'token' ? [bridge(target)] : [connector, bridge(target)];
  },
};

/** A program between the two. Its argument has no space in it, since Claude on Windows cuts arguments there. */
function bridge(target: ClientTarget): Snippet {
  const isPlain = target.url.startsWith('http://');
  const hasToken = target.auth === 'token';
  const args = ['-y', 'mcp-remote', target.url, ...(isPlain ? ['--allow-http'] : [])];
  const server = {
    command: 'npx',
    args: hasToken ? [...args, '--header', `Authorization:\${AUTH_HEADER}`] : args,
    ...(hasToken && { env: { AUTH_HEADER: 'Bearer <token>' } }),
  };
  return {
    ...serversFile('mcpServers', target, server, file),
    title: 'Configuration file, with mcp-remote in between',
  };
}
