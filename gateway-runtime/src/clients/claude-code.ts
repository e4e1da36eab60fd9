import { asCommand, authorization, type ClientGuide, serversFile, tokenVariableOf } from './target.js';

export const claudeCode: ClientGuide = {
  title: 'Claude Code',
  source: 'https://code.claude.com/docs/en/mcp',
  snippets(target) {
    const { name, url, command } = target;
    const server = command
      ? asCommand(command)
      : { type: 'http', url, ...authorization(target, `\${${tokenVariableOf(target)}}`) };
    const file = serversFile('mcpServers', target, server, '.mcp.json');
    // With a token, the command would write it into a file.
    if (command || target.auth === 'token') return [file];
    const add = `claude mcp add --transport http ${name} ${url}`;
    return [{ title: 'Command', language: 'sh', text: add }, file];
  },
};
