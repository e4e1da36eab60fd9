import { IdentityDomain, IdentityDomainApp, type IInboundAuth, InboundAuth, type JwtAuthOptions } from 'cdktf-oci-mcp';
import { renderedConfig } from '../../../helpers/rendered-config';
import { type Block, synth } from '../../../helpers/synth';
import { deploymentOf, edge, edgeFaults, gateway, jwt, pem, routeOf, rules, synthEdge } from './fixtures';

describe('authentication', () => {
  const challenge = {
    type: 'MODIFY_RESPONSE',
    response_code: '401',
    response_header_transformations: {
      set_headers: {
        items: [
          {
            if_exists: 'OVERWRITE',
            name: 'WWW-Authenticate',
            values: [
              'Bearer resource_metadata="https://${oci_apigateway_gateway.Edge_Gateway_99F586E5.hostname}/.well-known/oauth-protected-resource/mcp"',
            ],
          },
        ],
      },
    },
  };

  test('checks what the gateway checks', () => {
    expect(deploymentOf(synthEdge())['request_policies'].authentication).toEqual({
      type: 'TOKEN_AUTHENTICATION',
      token_header: 'Authorization',
      token_auth_scheme: 'Bearer',
      is_anonymous_access_allowed: true,
      max_clock_skew_in_seconds: 30,
      validation_policy: {
        type: 'REMOTE_JWKS',
        uri: 'https://idcs.example/admin/v1/SigningCert/jwk',
        is_ssl_verify_disabled: false,
        max_cache_duration_in_hours: 1,
        additional_validation_policy: { issuers: ['https://identity.oraclecloud.com/'], audiences: ['mcp'] },
      },
      validation_failure_policy: challenge,
    });
  });

  test('knows what was granted at the gateway, whoever says how clients prove themselves', () => {
    const build = (again: boolean) =>
      synth((stack) => {
        const domain = IdentityDomain.fromUrl(stack, 'Domain', 'https://idcs-0f3a.identity.oraclecloud.com');
        const api = new IdentityDomainApp(stack, 'Api', { domain, resource: { audience: 'https://mcp.example/' } });
        const client = new IdentityDomainApp(stack, 'Client', { domain, client: { grants: ['client_credentials'] } });
        const inboundAuth = InboundAuth.identityDomain(api);
        const target = gateway(stack, inboundAuth);
        target.grantInvoke(client, { tools: ['logs_*'] });
        edge(stack, { target, ...(again && { inboundAuth }) });
      });
    const [said, unsaid] = [build(true), build(false)];
    expect(routeOf(said, '/mcp').request_policies.authorization).toEqual({
      type: 'ANY_OF',
      allowed_scope: ['tools:logs_'],
    });
    expect(said.json).toEqual(unsaid.json);
  });

  test('checks further claims with the same patience', () => {
    const inboundAuth = jwt({
      clockSkewSeconds: 120,
      keyCacheHours: 24,
      requiredClaims: { tenant: ['acme', 'umbrella'] },
    });
    expect(deploymentOf(synthEdge({}, inboundAuth))['request_policies'].authentication).toMatchObject({
      max_clock_skew_in_seconds: 120,
      validation_policy: {
        max_cache_duration_in_hours: 24,
        additional_validation_policy: {
          verify_claims: [{ key: 'tenant', values: ['acme', 'umbrella'], is_required: true }],
        },
      },
    });
  });

  test('goes out to the port where keys are published', () => {
    const stack = synthEdge({}, jwt({ jwksUri: 'https://id.example:8443/jwks' }));
    expect(rules(stack)).toEqual(['TCP 9000 to gateway-security-group', 'TCP 8443 to internet']);
  });

  test('takes the older policy, whose 401 stays as it is', () => {
    const stack = synthEdge({ authentication: 'JWT_AUTHENTICATION' });
    expect(deploymentOf(stack)['request_policies'].authentication).toEqual({
      type: 'JWT_AUTHENTICATION',
      token_header: 'Authorization',
      token_auth_scheme: 'Bearer',
      is_anonymous_access_allowed: true,
      max_clock_skew_in_seconds: 30,
      issuers: ['https://identity.oraclecloud.com/'],
      audiences: ['mcp'],
      public_keys: {
        type: 'REMOTE_JWKS',
        uri: 'https://idcs.example/admin/v1/SigningCert/jwk',
        is_ssl_verify_disabled: false,
        max_cache_duration_in_hours: 1,
      },
    });
  });

  test.each(['TOKEN_AUTHENTICATION', 'JWT_AUTHENTICATION'] as const)('takes one key for %s', (authentication) => {
    const publicKey = pem('rsa');
    const stack = synthEdge({ authentication, publicKeyId: 'k1' }, jwt({ jwksUri: undefined, publicKey }));
    const policy = deploymentOf(stack)['request_policies'].authentication;
    const keys = { type: 'STATIC_KEYS', keys: [{ format: 'PEM', kid: 'k1', key: publicKey }] };
    expect(policy.validation_policy ?? policy.public_keys).toMatchObject(keys);
    expect(rules(stack)).not.toContain('TCP 443 to internet');
  });

  test('asks for the scopes that get something out of the gateway, whenever they were added', () => {
    let scopes: string[] = [];
    const inboundAuth: IInboundAuth = {
      anonymous: false,
      renderConfig: () => ({ ...jwt().renderConfig(() => ''), tool_scopes: { 'logs_*': scopes } }),
    };
    const stack = synth((scope) => {
      edge(scope, {}, inboundAuth);
      scopes = ['logs:read', 'logs:write'];
    });
    expect(routeOf(stack, '/mcp')['request_policies'].authorization).toEqual({
      type: 'ANY_OF',
      allowed_scope: ['logs:read', 'logs:write'],
    });
    const header = deploymentOf(stack)['request_policies'].authentication.validation_failure_policy;
    expect(header.response_header_transformations.set_headers.items[0].values[0]).toMatch(
      /^Bearer scope="logs:read logs:write", resource_metadata="/,
    );
  });

  test('lets required scopes speak for themselves', () => {
    const stack = synthEdge({}, jwt({ requiredScopes: ['mcp:use'], toolScopes: { logs_delete: ['write'] } }));
    expect(routeOf(stack, '/mcp')['request_policies'].authorization).toEqual({
      type: 'ANY_OF',
      allowed_scope: ['mcp:use'],
    });
  });

  test('names the URL which the inbound auth names', () => {
    const stack = synthEdge({}, jwt({ resourceUrl: 'https://cdn.example/agents/mcp/' }));
    const header = deploymentOf(stack)['request_policies'].authentication.validation_failure_policy;
    expect(header.response_header_transformations.set_headers.items[0].values).toEqual([
      'Bearer resource_metadata="https://cdn.example/.well-known/oauth-protected-resource/agents/mcp/"'.replace(
        'mcp/"',
        'mcp"',
      ),
    ]);
    expect(renderedConfig(stack).auth.resource_url).toBe('https://cdn.example/agents/mcp/');
  });

  /** As `InboundAuth.staticTokens`, in a file which is there already. */
  const fixed: IInboundAuth = {
    anonymous: false,
    renderConfig: () => ({ enabled: true, static_tokens_file: '/run/tokens.json', required_scopes: ['mcp:use'] }),
  };

  test('leaves fixed tokens to the gateway when that is said', () => {
    const stack = synthEdge({ authentication: 'NONE' }, fixed);
    expect(deploymentOf(stack)['request_policies']).toBeUndefined();
    expect(routeOf(stack, '/mcp')['request_policies']).toBeUndefined();
    expect(stack.warnings).toEqual([]);
    expect(edgeFaults({}, fixed)).toEqual([
      '[stack/Edge] authentication: got "fixed tokens, of which an API Gateway knows nothing"; allowed: signed tokens, or "NONE", with which the target alone checks them',
    ]);
  });

  test('is left out where nobody has to prove anything, with a warning of gateway and edge', () => {
    const stack = synthEdge({}, InboundAuth.none());
    expect(deploymentOf(stack)['routes'].map(({ path }: Block) => path)).toEqual(['/mcp', '/health']);
    expect(deploymentOf(stack)['request_policies']).toBeUndefined();
    expect(stack.warnings.map((warning) => warning.split(';')[0])).toEqual([
      '[stack/Gateway] inboundAuth: everybody who reaches this gateway may call every tool',
      '[stack/Edge] inboundAuth: everybody who reaches this edge may call the target',
    ]);
  });

  const values = (count: number) => Array.from({ length: count }, (_, i) => `https://issuer-${i}.example/`);
  const claims = (count: number) => Object.fromEntries(values(count).map((claim) => [claim, ['a']]));

  test('takes five issuers, five audiences and ten claims', () => {
    const inboundAuth = jwt({ issuer: values(5), audiences: values(5), requiredClaims: claims(10) });
    const { validation_policy } = deploymentOf(synthEdge({}, inboundAuth))['request_policies'].authentication;
    expect(validation_policy.additional_validation_policy.verify_claims).toHaveLength(10);
  });

  test.each<[string, Partial<JwtAuthOptions>, string]>([
    ['six issuers', { issuer: values(6) }, `got ${JSON.stringify(values(6))}; allowed: at most 5 values of jwt_issuer`],
    [
      'six audiences',
      { audiences: values(6) },
      `got ${JSON.stringify(values(6))}; allowed: at most 5 values of jwt_audience`,
    ],
    ['an issuer without a name', { issuer: '' }, 'got undefined; allowed: at least one value of jwt_issuer'],
    [
      'keys that anybody on the way can replace',
      { jwksUri: 'http://idcs.example/jwk' },
      'got "http://idcs.example/jwk"; allowed: a jwksUri with https: whoever answers in between would say whose tokens count',
    ],
    ['no issuer', { issuer: [] }, 'got undefined; allowed: at least one value of jwt_issuer'],
    [
      'eleven claims',
      { requiredClaims: claims(11) },
      `got ${JSON.stringify(values(11))}; allowed: at most 10 claims on an API Gateway`,
    ],
    [
      'curves',
      { algorithms: ['RS256', 'ES256'] },
      'got ["ES256"]; allowed: RS256, RS384, RS512: an API Gateway checks no other signatures',
    ],
    ['keys kept for 25 hours', { keyCacheHours: 25 }, 'got 25; allowed: a whole number from 1 to 24'],
    ['keys kept for no time', { keyCacheHours: 0 }, 'got 0; allowed: a whole number from 1 to 24'],
  ])('fails with %s', (_, options, fault) => {
    expect(edgeFaults({}, jwt(options))).toContain(`[stack/Edge] inboundAuth: ${fault}`);
  });

  test('fails with a key that is not RSA, and without its id', () => {
    const publicKey = pem('ec');
    expect(edgeFaults({}, jwt({ jwksUri: undefined, publicKey }))).toEqual([
      '[stack/Edge] inboundAuth: got "a public key of type ec"; allowed: an RSA key in PEM form',
      '[stack/Edge] publicKeyId: got undefined; allowed: the kid in the header of the tokens: an API Gateway finds a PEM key by it',
    ]);
    expect(edgeFaults({ publicKeyId: 'k1' })).toEqual([
      '[stack/Edge] publicKeyId: got "k1"; allowed: nothing where the inbound auth has a key set',
    ]);
  });

  test('fails with a kind that the platform does not have', () => {
    expect(edgeFaults({ authentication: 'CUSTOM_AUTHENTICATION' as never })).toEqual([
      '[stack/Edge] authentication: got "CUSTOM_AUTHENTICATION"; allowed: one of TOKEN_AUTHENTICATION, JWT_AUTHENTICATION, NONE',
    ]);
  });
});
