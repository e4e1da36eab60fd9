import { readFileSync } from 'node:fs';
import { templateFile } from '../core/template-file';
import type { ContextFile } from './build-context';

/** Names of build arguments, by the prop that sets them. */
interface TemplateArguments {
  readonly baseImage?: string;
  readonly entryPoint?: string;
}

/** What a template is made of. */
interface TemplateParts {
  /** Files below `templates`, and their names beside the server's own files. */
  readonly files: { readonly [name: string]: string };
  /** The image it builds on unless told otherwise. @default - one that is fixed */
  readonly baseImage?: string;
  /** The build argument for each prop that the template lets one choose. */
  readonly buildArgs: TemplateArguments;
  /** Files of the server that say which packages it needs: one of each list. */
  readonly needs: readonly (readonly string[])[];
}

/** A Dockerfile and adapters for one kind of server, put beside the server's own files. */
export class ImageTemplate {
  /**
   * A Python server, started as `python -m server`. It listens on every address, on the port in `MCP_PORT`. Its packages stand
   * in `requirements.txt` or `pyproject.toml`.
   */
  public static readonly PYTHON_SERVER = new ImageTemplate({
    files: { Dockerfile: 'python-server/Dockerfile' },
    baseImage: 'python:3.13-slim',
    buildArgs: { baseImage: 'BASE_IMAGE', entryPoint: 'SERVER_MODULE' },
    needs: [['requirements.txt', 'pyproject.toml']],
  });

  /**
   * A Node server, started as `node server.js`. It listens on every address, on the port in `MCP_PORT`. Its packages stand in
   * `package.json` and `package-lock.json`.
   */
  public static readonly NODE_SERVER = new ImageTemplate({
    files: { Dockerfile: 'node-server/Dockerfile' },
    baseImage: 'node:22-slim',
    buildArgs: { baseImage: 'BASE_IMAGE', entryPoint: 'SERVER_FILE' },
    needs: [['package.json'], ['package-lock.json']],
  });

  /**
   * A Python server as a function of OCI Functions, found as `mcp` in `server.py` or where MCP_SERVER says. Whoever writes a
   * `requirements.txt` names `fdk` in it.
   */
  public static readonly PYTHON_FUNCTION = new ImageTemplate({
    files: {
      Dockerfile: 'python-function/Dockerfile',
      'func.py': 'python-function/func.py',
      'requirements.txt': 'python-function/requirements.txt',
      'stateless_mcp.py': 'python/stateless_mcp.py',
    },
    baseImage: 'python:3.11-slim',
    buildArgs: { baseImage: 'BASE_IMAGE' },
    needs: [],
  });

  /**
   * A Node server as a function of OCI Functions: `server.mjs` makes it. Whoever writes a `package.json` names `@fnproject/fdk`
   * in it.
   */
  public static readonly NODE_FUNCTION = new ImageTemplate({
    files: {
      Dockerfile: 'node-function/Dockerfile',
      'func.mjs': 'node-function/func.mjs',
      'package.json': 'node-function/package.json',
    },
    baseImage: 'node:22-slim',
    buildArgs: { baseImage: 'BASE_IMAGE' },
    needs: [],
  });

  private constructor(private readonly parts: TemplateParts) {}

  /** The image it builds on unless told otherwise; undefined where it is fixed. */
  public get baseImage(): string | undefined {
    return this.parts.baseImage;
  }

  /** The build argument for each prop that it lets one choose. */
  public get buildArgs(): TemplateArguments {
    return this.parts.buildArgs;
  }

  /** The files it adds to those of a server, whose own stay where they have the same name. */
  public filesBeside(own: readonly ContextFile[]): ContextFile[] {
    return Object.entries(this.parts.files)
      .filter(([path]) => own.every((file) => file.path !== path))
      .map(([path, source]) => ({ path, content: readFileSync(templateFile(source)), isExecutable: false }));
  }

  /** The files it needs of a server and does not find, as alternatives in words. */
  public missingIn(files: readonly ContextFile[]): string[] {
    return this.parts.needs
      .filter((names) => files.every(({ path }) => !names.includes(path)))
      .map((names) => names.join(' or '));
  }
}
