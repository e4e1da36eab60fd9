import type { TerraformStack } from 'cdktf';
import {
  IdentityDomain,
  IdentityDomainApp,
  type IdentityDomainAppProps,
  type IdentityDomainClient,
  type IdentityDomainResource,
  InboundAuth,
  McpGateway,
  OkeHosting,
  type TokenCheckOptions,
} from 'cdktf-oci-mcp';
import { renderedConfig } from '../../helpers/rendered-config';
import { addressOf, faultsOf, type Synthesized, synth } from '../../helpers/synth';
import { cluster, image, reference } from '../fixtures';

const url = 'https://idcs-0f3a.identity.oraclecloud.com';
const audience = 'https://mcp.acme.example/';

function domain(stack: TerraformStack): IdentityDomain {
  return IdentityDomain.fromUrl(stack, 'Domain', url);
}

function app(stack: TerraformStack, props: Partial<IdentityDomainAppProps> = {}): IdentityDomainApp {
  return new IdentityDomainApp(stack, 'App', { domain: domain(stack), ...props });
}

const resourceApp = (stack: TerraformStack, resource: Partial<IdentityDomainResource> = {}) =>
  app(stack, { resource: { audience, scopes: [{ name: 'read' }], ...resource } });

const clientApp = (stack: TerraformStack, client: Partial<IdentityDomainClient> = {}) =>
  app(stack, { client: { grants: ['client_credentials'], ...client } });

describe('an identity domain', () => {
  test('knows where its tokens come from', () => {
    synth((stack) => {
      const { url: base, issuers, jwksUri, tokenUrl, authorizeUrl } = domain(stack);
      expect({ base, issuers, jwksUri, tokenUrl, authorizeUrl }).toEqual({
        base: url,
        issuers: ['https://identity.oraclecloud.com/', 'https://identity.oraclecloud.com'],
        jwksUri: `${url}/admin/v1/SigningCert/jwk`,
        tokenUrl: `${url}/oauth2/v1/token`,
        authorizeUrl: `${url}/oauth2/v1/authorize`,
      });
    });
  });

  test('may have a slash at the end of its URL, and an issuer of its own', () => {
    synth((stack) => {
      const own = IdentityDomain.fromUrl(stack, 'Own', `${url}/`, { issuers: ['https://id.acme.example'] });
      expect([own.tokenUrl, own.issuers]).toEqual([`${url}/oauth2/v1/token`, ['https://id.acme.example']]);
    });
  });

  test('may be known by its OCID only', () => {
    const stack = synth((scope) => {
      const found = IdentityDomain.fromDomainId(scope, 'Domain', 'ocid1.domain.oc1..example');
      new IdentityDomainApp(scope, 'App', { domain: found, client: { grants: ['client_credentials'] } });
    });
    expect(stack.dataSources('oci_identity_domain')).toEqual([
      expect.objectContaining({ domain_id: 'ocid1.domain.oc1..example' }),
    ]);
    const { idcs_endpoint } = stack.resource('oci_identity_domains_app');
    expect(idcs_endpoint).toMatch(/^\$\{data\.oci_identity_domain\.Domain_Lookup_\w+\.url\}$/);
  });

  test.each(['http://idcs.example', 'idcs.example', 'https://idcs.example/ui', 'https://a@idcs.example', 'https://'])(
    'fails when its URL is %j',
    (wrong) => {
      const faults = faultsOf((stack) => void IdentityDomain.fromUrl(stack, 'Domain', wrong));
      expect(faults).toEqual([
        expect.stringMatching(/^\[stack\/Domain\] url: got .*; allowed: the URL of an identity/),
      ]);
    },
  );

  test('publishes its keys by taking over its settings as they are', () => {
    const stack = synth((scope) => {
      const found = domain(scope);
      found.publishSigningKeys();
      found.publishSigningKeys();
    });
    const setting = stack.resource('oci_identity_domains_setting');
    expect(setting).toMatchObject({
      idcs_endpoint: url,
      setting_id: 'Settings',
      signing_cert_public_access: true,
      lifecycle: { ignore_changes: ['setting_id'] },
      csr_access: expect.stringMatching(/^\$\{data\.oci_identity_domains_setting\.Domain_Current_\w+\.csr_access\}$/),
    });
    expect(stack.json['import']).toEqual([
      { id: `idcsEndpoint/${url}/settings/Settings`, to: addressOf(stack, setting) },
    ]);
  });

  test('is left alone otherwise', () => {
    const stack = synth((scope) => void resourceApp(scope));
    expect(stack.resources('oci_identity_domains_setting')).toEqual([]);
    expect(stack.json['import']).toBeUndefined();
  });
});

describe('an application that offers something', () => {
  test('says what tokens for it are about', () => {
    const stack = synth(
      (scope) =>
        void app(scope, {
          resource: {
            audience,
            scopes: [{ name: 'write', description: 'Change things', requiresConsent: true }, { name: 'read' }],
            accessTokenExpirySeconds: 900,
            refreshTokens: true,
          },
        }),
    );
    const { provider, ...resource } = stack.resource('oci_identity_domains_app');
    expect(resource).toEqual({
      idcs_endpoint: url,
      schemas: ['urn:ietf:params:scim:schemas:oracle:idcs:App'],
      based_on_template: { value: 'CustomWebAppTemplateId' },
      display_name: 'stack-app',
      description: 'stack/App',
      active: true,
      force_delete: true,
      is_oauth_resource: true,
      is_oauth_client: false,
      audience,
      access_token_expiry: 900,
      allow_offline: true,
      scopes: [
        { value: 'read', description: 'read', requires_consent: false },
        { value: 'write', description: 'Change things', requires_consent: true },
      ],
    });
  });

  test('takes a scope once, however often it is added, and keeps what was said of it', () => {
    const stack = synth((scope) => {
      const api = resourceApp(scope, { scopes: [{ name: 'read', description: 'Look' }] });
      expect(api.addScope('read', 'Something else')).toBe(api.scope('read'));
      api.addScope('list', 'List');
    });
    const { scopes } = stack.resource('oci_identity_domains_app');
    expect(scopes.map(({ value, description }: { [name: string]: string }) => [value, description])).toEqual([
      ['list', 'List'],
      ['read', 'Look'],
    ]);
  });

  test('has an audience that no other application of the domain has', () => {
    const twice = (other: string) => (stack: TerraformStack) => {
      const scopes = [{ name: 'use' }];
      const first = resourceApp(stack, { audience, scopes });
      const domain = IdentityDomain.fromUrl(stack, 'Again', other === 'same' ? url : 'https://idcs-other.example');
      new IdentityDomainApp(stack, 'Second', { domain, resource: { audience, scopes } });
      new IdentityDomainApp(stack, 'Client', { domain: first.domain, client: { grants: ['client_credentials'] } });
    };
    expect(faultsOf(twice('same'))).toEqual([
      `[stack/Second] resource.audience: got "${audience}"; allowed: an audience of its own: stack/App has this one in the same domain`,
    ]);
    expect(synth(twice('other')).resources('oci_identity_domains_app')).toHaveLength(3);
  });

  test('may be switched off and named', () => {
    const stack = synth(
      (scope) =>
        void app(scope, {
          displayName: 'MCP API',
          description: 'Tools of the platform',
          active: false,
          resource: { audience, scopes: [{ name: 'read' }] },
        }),
    );
    expect(stack.resource('oci_identity_domains_app')).toMatchObject({
      display_name: 'MCP API',
      description: 'Tools of the platform',
      active: false,
      allow_offline: false,
    });
  });

  test.each<[string, Partial<IdentityDomainResource>, string]>([
    ['it has no scope', { scopes: [] }, 'resource.scopes: got []; allowed: at least one scope; fix: name them in'],
    ['its audience is empty', { audience: '' }, 'resource.audience: got ""; allowed: text without spaces'],
    ['its audience is two words', { audience: 'a b' }, 'resource.audience: got "a b"; allowed: text without spaces'],
    [
      'tokens last no time',
      { accessTokenExpirySeconds: 0 },
      'resource.accessTokenExpirySeconds: got 0; allowed: a whole',
    ],
    [
      'a scope stands for all',
      { scopes: [{ name: '*' }] },
      'scopes.name: got "*"; allowed: letters, digits and _ . : / -',
    ],
    ['a scope is two words', { scopes: [{ name: 'a b' }] }, 'scopes.name: got "a b"; allowed: letters, digits and _'],
    ['a scope is empty', { scopes: [{ name: '' }] }, 'scopes.name: got ""; allowed: letters, digits and _ . : / -'],
  ])('fails when %s', (_, resource, fault) => {
    expect(faultsOf((stack) => void resourceApp(stack, resource))).toEqual([
      expect.stringContaining(`[stack/App] ${fault}`),
    ]);
  });

  test('a token may last a second', () => {
    synth((stack) => void resourceApp(stack, { accessTokenExpirySeconds: 1 }));
  });
});

describe('an application that asks for tokens', () => {
  test('may ask only for what it was allowed, and for nothing at first', () => {
    const stack = synth((scope) => void clientApp(scope));
    expect(stack.resource('oci_identity_domains_app')).toMatchObject({
      is_oauth_resource: false,
      is_oauth_client: true,
      client_type: 'confidential',
      allowed_grants: ['client_credentials'],
      all_url_schemes_allowed: false,
      trust_scope: 'Explicit',
    });
    expect(stack.resource('oci_identity_domains_app')).not.toHaveProperty('allowed_scopes');
  });

  test('may act for users, on their machines without a secret', () => {
    const stack = synth(
      (scope) =>
        void clientApp(scope, {
          grants: ['refresh_token', 'authorization_code', 'authorization_code'],
          isPublic: true,
          redirectUris: ['http://localhost:33418/callback', 'https://app.acme.example/callback?x=1'],
        }),
    );
    expect(stack.resource('oci_identity_domains_app')).toMatchObject({
      client_type: 'public',
      allowed_grants: ['authorization_code', 'refresh_token'],
      redirect_uris: ['http://localhost:33418/callback', 'https://app.acme.example/callback?x=1'],
      all_url_schemes_allowed: true,
    });
  });

  test('may bring assertions', () => {
    const stack = synth((scope) => void clientApp(scope, { grants: ['jwt_bearer'] }));
    expect(stack.resource('oci_identity_domains_app').allowed_grants).toEqual([
      'urn:ietf:params:oauth:grant-type:jwt-bearer',
    ]);
  });

  test('waits for the application whose scopes it asks for, and not for itself', () => {
    const stack = synth((scope) => {
      const found = domain(scope);
      const api = new IdentityDomainApp(scope, 'Api', {
        domain: found,
        resource: { audience, scopes: [{ name: 'read' }] },
        client: { grants: ['client_credentials'] },
      });
      api.allowScope(api.scope('read'));
      const allowedScopes = [api.scope('read'), 'urn:opc:resource:consumer:paas::read', api.scope('read')];
      new IdentityDomainApp(scope, 'Client', {
        domain: found,
        client: { grants: ['client_credentials'], allowedScopes },
      });
    });
    const api = stack.resource('oci_identity_domains_app', 'Api');
    expect(api.allowed_scopes).toEqual([{ fqs: `${audience}read` }]);
    expect(
      stack.resource('oci_identity_domains_app', 'Client').allowed_scopes.map(({ fqs }: { fqs: string }) => fqs),
    ).toEqual(
      expect.arrayContaining([`\${${addressOf(stack, api)}.audience}read`, 'urn:opc:resource:consumer:paas::read']),
    );
  });

  test('its secret is rendered nowhere', () => {
    expect(JSON.stringify(synth((scope) => void clientApp(scope)).json)).not.toMatch(/secret/i);
  });

  test.each<[string, Partial<IdentityDomainClient>, string]>([
    ['it has no grant', { grants: [] }, 'client.grants: got []; allowed: one or more of authorization_code,'],
    [
      'a grant is unknown',
      { grants: ['implicit' as never] },
      'client.grants: got ["implicit"]; allowed: one or more of',
    ],
    [
      'it has no secret to use',
      { isPublic: true },
      'client.grants: got ["client_credentials"]; allowed: authorization_code and refresh_token for a public client',
    ],
    [
      'users cannot be led back',
      { grants: ['authorization_code'] },
      'client.redirectUris: got []; allowed: at least one with the grant authorization_code, and none without',
    ],
    [
      'nobody is led back',
      { redirectUris: ['https://app.example/cb'] },
      'client.redirectUris: got ["https://app.example/cb"]; allowed: at least one with the grant',
    ],
  ])('fails when %s', (_, client, fault) => {
    expect(faultsOf((stack) => void clientApp(stack, client))).toEqual([
      expect.stringContaining(`[stack/App] ${fault}`),
    ]);
  });

  test.each([
    'http://app.example/cb',
    'https://',
    'myapp://cb',
    'https://app.example/cb#x',
    'http://localhost.example/',
  ])('fails when it leads back to %s', (uri) => {
    const faults = faultsOf((stack) => void clientApp(stack, { grants: ['authorization_code'], redirectUris: [uri] }));
    expect(faults).toEqual([expect.stringContaining('allowed: https URLs, or http on localhost, without a fragment')]);
  });

  test('fails when a resource is allowed a scope, or a client asked for its audience', () => {
    const faults = faultsOf((stack) => {
      resourceApp(stack).allowScope('x');
      new IdentityDomainApp(stack, 'Client', {
        domain: IdentityDomain.fromUrl(stack, 'Other', url),
        client: { grants: ['client_credentials'] },
      }).scope('x');
    });
    expect(faults).toEqual([
      '[stack/App] client: got undefined; allowed: a client, as it is to ask for scopes',
      expect.stringContaining('[stack/Client] audience: got undefined; allowed: the audience of tokens for it'),
    ]);
  });
});

test('fails when an application is neither a resource nor a client', () => {
  expect(faultsOf((stack) => void app(stack))).toEqual([
    '[stack/App] resource: got undefined; allowed: a resource, a client, or both',
  ]);
});

describe('an application made elsewhere', () => {
  test('is not rendered, and its client has to be allowed by hand', () => {
    const stack = synth((scope) => {
      const found = domain(scope);
      const api = IdentityDomainApp.fromAttributes(scope, 'Api', { domain: found, audience, scopes: ['read'] });
      expect(api.addScope('read', 'Look')).toBe('https://mcp.acme.example/read');
      const client = IdentityDomainApp.fromAttributes(scope, 'Client', { domain: found, clientId: 'c1' });
      client.allowScope(api.scope('read'));
      expect(client.node.metadata.map(({ type, data }) => [type, data])).toEqual([
        ['@cdktf/info', 'allow this client the scope https://mcp.acme.example/read in its domain'],
      ]);
    });
    expect(stack.resources()).toEqual([]);
  });

  test('fails when it lacks a scope', () => {
    const faults = faultsOf((stack) => {
      const found = domain(stack);
      IdentityDomainApp.fromAttributes(stack, 'Api', { domain: found, audience, scopes: ['read'] }).addScope(
        'write',
        '',
      );
      IdentityDomainApp.fromAttributes(stack, 'Other', { domain: found, clientId: 'c' }).addScope('write', '');
    });
    expect(faults).toEqual([
      expect.stringContaining(
        '[stack/Api] scopes: got "write"; allowed: the scopes that it has: read; fix: add the scope',
      ),
      expect.stringContaining('[stack/Other] scopes: got "write"; allowed: the scopes that it has: none'),
      expect.stringContaining('[stack/Other] audience: got undefined'),
    ]);
  });
});

describe('inbound auth of an application', () => {
  function synthAuth(options?: TokenCheckOptions, scopes = [{ name: 'read' }]): Synthesized {
    return synth((stack) => {
      const inboundAuth = InboundAuth.identityDomain(resourceApp(stack, { scopes }), options);
      new McpGateway(stack, 'Gateway', { image, hosting: new OkeHosting({ cluster: cluster(stack) }), inboundAuth });
    });
  }

  test('checks the audience, both spellings of the issuer and the keys of this domain', () => {
    expect(renderedConfig(synthAuth()).auth).toMatchObject({
      jwt_issuer: ['https://identity.oraclecloud.com/', 'https://identity.oraclecloud.com'],
      jwt_audience: [audience],
      jwt_jwks_uri: `${url}/admin/v1/SigningCert/jwk`,
      authorization_servers: [url],
      scope_prefix: audience,
      required_scopes: [],
      tool_scopes: {},
    });
  });

  test('takes the same options as any other, and makes their scopes known', () => {
    const stack = synthAuth(
      {
        requiredScopes: ['use'],
        toolScopes: { logs_delete: ['write'], 'logs_*': { anyOf: ['read', 'operate'] } },
        clockSkewSeconds: 10,
        requiredClaims: { sub_type: ['client'] },
      },
      [],
    );
    expect(renderedConfig(stack).auth).toMatchObject({
      required_scopes: ['use'],
      tool_scopes: { logs_delete: ['write'], 'logs_*': { any_of: ['read', 'operate'] } },
      jwt_clock_skew: 10,
      jwt_claims: { sub_type: ['client'] },
    });
    const { scopes } = stack.resource('oci_identity_domains_app');
    expect(scopes.map(({ value }: { value: string }) => value)).toEqual(['operate', 'read', 'use', 'write']);
  });

  test('may be known only to Terraform', () => {
    const stack = synth((scope) => {
      const found = IdentityDomain.fromUrl(scope, 'Domain', reference(scope, 'domain'));
      const api = IdentityDomainApp.fromAttributes(scope, 'Api', {
        domain: found,
        audience: reference(scope, 'audience'),
      });
      const inboundAuth = InboundAuth.identityDomain(api);
      new McpGateway(scope, 'Gateway', { image, hosting: new OkeHosting({ cluster: cluster(scope) }), inboundAuth });
    });
    const { auth } = renderedConfig(stack, { 'var.domain': url, 'var.audience': audience });
    expect([auth.jwt_jwks_uri, auth.jwt_audience]).toEqual([`${url}/admin/v1/SigningCert/jwk`, [audience]]);
  });

  test('fails when the application has no audience', () => {
    const faults = faultsOf((stack) => void InboundAuth.identityDomain(clientApp(stack)));
    expect(faults).toEqual([expect.stringContaining('[stack/App] audience: got undefined; allowed: the audience')]);
  });
});
