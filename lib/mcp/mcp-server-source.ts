import type { IConstruct } from 'constructs';
import { checkImage } from '../core/image-reference';
import { reportFault } from '../core/validation';

/** A container image, and what to start in it. */
export interface ImageSource {
  readonly kind: 'image';
  /** Name of the image, by digest for preference: `fra.ocir.io/acme/logs-mcp@sha256:…`. */
  readonly image: string;
  /** Replaces the image's entry point. @default - the image's own */
  readonly command?: readonly string[];
  /** Arguments of the entry point. @default - the image's own */
  readonly args?: readonly string[];
}

/** A program that speaks MCP on its standard input and output. */
export interface CommandSource {
  readonly kind: 'command';
  /** Name or absolute path of the program. */
  readonly command: string;
  readonly args: readonly string[];
}

/** What a server runs. Which hostings can run it is for each hosting to say. */
export type McpServerSource = ImageSource | CommandSource;

/** The ways to say what a server runs. */
export const McpServerSource = {
  /**
   * A container image.
   * @example McpServerSource.image('fra.ocir.io/acme/logs-mcp@sha256:0f3a…', { args: ['--read-only'] });
   */
  image(image: string, options: Pick<ImageSource, 'command' | 'args'> = {}): ImageSource {
    return { kind: 'image', image, ...options };
  },

  /**
   * A program for the stdio transport, started by the gateway.
   * @example McpServerSource.command('node', ['/opt/servers/notes.js']);
   */
  command(command: string, args: readonly string[] = []): CommandSource {
    return { kind: 'command', command, args };
  },
};

/** The image of a source for a hosting that runs containers; any other source is reported. */
export function requireImage(scope: IConstruct, hosting: string, source: McpServerSource): ImageSource {
  if (source.kind === 'image') {
    checkImage(scope, 'source', source.image);
    return source;
  }
  reportFault(scope, {
    prop: 'source',
    got: `the command ${JSON.stringify(source.command)}`,
    allowed: `a container image on ${hosting}`,
    fix: 'use McpServerSource.image(…), or StdioHosting for a command',
  });
  return { kind: 'image', image: 'none' };
}

/** The command of a source for a hosting that starts processes; any other source is reported. */
export function requireCommand(scope: IConstruct, hosting: string, source: McpServerSource): CommandSource {
  if (source.kind === 'command') return source;
  reportFault(scope, {
    prop: 'source',
    got: `the image ${JSON.stringify(source.image)}`,
    allowed: `a command on ${hosting}`,
    fix: 'use McpServerSource.command(…) with a program that the gateway image holds',
  });
  return { kind: 'command', command: 'none', args: [] };
}
