import { CommandError } from '../command-error';
import { closest } from '../suggestion';

/** A kind of project to begin with. */
export interface ProjectTemplate {
  readonly name: string;
  /** What it is, for its README and the help. */
  readonly what: string;
  /** A tool to try it with. */
  readonly tool: string;
  /** What a deployment needs besides variables, as the end of a sentence. */
  readonly deploy: string;
}

const image = ', and log in to the registry with `docker login`, since Terraform builds the images';

export const templates: readonly ProjectTemplate[] = [
  {
    name: 'python',
    what: 'A Python MCP server on a Container Instance, and a gateway in front of it.',
    ...{ tool: 'hello_greet', deploy: image },
  },
  {
    name: 'node',
    what: 'A Node MCP server on a Container Instance, and a gateway in front of it.',
    ...{ tool: 'hello_greet', deploy: image },
  },
  {
    name: 'score-artifact',
    what: 'A Python MCP server on a Data Science model deployment, and a gateway in front of it.',
    ...{ tool: 'hello_greet', deploy: ', and name a conda environment of yours' },
  },
  {
    name: 'function',
    what: 'A Python MCP server as a function of OCI Functions, and a gateway in front of it.',
    ...{ tool: 'hello_greet', deploy: image },
  },
  {
    name: 'platform',
    what: 'Two MCP servers, a gateway, an API Gateway in front, logs and alarms, and pipelines that check and plan.',
    ...{ tool: 'hello_greet', deploy: image },
  },
];

/** @throws {CommandError} when there is no such template */
export function templateCalled(name: string): ProjectTemplate {
  const found = templates.find((each) => each.name === name);
  if (found !== undefined) return found;
  const names = templates.map((each) => each.name);
  const meant = closest(name, names);
  throw new CommandError({
    what: 'unknown template',
    got: name,
    allowed: names.join(', '),
    fix: meant ? `did you mean --template ${meant}?` : undefined,
  });
}
