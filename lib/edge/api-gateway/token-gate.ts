import type { ApigatewayDeploymentSpecificationRequestPoliciesAuthentication } from '@cdktf/provider-oci/lib/apigateway-deployment';
import { Annotations, Token } from 'cdktf';
import type { Construct } from 'constructs';
import { reportFault } from '../../core/validation';
import { checkTokens, jwtAuthentication, type TokenCheck, tokenAuthentication } from '../../mcp/api-gateway-tokens';
import type { IInboundAuth, InboundAuthConfig } from '../../mcp/inbound-auth';
import type { ApiGatewayEdgeProps } from './api-gateway-edge-props';
import { checkPublicKeyId, checkUnchecked } from './checks';

/** Whether clients prove themselves as they do to the target. What it was given may be said once more. */
export function isOfTarget({ target, inboundAuth }: ApiGatewayEdgeProps): boolean {
  const { inboundAuth: itsOwn } = target;
  return inboundAuth === undefined || inboundAuth === itsOwn || inboundAuth === itsOwn?.given;
}

/** Who checks the tokens of one edge: the API Gateway, the target, both, or nobody. */
export class TokenGate {
  /** Whether the API Gateway checks them. */
  public readonly isClosed: boolean;
  /** Whether the target checks them. Any other target never sees one. */
  public readonly targetChecks: boolean;
  private readonly auth?: IInboundAuth;

  public constructor(
    private readonly scope: Construct,
    private readonly props: ApiGatewayEdgeProps,
  ) {
    const { target, authentication = 'TOKEN_AUTHENTICATION' } = props;
    this.auth = isOfTarget(props) ? target.inboundAuth : props.inboundAuth;
    this.targetChecks = target.inboundAuth?.anonymous === false;
    this.isClosed = authentication !== 'NONE' && this.auth?.anonymous === false;
    if (this.isClosed) this.checkTokens();
    else this.checkOpen();
    if (!this.isClosed && props.usagePlans?.length) {
      reportFault(scope, {
        prop: 'usagePlans',
        got: 'tokens that are not checked here',
        allowed: 'plans where the API Gateway checks tokens, by which it knows clients',
      });
    }
  }

  /** What is asked of tokens. Grants may still add to it until everything is synthesized. */
  public config(): InboundAuthConfig {
    return this.auth?.renderConfig(() => '') ?? { enabled: false };
  }

  /** The deployment's authentication policy; undefined where tokens are not checked here. */
  public policy(
    deployment: Pick<TokenCheck, 'hasOpenRoutes' | 'challenge'>,
  ): ApigatewayDeploymentSpecificationRequestPoliciesAuthentication | undefined {
    if (!this.isClosed) return undefined;
    const policy = this.props.authentication === 'JWT_AUTHENTICATION' ? jwtAuthentication : tokenAuthentication;
    return policy(this.config(), { ...this.keys, ...deployment });
  }

  /** TCP port of the host that publishes the keys; undefined where none is asked. */
  public get keysPort(): number | undefined {
    const url = this.isClosed ? this.config().jwt_jwks_uri : undefined;
    if (!url) return undefined;
    const port = Token.isUnresolved(url) || !URL.canParse(url) ? '' : new URL(url).port;
    return Number(port || 443);
  }

  private get keys(): Pick<TokenCheck, 'keyCacheHours' | 'publicKeyId'> {
    return { keyCacheHours: this.auth?.keyCacheHours, publicKeyId: this.props.publicKeyId };
  }

  private checkTokens(): void {
    const config = this.config();
    const others = tokensOf(config);
    if (others !== undefined && this.targetChecks) {
      reportFault(this.scope, {
        prop: 'authentication',
        got: `${others}, of which an API Gateway knows nothing`,
        allowed: 'signed tokens, or "NONE", with which the target alone checks them',
      });
      return;
    }
    checkTokens(this.scope, 'inboundAuth', config, this.keys);
    checkPublicKeyId(this.scope, config, this.props.publicKeyId);
    if (!this.targetChecks) checkUnchecked(this.scope, config);
  }

  private checkOpen(): void {
    if (this.auth === undefined && this.props.authentication !== 'NONE') {
      reportFault(this.scope, {
        prop: 'inboundAuth',
        got: undefined,
        allowed: 'how clients prove themselves, which this target does not say',
        fix: 'pass InboundAuth.jwt({ issuer, audiences, jwksUri })',
      });
    } else if (!this.targetChecks) {
      Annotations.of(this.scope).addWarning(
        'inboundAuth: everybody who reaches this edge may call the target; use InboundAuth.jwt({ issuer, audiences, jwksUri })',
      );
    }
  }
}

/** Tokens that only the gateway of this library can check; undefined where there are none. */
function tokensOf(config: InboundAuthConfig): string | undefined {
  if (config.static_tokens ?? config.static_tokens_file) return 'fixed tokens';
  if (config.introspection) return 'tokens that the authorization server is asked about';
  return config.issuers?.length ? 'tokens of further issuers' : undefined;
}
