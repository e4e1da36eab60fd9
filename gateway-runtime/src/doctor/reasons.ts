import type { Backend } from '../config/backend.js';
import { identityAdvice, isIdentityReason } from './identity-reasons.js';
import { policyAdvice } from './policies.js';
import type { Advice } from './verdict.js';

/** One thing that goes wrong with a backend, as the gateway says it. */
type Rule = [reason: RegExp, advice: Advice | ((match: RegExpExecArray, backend: Backend | undefined) => Advice)];

const look = 'look at the log of the server for the time of this run';

/** Reasons that backends are down for, the narrower ones first. */
const rules: readonly Rule[] = [
  [
    /has no document: document_url answered HTTP 40[13]|has a document that is not an OpenAPI|neither JSON nor YAML/,
    {
      cause:
        'a login page or something else answers at document_url, or the document is on another host, which gets no credentials',
      solution:
        'open document_url with the credentials of the backend, and correct it or auth_method; or save the document and name it in document_file',
    },
  ],
  [
    /has no document|has a document/,
    {
      cause: 'the document is at another address or in another file, or is of a kind that the gateway does not take',
      solution:
        'correct document_url or document_file as said; choose fewer operations of a document that is too large',
    },
  ],
  [
    /connection refused/,
    {
      cause: 'the server is not running, or listens on another port or on 127.0.0.1 of its own container only',
      solution: 'start it with its transport set to streamable_http on 0.0.0.0, and check the port of the url',
    },
  ],
  [
    /no connection within|did not (take a message|answer) in time|no event stream within|unreachable|did not answer within/,
    {
      cause:
        'the network drops the packets: a security list, a network security group, a NetworkPolicy, no route; or the server is overloaded',
      solution:
        "allow the port of the url from the gateway to the server, both as egress and as ingress, and check the VCN's route tables; raise connect_timeout for a slow server",
    },
  ],
  [
    /host name (not found|cannot be looked up)/,
    {
      cause: 'the host of the url has no address where the gateway runs',
      solution: 'correct the host of the url, or add its DNS record',
    },
  ],
  [
    /certificate/,
    {
      cause: 'the certificate of the server is not accepted: private authority, wrong name or expired',
      solution:
        'renew it, use the name it is for, or set NODE_EXTRA_CA_CERTS to the PEM file of the private authority for the gateway',
    },
  ],
  [
    /cannot be started \((ENOENT|EACCES)\)/,
    ([, code], backend) => ({
      cause:
        code === 'EACCES'
          ? 'the command is there, but may not be executed'
          : 'there is no such command in the PATH of the gateway, or the directory of "cwd" does not exist',
      solution: `install ${commandOf(backend)} into the image of the gateway, or give its whole path in "command"; the gateway starts no shell`,
    }),
  ],
  [
    /exited with code|was ended by|is not running/,
    {
      cause: 'the program ends as soon as it starts: a missing module, argument or variable, or no memory',
      solution:
        'run the command by hand with the same arguments; a child process sees only PATH, HOME and the like besides the "env" of its backend',
    },
  ],
  [
    /secret (\S+) cannot be read: HTTP 40[1-4]/,
    ([, id]) => ({
      cause: 'no policy lets the gateway read this secret, or there is none with this OCID in the region',
      solution: `correct the OCID, or add the statement: Allow dynamic-group <group of the gateway> to read secret-bundles in compartment id <compartment OCID> where target.secret.id='${id}'`,
    }),
  ],
  [
    /has no (usable )?credential|holds none|holds more than one/,
    {
      cause: 'the variable, the file or the secret that the configuration names is missing or empty here',
      solution:
        'set the variable for the process of the gateway, mount the file, or correct the OCID; a variable of your shell does not count',
    },
  ],
  [
    /gets no token/,
    {
      cause:
        'the authorization server of token_url refuses the client: wrong client_id or secret, a scope it may not ask for, or another address',
      solution:
        'ask it by hand with curl -u CLIENT_ID -d grant_type=client_credentials -d scope=SCOPE TOKEN_URL; for an identity domain, the scope is the audience and the scope in one',
    },
  ],
  [
    /cannot be reached \(/,
    {
      cause: 'the service that gives out tokens or secrets cannot be reached from where the gateway runs',
      solution:
        'check token_url; in a private subnet, add a NAT gateway for addresses outside and a service gateway for those of OCI to the route table',
    },
  ],
  [
    /connection (failed|reset|closed)/,
    {
      cause:
        'the server, or a proxy in front of it, ends the connection: it speaks TLS on this port, crashes, or restarts',
      solution: `write https:// in the url of a server with TLS; else ${look}`,
    },
  ],
  [/HTTP 40[134]\b/, ([status], backend) => refusedAdvice(status, backend)],
  [
    /HTTP 405|HTTP 406|HTTP 415/,
    {
      cause: 'the server speaks another transport at this url',
      solution:
        'set "transport": "sse" for a server of the older HTTP+SSE transport, whose url ends in /sse; start others with streamable_http',
    },
  ],
  [
    /HTTP 429/,
    {
      cause: 'the server limits how often it is asked',
      solution: 'raise its limits, or set health_check_interval higher',
    },
  ],
  [
    /HTTP 5\d\d/,
    {
      cause: 'the server, or a proxy in front of it, is in trouble',
      solution: `${look}; with 502 to 504, at the health of what is behind the proxy`,
    },
  ],
  [
    /speaks MCP .* not supported|speaks no MCP/,
    {
      cause: 'client and server have no version of MCP in common',
      solution: 'update the server, or remove "protocol_version" from the backend',
    },
  ],
  [
    /json_only/,
    { cause: 'the server answers with streams of events', solution: 'remove "json_only" from the backend' },
  ],
  [
    /does not begin with its endpoint/,
    {
      cause: 'the url is not that of an HTTP+SSE server',
      solution: 'set "transport": "streamable_http" for a newer server, or correct the url',
    },
  ],
  [
    /not JSON|without a result|empty answer|answer to/,
    {
      cause: 'what answers is no MCP server, or a proxy in front changes answers',
      solution: 'check the url; a server behind a proxy that collects answers needs "json_only": true',
    },
  ],
  [
    /no answer|did not answer/,
    {
      cause: 'the server is there but says nothing: it is starting, stuck, or writes its log to stdout',
      solution: `${look}; raise connect_timeout for one that starts slowly`,
    },
  ],
];

/** What is likely behind a reason that the gateway gives for a backend, and what to do. */
export function adviceFor(reason: string, backend?: Backend): Advice {
  if (isIdentityReason(reason)) return identityAdvice(reason, backend);
  for (const [pattern, advice] of rules) {
    const match = pattern.exec(reason);
    if (match) return typeof advice === 'function' ? advice(match, backend) : advice;
  }
  return { cause: 'not one of the usual ones', solution: look };
}

function refusedAdvice(status: string, backend: Backend | undefined): Advice {
  const policy = backend && policyAdvice(backend);
  if (policy) return policy;
  if (status.endsWith('404')) {
    return {
      cause: 'there is nothing at the path of the url; for OCI services, 404 also means that no policy allows the call',
      solution:
        'correct the path of the url: most servers are at /mcp, older ones at /sse with "transport": "sse"; for OCI services, allow the call by a policy',
    };
  }
  return {
    cause: 'the server wants a credential, another one, or one with more rights',
    solution:
      'set "auth_method" as the server wants it (bearer_token, api_key, oauth_client_credentials, a signing method), and check that the secret is the current one',
  };
}

function commandOf(backend: Backend | undefined): string {
  return backend?.transport === 'stdio' ? backend.command : 'the program';
}
