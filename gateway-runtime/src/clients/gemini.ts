import { asCommand, authorization, type ClientGuide, serversFile, tokenVariableOf } from './target.js';

/** Gemini CLI, and the SDK for Python. */
export const gemini: ClientGuide = {
  title: 'Gemini',
  source: 'https://geminicli.com/docs/tools/mcp-server/',
  snippets(target) {
    const { url, command } = target;
    const server = command
      ? asCommand(command)
      : { httpUrl: url, ...authorization(target, `\${${tokenVariableOf(target)}}`) };
    const file = serversFile('mcpServers', target, server, '.gemini/settings.json');
    const cli = { ...file, title: 'Gemini CLI: configuration file' };
    if (command || target.auth === 'oauth') return [cli];
    const headers =
      target.auth === 'token'
        ? `, headers={"Authorization": "Bearer " + os.environ["${tokenVariableOf(target)}"]}`
        : '';
    const lines = [
      'import asyncio',
      ...(headers ? ['import os'] : []),
      '',
      'from google import genai',
      'from mcp import ClientSession',
      'from mcp.client.streamable_http import streamablehttp_client',
      '',
      '',
      'async def main():',
      `    async with streamablehttp_client("${url}"${headers}) as (read, write, _):`,
      '        async with ClientSession(read, write) as session:',
      '            await session.initialize()',
      '            answer = await genai.Client().aio.models.generate_content(',
      '                model="<model>",',
      '                contents="What can you do for me?",',
      '                config=genai.types.GenerateContentConfig(tools=[session]),',
      '            )',
      '            print(answer.text)',
      '',
      '',
      'asyncio.run(main())',
    ];
    return [cli, { title: 'Google Gen AI SDK for Python', language: 'python', text: lines.join('\n') }];
  },
};
