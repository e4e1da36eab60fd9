import { type ClientGuide, tokenVariableOf } from './target.js';

/** OpenAI's servers call the gateway themselves, so it has to be on the internet. They do not log in for anybody. */
export const openai: ClientGuide = {
  title: 'OpenAI API',
  source: 'https://developers.openai.com/api/docs/guides/tools-remote-mcp',
  snippets(target) {
    const { name, url, auth } = target;
    const needsToken = auth !== 'none';
    const lines = [
      ...(needsToken ? ['import os', ''] : []),
      'from openai import OpenAI',
      '',
      'answer = OpenAI().responses.create(',
      '    model="<model>",',
      '    input="What can you do for me?",',
      '    tools=[',
      '        {',
      '            "type": "mcp",',
      `            "server_label": "${name}",`,
      `            "server_url": "${url}",`,
      ...(needsToken ? [`            "authorization": os.environ["${tokenVariableOf(target)}"],`] : []),
      '            "require_approval": "always",',
      '        }',
      '    ],',
      ')',
      'print(answer.output_text)',
    ];
    return [{ title: 'Responses API', language: 'python', text: lines.join('\n') }];
  },
};
