import { relative } from 'node:path';
import type { Command } from 'commander';
import type { CheckFinding } from '../findings';
import type { ProjectOptions } from '../project';
import { outputFolder } from '../synthesize';
import type { Terminal } from '../terminal';

interface CheckOptions extends ProjectOptions {
  readonly allowManage?: readonly string[];
  readonly allowAllResources?: readonly string[];
}

/** Has the rules look at what was synthesized. */
export function addCheck(program: Command, terminal: Terminal): void {
  program
    .command('check')
    .description('Run the rule pack on a synthesized folder')
    .argument('[DIR]', 'output folder of CDKTF (default: the project is synthesized, and its folder checked)')
    .option('--project <dir>', 'folder of the cdktf.json')
    .option('--app <command>', 'command that synthesizes, in place of that of cdktf.json')
    .option('--allow-manage <types...>', 'resource types that statements may manage, such as repos')
    .option('--allow-all-resources <verbs...>', 'verbs that statements may give on all-resources, such as inspect')
    .option('--json', 'print one JSON document')
    .addHelpText('after', '\nExit codes: 0 nothing found, 1 something found, 2 nothing could be checked.')
    .action(async (directory: string | undefined, options: CheckOptions) => {
      const folder = await outputFolder(directory, options, terminal);
      const { findingsOf } = await import('../findings.js');
      const allow = { manage: options.allowManage, allResources: options.allowAllResources };
      const { stacks, findings } = findingsOf(folder, allow);
      if (terminal.json) terminal.printJson({ directory: folder, stacks, findings });
      else printFindings(findings, { folder, stacks: stacks.length }, terminal);
      if (findings.length > 0) process.exitCode = 1;
    });
}

function printFindings(
  findings: readonly CheckFinding[],
  { folder, stacks: count }: { readonly folder: string; readonly stacks: number },
  terminal: Terminal,
): void {
  for (const { rule, title, path, found, fix } of findings) {
    const headline = [rule, title].filter(Boolean).join(' ');
    terminal.print(`${terminal.styled('red', headline)}  ${terminal.styled('bold', path)}`);
    terminal.print(`  found: ${found}`);
    terminal.print(`  fix:   ${fix}`);
  }
  const stacks = `${count} ${count === 1 ? 'stack' : 'stacks'}`;
  const place = relative('.', folder) || folder;
  if (findings.length === 0) terminal.print(terminal.styled('green', `Nothing found in ${stacks} of ${place}`));
  else terminal.print(`${findings.length} found in ${stacks} of ${place}`);
}
