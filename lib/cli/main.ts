#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { CommandError } from './command-error';
import { addCheck } from './commands/check';
import { addCompletion } from './commands/completion';
import { addDev } from './commands/dev';
import { addDiagram } from './commands/diagram';
import { addInit } from './commands/init';
import { addOutputs } from './commands/outputs';
import { Terminal } from './terminal';

/** What cannot be done as asked; 1 is for what was done and found something. */
const cannotBeDone = 2;

const terminal = new Terminal({ out: process.stdout, err: process.stderr, env: process.env });
const { version } = JSON.parse(readFileSync(join(__dirname, '..', '..', 'package.json'), 'utf8'));

const program = new Command('cdktf-oci-mcp')
  .description('MCP servers and gateways on Oracle Cloud: begin, run here, check, draw')
  .version(version)
  .showHelpAfterError('(--help says more)')
  .exitOverride()
  .hook('preAction', (_, command) => {
    terminal.json = command.opts()['json'] === true;
  });

for (const add of [addInit, addDev, addCheck, addDiagram, addOutputs, addCompletion]) add(program, terminal);

async function main(): Promise<void> {
  try {
    await program.parseAsync();
  } catch (error) {
    process.exitCode = cannotBeDone;
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : cannotBeDone;
    else if (!(error instanceof CommandError)) throw error;
    else if (terminal.json) terminal.printJson({ error: error.fault });
    else terminal.note(`${terminal.styledNote('red', 'error:')} ${error.message}`);
  }
}

// A reader that has seen enough, such as `head`, is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

void main();
