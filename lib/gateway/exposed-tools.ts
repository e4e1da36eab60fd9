import type { BackendInput } from 'oci-mcp-gateway/config';

/** What clients are told about a tool in place of what its server says. */
export interface ToolOverride {
  /** Name that clients see: 1 to 64 letters, digits, "-", "_" or "."; it gets no prefix. @default - by `namespaceTools` */
  readonly name?: string;
  /** Name for people. @default - the server's own */
  readonly title?: string;
  /** What models read about it. @default - the server's own */
  readonly description?: string;
  /** Labels of this tool, besides those of its server. @default - none */
  readonly tags?: readonly string[];
}

/** Which tools of a server clients see, and as what. */
export interface ExposedTools {
  /**
   * Whether tools and prompts are exposed as `<name>_<tool>`: all of them, none, or with "onConflict" those whose own name was
   * given to another server. @default true
   */
  readonly namespaceTools?: boolean | 'onConflict';
  /** The server's own names of the tools to expose, in which `*` stands for any characters. @default - all of them */
  readonly allowedTools?: readonly string[];
  /** The same for tools to leave out, whatever `allowedTools` says. @default - none */
  readonly deniedTools?: readonly string[];
  /** Other names and descriptions, by the server's own names of the tools. @default - those of the server */
  readonly tools?: { readonly [tool: string]: ToolOverride };
  /** Labels, by which views choose. @default - none */
  readonly tags?: readonly string[];
}

type ExposedToolsConfig = Pick<BackendInput, 'namespace_tools' | 'allowed_tools' | 'denied_tools' | 'tools' | 'tags'>;

/** The same as the gateway reads it. */
export function exposedToolsConfig(options: ExposedTools): ExposedToolsConfig {
  const { namespaceTools, allowedTools, deniedTools, tools, tags } = options;
  return {
    namespace_tools: namespaceTools === 'onConflict' ? 'on_conflict' : namespaceTools,
    allowed_tools: allowedTools && [...allowedTools],
    denied_tools: deniedTools && [...deniedTools],
    tools: tools && Object.fromEntries(Object.entries(tools).map(([tool, told]) => [tool, toolConfig(told)])),
    tags: tags && [...tags],
  };
}

function toolConfig({ name, title, description, tags }: ToolOverride) {
  return { name, title, description, tags: tags && [...tags] };
}
