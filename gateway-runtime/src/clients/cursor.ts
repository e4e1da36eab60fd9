import { asCommand, authorization, type ClientGuide, type Snippet, serversFile, tokenVariableOf } from './target.js';

export const cursor: ClientGuide = {
  title: 'Cursor',
  source: 'https://cursor.com/docs/mcp',
  snippets(target) {
    const { name, url, command } = target;
    const server = command
      ? asCommand(command)
      : { url, ...authorization(target, `\${env:${tokenVariableOf(target)}}`) };
    const config = encodeURIComponent(Buffer.from(JSON.stringify(server)).toString('base64'));
    const link: Snippet = {
      title: 'Link',
      language: 'uri',
      text: `cursor://anysphere.cursor-deeplink/mcp/install?name=${encodeURIComponent(name)}&config=${config}`,
    };
    return [serversFile('mcpServers', target, server, '.cursor/mcp.json'), link];
  },
};
