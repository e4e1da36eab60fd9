/** One instruction of a Dockerfile, its lines joined. */
export interface DockerInstruction {
  /** `FROM`, `RUN`, …, in capitals. */
  readonly keyword: string;
  readonly text: string;
}

/** Reads the instructions of a Dockerfile, without its comments. */
export function readDockerfile(text: string): DockerInstruction[] {
  const lines = text.split('\n').filter((line) => !/^\s*#/.test(line));
  const joined = lines.join('\n').replace(/\\\n\s*/g, '');
  return joined
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [, keyword = '', rest = ''] = /^([A-Z]+)\s+(.*)$/.exec(line) ?? [];
      if (keyword === '') throw new Error(`no instruction: ${line}`);
      return { keyword, text: rest };
    });
}

/** The last stage of a Dockerfile: what the image is. */
export function lastStage(instructions: readonly DockerInstruction[]): DockerInstruction[] {
  return instructions.slice(instructions.findLastIndex(({ keyword }) => keyword === 'FROM'));
}

/** Environment variables of a stage, with the values of its build arguments put in. */
export function environmentOf(
  stage: readonly DockerInstruction[],
  buildArgs: { readonly [name: string]: string } = {},
): { [name: string]: string } {
  const environment: { [name: string]: string } = {};
  const args: { [name: string]: string } = {};
  for (const { keyword, text } of stage) {
    for (const [, name = '', value = ''] of text.matchAll(/([A-Z_]+)=(\S+)/g)) {
      if (keyword === 'ARG') args[name] = buildArgs[name] ?? value;
      if (keyword === 'ENV') environment[name] = value.replace(/\$\{(\w+)\}/g, (_, arg) => args[arg] ?? '');
    }
  }
  return environment;
}

/** The command line of an instruction in its exec form. */
export function commandOf(stage: readonly DockerInstruction[], keyword: 'CMD' | 'HEALTHCHECK'): string[] {
  const text = stage.findLast((instruction) => instruction.keyword === keyword)?.text ?? '';
  return JSON.parse(text.slice(text.indexOf('[')));
}
