import type { KubernetesSecretKey } from '../mcp/kubernetes-secret';
import type { IOutboundAuth } from '../mcp/outbound-auth';

/** How a gateway proves itself to a server. The client's own token is never passed on. */
export const OutboundAuth = {
  /** No credentials: the network path is the permission. */
  none(): IOutboundAuth {
    return { renderConfig: () => ({ auth_method: 'none' }) };
  },

  /**
   * A token in the `Authorization` header, read again when the server refuses it.
   * @example OutboundAuth.bearerToken({ name: 'docs-mcp', key: 'token' });
   */
  bearerToken(token: KubernetesSecretKey): IOutboundAuth {
    return {
      renderConfig: (mountSecret) => ({ auth_method: 'bearer_token', bearer_token_file: mountSecret(token) }),
    };
  },

  /**
   * A key in a header of its own.
   * @param header Name of the header. @default "x-api-key"
   */
  apiKey(key: KubernetesSecretKey, header?: string): IOutboundAuth {
    return {
      renderConfig: (mountSecret) => ({
        auth_method: 'api_key',
        api_key_file: mountSecret(key),
        api_key_header: header,
      }),
    };
  },
};
