import { asCommand, authorization, type ClientGuide, type Snippet, serversFile } from './target.js';

export const vscode: ClientGuide = {
  title: 'VS Code',
  source: 'https://code.visualstudio.com/docs/copilot/reference/mcp-configuration',
  snippets(target) {
    const { name, url, command, auth } = target;
    const server = command
      ? { type: 'stdio', ...asCommand(command) }
      : { type: 'http', url, ...authorization(target, `\${input:${inputId}}`) };
    const asks = !command && auth === 'token';
    const file = serversFile('servers', target, server, '.vscode/mcp.json', asks ? { inputs: [input] } : {});
    if (asks) return [file];
    const config = JSON.stringify({ name, ...server });
    const link: Snippet = {
      title: 'Link',
      language: 'uri',
      text: `vscode:mcp/install?${encodeURIComponent(config)}`,
    };
    return [file, link];
  },
};

const inputId = 'mcp-gateway-token';

/** VS Code asks once, and keeps the token where it keeps secrets. */
const input = { type: 'promptString', id: inputId, description: 'Token of the MCP gateway', password: true };
