import { asCommand, type ClientGuide, serversFile } from './target.js';

export const cline: ClientGuide = {
  title: 'Cline',
  source: 'https://docs.cline.bot/mcp/configuring-mcp-servers',
  snippets(target) {
    const { url, command, auth } = target;
    // It knows no variables in headers.
    const headers = auth === 'token' && { headers: { Authorization: 'Bearer <token>' } };
    const server = command ? asCommand(command) : { type: 'streamableHttp', url, ...headers };
    const file = 'cline_mcp_settings.json (MCP Servers > Configure > Configure MCP Servers)';
    return [serversFile('mcpServers', target, { ...server, disabled: false }, file)];
  },
};
