import { InboundAuth, type IOutboundAuth, McpGateway, McpServer, OkeHosting, OutboundAuth } from 'cdktf-oci-mcp';
import { renderedFiles } from '../../helpers/rendered-config';
import { type Block, synth } from '../../helpers/synth';
import { cluster, image } from '../fixtures';

/** A gateway in front of one external server for each way to prove itself. */
const synthAuth = (...ways: readonly (IOutboundAuth | undefined)[]) =>
  synth((stack) => {
    const backends = ways.map((outboundAuth, i) =>
      McpServer.fromEndpoint(stack, `Server${i}`, { url: 'https://docs.example/mcp', outboundAuth }),
    );
    const hosting = new OkeHosting({ cluster: cluster(stack) });
    new McpGateway(stack, 'Gateway', { image, hosting, inboundAuth: InboundAuth.none(), backends });
  });

/** What the first backend is given beyond its name and address. */
function credentialsOf(way?: IOutboundAuth): Block {
  const { name, url, transport, ...credentials } = JSON.parse(renderedFiles(synthAuth(way))['server0.json'] ?? '');
  return credentials;
}

test.each<[string, IOutboundAuth | undefined, Block]>([
  ['nothing is said', undefined, {}],
  ['there is nothing to prove', OutboundAuth.none(), { auth_method: 'none' }],
  [
    'a token is needed',
    OutboundAuth.bearerToken({ name: 'docs', key: 'token' }),
    { auth_method: 'bearer_token', bearer_token_file: '/etc/mcp/secrets/0/token' },
  ],
  [
    'a key is needed',
    OutboundAuth.apiKey({ name: 'docs', key: 'key' }),
    { auth_method: 'api_key', api_key_file: '/etc/mcp/secrets/0/key' },
  ],
  [
    'a key is needed in a header of its own',
    OutboundAuth.apiKey({ name: 'docs', key: 'key' }, 'X-Functions-Key'),
    { auth_method: 'api_key', api_key_file: '/etc/mcp/secrets/0/key', api_key_header: 'X-Functions-Key' },
  ],
])('when %s, the gateway is told so, and where the secret lies', (_, way, credentials) => {
  expect(credentialsOf(way)).toEqual(credentials);
});

test('one secret for several servers is mounted once, several keys of it each in a folder', () => {
  const token = () => OutboundAuth.bearerToken({ name: 'shared', key: 'token' });
  const other = OutboundAuth.bearerToken({ name: 'shared', key: 'other' });
  const { volume } = synthAuth(token(), token(), other).resource('kubernetes_deployment_v1').spec.template.spec;
  const secrets = volume.filter((each: Block) => each['secret']);
  expect(secrets.map((each: Block) => each['secret'].items[0].key)).toEqual(['token', 'other']);
});
