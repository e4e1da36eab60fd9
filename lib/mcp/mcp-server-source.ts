import type { IConstruct } from 'constructs';
import { checkImage } from '../core/image-reference';
import { reportFault } from '../core/validation';
import type { IContainerImage, ImageRepository } from './container-image';

/** A container image, and what to start in it. */
export interface ImageSource {
  readonly kind: 'image';
  /** Name of the image, by digest for preference: `fra.ocir.io/acme/logs-mcp@sha256:…`. */
  readonly image: string;
  /** The same image by its tag, for hosts that take no digest. @default - `image` */
  readonly taggedImage?: string;
  /** The private repository it is pulled from. @default - public, or permitted outside this stack */
  readonly repository?: ImageRepository;
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

/** A Python server that a Data Science model deployment loads. */
export interface ScoreArtifactSource {
  readonly kind: 'scoreArtifact';
  /** Folder of the server's modules, on the machine that synthesizes. */
  readonly directory: string;
  /** Where the server is found: `<module>:<variable>`. A variable that is a function is called for it. */
  readonly server: string;
}

/** What a server runs. Which hostings can run it is for each hosting to say. */
export type McpServerSource = ImageSource | CommandSource | ScoreArtifactSource;

/** The ways to say what a server runs. */
export const McpServerSource = {
  /**
   * A container image.
   * @example McpServerSource.image('fra.ocir.io/acme/logs-mcp@sha256:0f3a…', { args: ['--read-only'] });
   */
  image(image: string | IContainerImage, options: Pick<ImageSource, 'command' | 'args'> = {}): ImageSource {
    const named: IContainerImage = typeof image === 'string' ? { imageUri: image } : image;
    return {
      kind: 'image',
      image: named.imageUri,
      taggedImage: named.taggedUri,
      repository: named.repository,
      ...options,
    };
  },

  /**
   * A program for the stdio transport, started by the gateway.
   * @example McpServerSource.command('node', ['/opt/servers/notes.js']);
   */
  command(command: string, args: readonly string[] = []): CommandSource {
    return { kind: 'command', command, args };
  },

  /**
   * A Python server for a Data Science model deployment, built with the official `mcp` package. The artifact around it is
   * made at synth.
   * @param server Where the server is found: `<module>:<variable>`.
   * @example McpServerSource.scoreArtifact('./servers/forecast');
   */
  scoreArtifact(directory: string, server = 'server:mcp'): ScoreArtifactSource {
    return { kind: 'scoreArtifact', directory, server };
  },
};

/** The image of a source for a hosting that runs containers; any other source is reported. */
export function requireImage(scope: IConstruct, hosting: string, source: McpServerSource): ImageSource {
  if (source.kind === 'image') {
    checkImage(scope, 'source', source.image);
    return source;
  }
  reportSource(scope, source, `a container image on ${hosting}`, {
    command: 'use McpServerSource.image(…), or StdioHosting for a command',
    scoreArtifact: 'use McpServerSource.image(…), or ModelDeploymentHosting for a score artifact',
  });
  return { kind: 'image', image: 'none' };
}

/** The command of a source for a hosting that starts processes; any other source is reported. */
export function requireCommand(scope: IConstruct, hosting: string, source: McpServerSource): CommandSource {
  if (source.kind === 'command') return source;
  const fix = 'use McpServerSource.command(…) with a program that the gateway image holds';
  reportSource(scope, source, `a command on ${hosting}`, { image: fix, scoreArtifact: fix });
  return { kind: 'command', command: 'none', args: [] };
}

/** Reports a source which a hosting cannot run, with the way out for its kind. */
export function reportSource(
  scope: IConstruct,
  source: McpServerSource,
  allowed: string,
  fixes: { readonly [kind in McpServerSource['kind']]?: string },
): void {
  reportFault(scope, { prop: 'source', got: describe(source), allowed, fix: fixes[source.kind] });
}

function describe(source: McpServerSource): string {
  if (source.kind === 'image') return `the image ${JSON.stringify(source.image)}`;
  if (source.kind === 'command') return `the command ${JSON.stringify(source.command)}`;
  return `the score artifact of ${JSON.stringify(source.directory)}`;
}
