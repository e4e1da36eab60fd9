import { authorization, type ClientGuide, type ClientTarget, serversFile, tokenVariableOf } from './target.js';

/** Lists the tools on the command line. */
export const inspector: ClientGuide = {
  title: 'MCP Inspector',
  source: 'https://github.com/modelcontextprotocol/inspector',
  snippets(target) {
    const { url, command } = target;
    const file = serversFile('mcpServers', target, server(target), 'inspector.json');
    if (command) return [file];
    const header = target.auth === 'token' ? ` --header "Authorization: Bearer $${tokenVariableOf(target)}"` : '';
    const list = `npx @modelcontextprotocol/inspector --cli ${url} --transport http${header} --method tools/list`;
    return [{ title: 'Command', language: 'sh', text: list }, file];
  },
};

function server(target: ClientTarget): object {
  if (target.command) return { type: 'stdio', command: target.command[0], args: target.command.slice(1) };
  return { type: 'streamable-http', url: target.url, ...authorization(target, '<token>') };
}
