import type { TerraformStack } from 'cdktf';
import { type IInboundAuth, InboundAuth, McpGateway, OkeHosting } from 'cdktf-oci-mcp';
import { renderedConfig, renderedFiles } from '../../helpers/rendered-config';
import { faultsOf, type Synthesized, synth } from '../../helpers/synth';
import { cluster, image, reference } from '../fixtures';

const jwt = { issuer: 'https://id.example/', audiences: ['mcp'], jwksUri: 'https://id.example/jwks' };
const publicKey = '-----BEGIN PUBLIC KEY-----\nMIIB"quoted\\n\n-----END PUBLIC KEY-----\n';

function gateway(stack: TerraformStack, inboundAuth: IInboundAuth): McpGateway {
  return new McpGateway(stack, 'Gateway', { image, inboundAuth, hosting: new OkeHosting({ cluster: cluster(stack) }) });
}

const synthAuth = (make: (stack: TerraformStack) => IInboundAuth) => synth((stack) => void gateway(stack, make(stack)));

/** The `auth` section as it is written. */
const authOf = (stack: Synthesized) => JSON.parse(renderedFiles(stack)['gateway.json'] ?? '').auth;

/** Warnings about who may call. */
const ofAuth = (warnings: readonly string[]) => warnings.filter((warning) => /\binboundAuth: /.test(warning));

describe('tokens of an identity provider', () => {
  test('are checked by key set, issuer and audience', () => {
    const stack = synthAuth(() => InboundAuth.jwt(jwt));
    expect(authOf(stack)).toEqual({
      enabled: true,
      jwt_issuer: ['https://id.example/'],
      jwt_audience: ['mcp'],
      jwt_jwks_uri: 'https://id.example/jwks',
    });
    expect(renderedConfig(stack).auth.jwt_algorithms).toEqual(['RS256']);
    expect(ofAuth(stack.warnings)).toEqual([]);
  });

  test('may be checked by one public key, which reaches the gateway unharmed', () => {
    const auth = InboundAuth.jwt({ ...jwt, jwksUri: undefined, publicKey, algorithms: ['ES256'] });
    expect(authOf(synthAuth(() => auth))).toMatchObject({ jwt_public_key: publicKey, jwt_algorithms: ['ES256'] });
  });

  test('may be limited by scope, and called from browsers that are named', () => {
    const auth = InboundAuth.jwt({
      ...jwt,
      requiredScopes: ['mcp'],
      toolScopes: { logs_delete: ['write:logs'], 'logs_*': { anyOf: ['logs', 'operations'] } },
      corsOrigins: ['https://console.example'],
      resourceUrl: 'https://gateway.example/mcp',
    });
    expect(renderedConfig(synthAuth(() => auth)).auth).toMatchObject({
      required_scopes: ['mcp'],
      tool_scopes: { logs_delete: ['write:logs'], 'logs_*': { any_of: ['logs', 'operations'] } },
      cors_origins: ['https://console.example'],
      resource_url: 'https://gateway.example/mcp',
    });
  });

  test('may have to meet further demands', () => {
    const auth = InboundAuth.jwt({
      ...jwt,
      clockSkewSeconds: 0,
      requiredClaims: { tenant: ['acme', 'globex'] },
      keyCacheHours: 24,
      authorizationServers: ['https://login.example'],
      scopePrefix: 'https://mcp.example/',
    });
    expect(authOf(synthAuth(() => auth))).toMatchObject({
      jwt_clock_skew: 0,
      jwt_claims: { tenant: ['acme', 'globex'] },
      authorization_servers: ['https://login.example'],
      scope_prefix: 'https://mcp.example/',
    });
    expect(auth.keyCacheHours).toBe(24);
  });

  test('may come from an identity domain known only to Terraform', () => {
    const stack = synthAuth((scope) => {
      const domain = reference(scope, 'domain');
      return InboundAuth.jwt({ issuer: domain, audiences: [domain], jwksUri: `${domain}/admin/v1/SigningCert/jwk` });
    });
    const { auth } = renderedConfig(stack, { 'var.domain': 'https://idcs.example' });
    expect(auth.jwt_jwks_uri).toBe('https://idcs.example/admin/v1/SigningCert/jwk');
  });

  test.each<[string, Partial<Parameters<typeof InboundAuth.jwt>[0]>, string]>([
    ['there is no audience', { audiences: [] }, 'auth.jwt_audience: expected an audience or a list of them'],
    ['clocks differ too much', { clockSkewSeconds: 121 }, 'auth.jwt_clock_skew: expected a whole number of seconds'],
    ['a claim has no value', { requiredClaims: { tenant: [] } }, 'auth.jwt_claims.tenant: expected a value'],
    ['there is no issuer', { issuer: [] }, 'auth.jwt_issuer: expected an issuer or a list of them'],
    ['there is no key', { jwksUri: undefined }, 'auth.jwt_issuer: no key verifies JWTs'],
    ['there are two keys', { publicKey }, 'auth.jwt_public_key: only one source of keys can be used'],
    ['keys are fetched without TLS', { jwksUri: 'http://id.example/jwks' }, 'auth.jwt_jwks_uri: expected an https URL'],
    [
      'tokens need no signature',
      { algorithms: ['none'] },
      'auth.jwt_algorithms[0]: "none" would accept unsigned tokens',
    ],
    ['a shared secret signs', { algorithms: ['HS256'] }, 'auth.jwt_algorithms[0]: "HS256" signs with a shared secret'],
  ])('fails when %s', (_, options, fault) => {
    const faults = faultsOf((stack) => void gateway(stack, InboundAuth.jwt({ ...jwt, ...options })));
    expect(faults).toContainEqual(expect.stringContaining(`[stack/Gateway] ${fault}`));
  });
});

describe('fixed tokens', () => {
  const stack = synthAuth(() =>
    InboundAuth.staticTokens({ tokens: { name: 'tokens', key: 'all.json' }, requiredScopes: ['mcp'] }),
  );

  test('are read from a mounted secret, of which only the name is rendered', () => {
    expect(authOf(stack)).toEqual({
      enabled: true,
      required_scopes: ['mcp'],
      static_tokens_file: '/etc/mcp/secrets/0/all.json',
    });
    const { volume, container } = stack.resource('kubernetes_deployment_v1').spec.template.spec;
    expect(volume.at(-1).secret).toEqual({ secret_name: 'tokens', items: [{ key: 'all.json', path: 'all.json' }] });
    expect(container[0].volume_mount.at(-1)).toMatchObject({
      name: volume.at(-1).name,
      mount_path: '/etc/mcp/secrets/0',
      read_only: true,
    });
  });

  test('are read from Vault by the gateway itself, which may read no other secret', () => {
    const secret = { secretId: 'ocid1.vaultsecret.oc1..tokens', compartmentId: 'ocid1.compartment.oc1..vault' };
    const kept = synthAuth(() => InboundAuth.staticTokens({ tokens: secret }));
    expect(authOf(kept)).toEqual({ enabled: true, static_tokens_file: '/etc/mcp/inbound/tokens.json' });
    const { init_container } = kept.resource('kubernetes_deployment_v1').spec.template.spec;
    expect(JSON.stringify(init_container)).toContain(secret.secretId);
    expect(kept.resource('oci_identity_policy').statements).toEqual([
      expect.stringMatching(
        /^Allow any-user to read secret-bundles in compartment id ocid1\.compartment\.oc1\.\.vault where all \{.*target\.secret\.id='ocid1\.vaultsecret\.oc1\.\.tokens'\}$/,
      ),
    ]);
  });

  test('do not make the gateway warn', () => {
    expect(ofAuth(stack.warnings)).toEqual([]);
  });
});

test('a gateway open to everybody is possible, and warns', () => {
  const stack = synthAuth(() => InboundAuth.none());
  expect(authOf(stack)).toEqual({ enabled: false });
  expect(ofAuth(stack.warnings)).toEqual([
    '[stack/Gateway] inboundAuth: everybody who reaches this gateway may call every tool; use InboundAuth.jwt({ issuer, audiences, jwksUri })',
  ]);
});
