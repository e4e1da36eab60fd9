import { writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { CommandError } from '../command-error';
import type { ProjectOptions } from '../project';
import { closest } from '../suggestion';
import { outputFolder } from '../synthesize';
import type { Terminal } from '../terminal';

interface DiagramOptions extends ProjectOptions {
  readonly format?: string;
  readonly out?: string;
}

const formats = ['svg', 'mermaid'] as const;

/** A language for pictures. */
type PictureFormat = (typeof formats)[number];

/** Draws what was synthesized. */
export function addDiagram(program: Command, terminal: Terminal): void {
  program
    .command('diagram')
    .description('Draw clients, edges, gateways and servers of a synthesized folder')
    .argument('[DIR]', 'output folder of CDKTF (default: the project is synthesized)')
    .option('--format <format>', 'svg or mermaid (default: by the name of the file, else mermaid)')
    .option('-o, --out <file>', 'file to write: platform.svg, platform.mmd (default: the standard output)')
    .option('--project <dir>', 'folder of the cdktf.json')
    .option('--app <command>', 'command that synthesizes, in place of that of cdktf.json')
    .option('--json', 'print boxes and lines as one JSON document')
    .action(async (directory: string | undefined, options: DiagramOptions) => {
      const format = formatOf(options);
      const folder = await outputFolder(directory, options, terminal);
      const { drawn } = await import('../drawn.js');
      const { picture, boxesAndLines } = drawn(folder, format);
      if (options.out !== undefined) writePicture(options.out, picture);
      if (terminal.json) terminal.printJson(boxesAndLines);
      else if (options.out === undefined) terminal.print(picture.trimEnd());
      else terminal.note(`wrote ${options.out}`);
    });
}

function formatOf({ format, out = '' }: DiagramOptions): PictureFormat {
  const asked = format ?? (out.endsWith('.svg') ? 'svg' : 'mermaid');
  const known = formats.find((each) => each === asked);
  if (known !== undefined) return known;
  const meant = closest(asked, formats);
  throw new CommandError({
    what: 'unknown format of a picture',
    got: asked,
    allowed: formats.join(', '),
    fix: meant ? `did you mean --format ${meant}?` : undefined,
  });
}

function writePicture(file: string, picture: string): void {
  try {
    writeFileSync(file, picture);
  } catch (error) {
    throw new CommandError({
      what: 'the picture cannot be written',
      got: (error as Error).message,
      fix: 'choose another --out',
    });
  }
}
