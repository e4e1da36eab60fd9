import { Annotations, Token } from 'cdktf';
import type { IConstruct } from 'constructs';
import { partsOf, type RulePart, scopesIn } from 'oci-mcp-gateway/config';
import { sameReference } from '../core/references';
import { checkPattern, reportFault } from '../core/validation';
import type { IInboundAuth, InboundAuthConfig } from '../mcp/inbound-auth';
import type { MountSecret } from '../mcp/kubernetes-secret';
import type { IOAuthClient, IOAuthResource } from '../mcp/oauth';

/** Which tools a client may use. */
export interface ToolGrantOptions {
  /** Names of tools as clients see them, in which `*` stands for any characters: `['logs_*']`. At least one. */
  readonly tools: readonly string[];
  /**
   * One scope that stands for all of these tools together: letters, digits and `_ . : / -`. Granted again, it has to stand for
   * the same tools: whoever has the scope may use them all.
   * @default - a scope for each: `tool:logs_search` for that tool, `tools:logs_` for `logs_*`, `tools` for `*`
   */
  readonly scope?: string;
}

/** The first gateway that takes tokens for a resource. */
const takers = new WeakMap<IOAuthResource, IConstruct>();

type ToolRules = NonNullable<InboundAuthConfig['tool_scopes']>;

/** How clients prove themselves to one gateway, and which of its tools each of them was granted. */
export class ToolGrants implements IInboundAuth {
  public readonly anonymous: boolean;
  public readonly keyCacheHours?: number;
  public readonly oauthResource?: IOAuthResource;
  /** Scopes of which one is enough, by tool. */
  private readonly granted = new Map<string, Set<string>>();
  /** What a scope stands for, so that it never comes to stand for more. */
  private readonly toolsOf = new Map<string, string>();

  public constructor(
    private readonly gateway: IConstruct,
    public readonly given: IInboundAuth,
  ) {
    this.anonymous = given.anonymous;
    this.keyCacheHours = given.keyCacheHours;
    this.oauthResource = given.oauthResource;
    if (given.oauthResource !== undefined) this.warnOfOthers(given.oauthResource);
  }

  public renderConfig(mountSecret: MountSecret): InboundAuthConfig {
    const config = this.given.renderConfig(mountSecret);
    if (this.granted.size === 0) return config;
    return { ...config, tool_scopes: this.merged(config.tool_scopes ?? {}) };
  }

  /** @returns the scopes that the client has to ask for. */
  public grant(client: IOAuthClient, { tools, scope }: ToolGrantOptions): readonly string[] {
    const resource = this.oauthResource;
    if (!this.check(client, tools, scope) || resource === undefined) return [];
    const { required_scopes: everybodys = [], tool_scopes: rules = {} } = this.given.renderConfig(() => '');
    for (const tool of tools.filter((each) => asksForMore(rules[each] ?? { any_of: [] }))) this.reportList(tool);
    const groups =
      scope === undefined ? tools.map((tool) => ({ name: scopeOf(tool), tools: [tool] })) : [{ name: scope, tools }];
    const asked = everybodys.map((name) => resource.addScope(name, 'Needed by every client'));
    for (const { name, tools } of groups) {
      const names = [...new Set(tools)].sort();
      if (!this.keepsItsMeaning(name, names.join(', '))) continue;
      for (const tool of names) this.granted.set(tool, (this.granted.get(tool) ?? new Set()).add(name));
      asked.push(resource.addScope(name, `Use of ${names.join(', ')}`));
    }
    for (const each of asked) client.allowScope(each);
    return [...new Set(asked)];
  }

  /** A token says for which application it is, and not for which gateway. */
  private warnOfOthers(resource: IOAuthResource): void {
    const first = takers.get(resource) ?? this.gateway;
    takers.set(resource, first);
    if (first === this.gateway) return;
    Annotations.of(this.gateway).addWarning(
      `inboundAuth: ${first.node.path} takes tokens for ${resource.node.path}, too, so clients may bring here what they were granted there; give each gateway an application of its own`,
    );
  }

  private check(client: IOAuthClient, tools: readonly string[], scope: string | undefined): boolean {
    const { gateway, oauthResource: resource } = this;
    if (resource === undefined) {
      reportFault(gateway, {
        prop: 'grantInvoke',
        got: 'an inbound auth that gives out no scopes',
        allowed: 'an application of an identity domain',
        fix: 'pass inboundAuth: InboundAuth.identityDomain(app), or name the tools in toolScopes of InboundAuth.jwt',
      });
      return false;
    }
    if (!sameReference(gateway, client.authorizationServer, resource.authorizationServer)) {
      reportFault(gateway, {
        prop: 'grantInvoke',
        got: client.node.path,
        allowed: `clients of the domain that ${resource.node.path} is in: no other can give them its scopes`,
      });
    }
    if (tools.length === 0) reportFault(gateway, { prop: 'tools', got: tools, allowed: 'at least one tool' });
    checkPattern(gateway, 'scope', scope, {
      pattern: /^[\w.:/-]+$/,
      allowed: 'letters, digits and _ . : / -',
    });
    return tools.filter((tool) => !this.isUsable(tool, scope)).length === 0;
  }

  private isUsable(tool: string, scope: string | undefined): boolean {
    const isKnown = !Token.isUnresolved(tool);
    const needsScope = /\*./.test(tool);
    if (isKnown && /^[\w./*-]+$/.test(tool) && (scope !== undefined || !needsScope)) return true;
    reportFault(this.gateway, {
      prop: 'tools',
      got: isKnown ? tool : 'a Terraform reference',
      allowed: 'names of letters, digits and _ - . /, in which * stands for any characters',
      fix:
        isKnown && needsScope ? 'where * is not the last character, name the scope too: { tools, scope }' : undefined,
    });
    return false;
  }

  /** Reports a scope that already stands for other tools: whoever has it would be given these as well. */
  private keepsItsMeaning(scope: string, tools: string): boolean {
    const before = this.toolsOf.get(scope) ?? (this.isGiven(scope) ? 'what the inbound auth says' : tools);
    this.toolsOf.set(scope, before);
    if (before === tools) return true;
    reportFault(this.gateway, {
      prop: 'scope',
      got: scope,
      allowed: `a scope that does not stand for ${before} already`,
      fix: 'grant it with the same tools, or name another scope',
    });
    return false;
  }

  private isGiven(scope: string): boolean {
    const { required_scopes = [], tool_scopes = {} } = this.given.renderConfig(() => '');
    return [...required_scopes, ...Object.values(tool_scopes).flatMap(scopesIn)].includes(scope);
  }

  /** What a rule asks for besides alternatives is more than a grant gives. */
  private reportList(tool: string): void {
    reportFault(this.gateway, {
      prop: 'toolScopes',
      got: tool,
      allowed: 'tools that are not granted under the same name',
      fix: `leave ${tool} to grantInvoke, or say { anyOf: […] } in toolScopes`,
    });
  }

  private merged(given: ToolRules): ToolRules {
    const rules: ToolRules = { ...given };
    for (const [tool, scopes] of [...this.granted].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const before = rules[tool] ?? {};
      const kept = Array.isArray(before) ? {} : before;
      rules[tool] = { ...kept, any_of: [...new Set([...(kept.any_of ?? []), ...[...scopes].sort()])] };
    }
    return rules;
  }
}

/** Whether a rule asks for anything but one of some scopes. */
function asksForMore(rule: ToolRules[string]): boolean {
  const isMore = ({ member, allOf, claims }: RulePart) => member !== undefined || allOf.length > 0 || claims.length > 0;
  return Array.isArray(rule) || partsOf(rule).some(isMore);
}

/** Names of tools hold no colon, so no two tools or patterns come to the same scope. */
function scopeOf(tool: string): string {
  if (tool === '*') return 'tools';
  return tool.endsWith('*') ? `tools:${tool.slice(0, -1)}` : `tool:${tool}`;
}
