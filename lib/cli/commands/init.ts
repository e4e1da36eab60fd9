import { relative } from 'node:path';
import { type Command, Option } from 'commander';
import { templateCalled, templates } from '../init/templates';
import type { Terminal } from '../terminal';

interface InitFlags {
  readonly template: string;
  readonly name?: string;
  readonly packages?: string;
}

/** Begins a project. */
export function addInit(program: Command, terminal: Terminal): void {
  program
    .command('init')
    .description('Begin a project that synthesizes, and runs on this machine')
    .argument('[DIR]', 'folder for it', '.')
    .addOption(new Option('-t, --template <template>', templates.map(({ name }) => name).join(', ')).default('python'))
    .option('--name <name>', 'name of the project (default: that of the folder)')
    .option('--packages <dir>', 'folder of tarballs that `npm pack` made (default: as this program was installed)')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `\nTemplates:\n${templates.map(({ name, what }) => `  ${name.padEnd(15)} ${what}`).join('\n')}`,
    )
    .action(async (directory: string, { template: asked, ...options }: InitFlags) => {
      const template = templateCalled(asked);
      const { scaffold } = await import('../init/scaffold.js');
      const made = scaffold(directory, template, options);
      const place = relative('.', made.directory);
      const next = [...(place === '' ? [] : [`cd ${quoted(place)}`]), 'npm install', 'npm run dev'];
      if (terminal.json) return terminal.printJson({ ...made, template: template.name, next });
      terminal.print(`${terminal.styled('green', 'Began')} ${made.name}: ${template.what}`);
      for (const file of made.files) terminal.print(`  ${file}`);
      terminal.print('\nNext:');
      for (const command of next) terminal.print(`  ${terminal.styled('cyan', command)}`);
    });
}

/** As a shell takes it for one word. */
function quoted(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
