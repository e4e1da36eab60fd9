import { withoutSecrets } from '../../../gateway-runtime/src/console/hidden.js';

const secret = 'a-secret-that-nobody-may-see';

test('no secret of a configuration is shown, wherever it stands', () => {
  const config = {
    auth: {
      static_tokens: { [secret]: { client_id: 'ops', scopes: ['a'] } },
      introspection: { client_secret: secret, url: `https://user:${secret}@id.example/introspect?key=${secret}` },
      jwt_public_key: 'a public one',
    },
    sealing: { key: secret },
    state: { password: secret, url: `redis://:${secret}@cache:6379` },
    backends: [
      {
        name: 'b',
        bearer_token: secret,
        api_key: secret,
        api_key_header: 'x-api-key',
        args: ['--token', secret],
        env: { API_TOKEN: secret },
        headers: { 'x-key': secret },
        bearer_token_file: '/run/secrets/token',
        client_secret_env: 'CLIENT_SECRET',
      },
    ],
  };
  const shown = withoutSecrets(config);
  expect(JSON.stringify(shown)).not.toContain(secret);
  expect(shown).toMatchObject({
    auth: { static_tokens: [{ client_id: 'ops', scopes: ['a'] }], jwt_public_key: 'a public one' },
    backends: [
      {
        name: 'b',
        api_key_header: 'x-api-key',
        bearer_token_file: '/run/secrets/token',
        client_secret_env: 'CLIENT_SECRET',
        env: { API_TOKEN: '(hidden)' },
      },
    ],
  });
});
