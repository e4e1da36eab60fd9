import type { OpenApiBackend } from '../config/backend.js';
import { isObject, type JsonObject } from '../contracts/json-rpc.js';
import { UpstreamError } from '../errors.js';
import { Budget } from './budget.js';
import { textOf } from './dialect.js';
import { readDocument } from './document.js';
import type { LeftOut } from './operation.js';
import { operationsOf } from './operations.js';
import { References } from './references.js';
import { SchemaWeights } from './schema-weights.js';
import { settledBy } from './settled.js';
import { type Tool, toolOf } from './tool.js';
import { toolNames } from './tool-names.js';

/** Characters that all tools of a document may take, about. */
const mostOfTools = 16 * 1024 * 1024;

/** Tools of one document. */
const mostTools = 5000;

/** Characters of what a document says of the service. */
const longestInstructions = 2000;

/** What a document makes of a service. */
export interface Catalogue {
  readonly tools: ReadonlyMap<string, Tool>;
  readonly leftOut: readonly LeftOut[];
  /** Paths to which the document says that its own paths are appended, without a slash at the end. */
  readonly serverPaths: readonly string[];
  /** What the service says of itself. */
  readonly instructions?: string;
}

/** Makes tools of a document. @throws {UpstreamError} when it cannot be used */
export function catalogueOf(bytes: Buffer, backend: OpenApiBackend): Catalogue {
  const document = readDocument(bytes);
  const references = new References(document.content);
  const { operations, leftOut } = operationsOf(document, references, backend.operations);
  if (operations.length > mostTools) {
    throw new UpstreamError(
      `has a document of ${operations.length} operations; choose up to ${mostTools} with "operations"`,
    );
  }
  const source = {
    references,
    weights: new SchemaWeights(references),
    budget: new Budget(mostOfTools),
    isOlder: document.version === '2.0' || document.version === '3.0',
  };
  const isSettled = settledBy(backend);
  const names = toolNames(operations);
  const tools = operations.map((operation, index) => toolOf(names[index] as string, operation, source, isSettled));
  return {
    tools: new Map(tools.map((tool) => [tool.name, tool])),
    leftOut,
    serverPaths: serverPathsOf(document.content),
    instructions: instructionsOf(document.content),
  };
}

function instructionsOf({ info }: JsonObject): string | undefined {
  const { title, description } = isObject(info) ? info : {};
  const said = [textOf(title), textOf(description)].filter((each) => each !== undefined).join(': ');
  return said === '' ? undefined : said.slice(0, longestInstructions);
}

function serverPathsOf({ servers, basePath }: JsonObject): string[] {
  if (typeof basePath === 'string') return [withoutSlash(basePath)];
  const urls = (Array.isArray(servers) ? servers : []).map((server) =>
    isObject(server) ? textOf(server.url) : undefined,
  );
  return urls.flatMap((url) => {
    // What is relative is so to wherever the document is, which may be somewhere else than the service.
    if (url === undefined || !/^https?:/i.test(url) || url.includes('{') || !URL.canParse(url)) return [];
    return [withoutSlash(new URL(url).pathname)];
  });
}

function withoutSlash(path: string): string {
  return path.replace(/\/$/, '');
}
