import { partsOf, type RulePart, type ToolRule } from '../config/access-rules.js';
import { gatewayToolNames } from '../config/gateway-tools.js';
import type { GatewayConfig } from '../config/index.js';
import { matchesName } from '../config/name-pattern.js';
import type { Place, Target } from '../contracts/identity.js';

/** The configuration that says who may do what. */
export type PolicyConfig = Pick<GatewayConfig, 'auth' | 'gateway_tools' | 'views'> & {
  readonly backends: readonly Pick<GatewayConfig['backends'][number], 'name' | 'required_scopes'>[];
};

/** What a target needs, all rules taken together. */
export interface Demand {
  /** Whether anybody may use it. */
  readonly isReleased: boolean;
  /** The members of the configuration that say so: `tool_scopes.logs_*, required_scopes`. */
  readonly rule: string;
  /** Scopes that are all needed. */
  readonly allOf: readonly string[];
  /** Scopes of which one is needed; none when empty. */
  readonly anyOf: readonly string[];
  readonly claims: RulePart['claims'];
}

/** Part of a rule, with the name by which the configuration and the audit log know it. */
type NamedPart = RulePart & { readonly name: string };

interface Rules {
  readonly field: string;
  /** Parts by pattern, the longest first: it is taken for the narrowest, whose alternative a caller is told to ask for. */
  readonly patterns: readonly (readonly [pattern: string, parts: readonly NamedPart[]])[];
}

/** What was worked out of a target before. */
interface Known {
  readonly backend: string | undefined;
  readonly isReadOnly: boolean;
  /** Where no view is asked. */
  whole?: Demand;
  readonly byView: Map<string, Demand>;
}

/** What targets need by the configuration; worked out once for each, since every call and every list asks. */
export class Demands {
  readonly #rules: Readonly<Record<Target['kind'], Rules>>;
  readonly #ofOwnTools: NamedPart | undefined;
  readonly #general: NamedPart;
  readonly #backends: ReadonlyMap<string, NamedPart>;
  readonly #views: ReadonlyMap<string, NamedPart>;
  /** By the names of a target, which are the same list as long as its catalog is. */
  readonly #known: Readonly<Record<Target['kind'], WeakMap<readonly string[], Known>>> = {
    tool: new WeakMap(),
    prompt: new WeakMap(),
    resource: new WeakMap(),
  };

  constructor({ auth, gateway_tools: own, backends, views }: PolicyConfig) {
    this.#rules = {
      tool: rulesOf('tool_scopes', auth.tool_scopes),
      prompt: rulesOf('prompt_scopes', auth.prompt_scopes),
      resource: rulesOf('resource_scopes', auth.resource_scopes),
    };
    this.#ofOwnTools = own.enabled ? listOf('gateway_tools.required_scopes', own.required_scopes) : undefined;
    this.#general = listOf('required_scopes', auth.required_scopes);
    this.#backends = new Map(
      backends.map(({ name, required_scopes }) => [name, listOf(`backends.${name}.required_scopes`, required_scopes)]),
    );
    this.#views = new Map(
      Object.entries(views).map(([name, { required_scopes }]) => [
        name,
        listOf(`views.${name}.required_scopes`, required_scopes),
      ]),
    );
  }

  /** What a target needs. */
  of(target: Target): Demand {
    const { kind, names, backend, view, isReadOnly = false } = target;
    let known = this.#known[kind].get(names);
    if (known?.backend !== backend || known?.isReadOnly !== isReadOnly) known = undefined;
    if (!known) {
      known = { backend, isReadOnly, byView: new Map() };
      this.#known[kind].set(names, known);
    }
    if (view === undefined) {
      known.whole ??= this.#workOut(target);
      return known.whole;
    }
    let demand = known.byView.get(view);
    if (!demand) {
      demand = this.#workOut(target);
      known.byView.set(view, demand);
    }
    return demand;
  }

  /** What everything in a place needs, whatever else rules say: the narrower places last. */
  in({ view, backend }: Place): readonly NamedPart[] {
    const parts = [
      this.#general,
      view === undefined ? undefined : this.#views.get(view),
      backend === undefined ? undefined : this.#backends.get(backend),
    ];
    return parts.filter((part) => part !== undefined && part.allOf.length > 0) as NamedPart[];
  }

  #workOut(target: Target): Demand {
    const { field, patterns } = this.#rules[target.kind];
    const matching = this.#partsFor(target, patterns);
    const places = this.in(target);
    if (matching.length === 0 && patterns.length > 0) {
      return { isReleased: false, rule: field, allOf: [], anyOf: [], claims: [] };
    }
    const deciding = [...matching, ...[...places].reverse()];
    return {
      isReleased: true,
      rule: [...new Set(deciding.map(({ name }) => name))].join(', ') || 'no rule',
      allOf: unique([...places, ...matching].flatMap(({ allOf }) => allOf)),
      anyOf: unique(matching.flatMap(({ anyOf }) => anyOf)),
      claims: matching.flatMap(({ claims }) => claims),
    };
  }

  #partsFor({ kind, names, isReadOnly }: Target, patterns: Rules['patterns']): NamedPart[] {
    const parts = patterns
      .filter(([pattern]) => names.some((name) => matchesName(pattern, name)))
      .flatMap(([, parts]) => parts)
      .filter(({ member }) => member === undefined || (member === 'read') === (isReadOnly === true));
    const own = kind === 'tool' && names.some(isOwnTool) ? this.#ofOwnTools : undefined;
    return own ? [...parts, own] : parts;
  }
}

function rulesOf(field: string, rules: { readonly [pattern: string]: ToolRule }): Rules {
  const patterns = Object.entries(rules)
    .sort(([a], [b]) => b.length - a.length)
    .map(([pattern, rule]) => [pattern, partsOf(rule).map((part) => named(`${field}.${pattern}`, part))] as const);
  return { field, patterns };
}

function named(rule: string, part: RulePart): NamedPart {
  return { ...part, name: part.member ? `${rule}.${part.member}` : rule };
}

function listOf(name: string, allOf: readonly string[] = []): NamedPart {
  return { name, allOf, anyOf: [], claims: [] };
}

function isOwnTool(name: string): boolean {
  return (gatewayToolNames as readonly string[]).includes(name);
}

function unique(scopes: readonly string[]): string[] {
  return [...new Set(scopes)];
}
