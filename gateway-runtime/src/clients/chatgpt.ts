import { type ClientGuide, restApiOf, type Snippet } from './target.js';

/** Takes nothing over stdio, and no token that was made elsewhere but for Actions. */
export const chatgpt: ClientGuide = {
  title: 'ChatGPT',
  source: 'https://developers.openai.com/api/docs/guides/developer-mode',
  snippets(target) {
    const { url, auth } = target;
    const how = auth === 'oauth' ? 'OAuth' : 'None';
    const app: Snippet = {
      title: 'App, for a gateway on the internet',
      language: 'text',
      text: `Settings > Apps > Advanced settings > Developer mode, then Create app with the URL ${url} and the authentication ${how}`,
    };
    const login = { oauth: 'OAuth', token: 'API key, Bearer', none: 'None' }[auth];
    const place = `${restApiOf(target)}/openapi.json`;
    // ChatGPT fetches the document without a token.
    const document =
      auth === 'none' ? `Import from URL: ${place}` : `what ${place} answers to a request with a token as Schema`;
    const actions: Snippet = {
      title: 'Actions of a GPT',
      language: 'text',
      text: `Configure > Actions, with the authentication ${login} and ${document}. The gateway needs "rest_api": true`,
    };
    return auth === 'token' ? [actions] : [app, actions];
  },
};
