import { once } from 'node:events';
import type { Command } from 'commander';
import { CommandError } from '../command-error';
import type { BackendState } from '../dev/backend-state';
import type { DevEvent } from '../dev/dev-session';
import { findProject, type ProjectOptions } from '../project';
import type { Terminal } from '../terminal';

interface DevFlags extends ProjectOptions {
  readonly gateway?: string;
  readonly port?: string;
  readonly local?: string;
}

/** Runs servers and gateway of a project on this machine. */
export function addDev(program: Command, terminal: Terminal): void {
  program
    .command('dev')
    .description("Run a stack's servers and gateway on this machine, and keep up with changes")
    .option('--project <dir>', 'folder of the cdktf.json')
    .option('--app <command>', 'command that synthesizes, in place of that of cdktf.json')
    .option('--gateway <path>', 'path of the gateway, where the app has several')
    .option('--port <number>', 'port of the gateway, 0 for any (default: that of the stack)')
    .option(
      '--local <file>',
      'programs in place of servers that cannot run here (default: mcp.dev.json of the project)',
    )
    .option('--json', 'print one JSON document a line: ready, reloaded, failed, line')
    .action(async (flags: DevFlags) => {
      const project = findProject(flags);
      const port = portIn(flags.port);
      const { DevSession } = await import('../dev/dev-session.js');
      const interrupted = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
      const session = new DevSession({
        ...{ project, terminal, port, gateway: flags.gateway, local: flags.local, env: process.env },
        onEvent: (event) => tell(event, session.token, terminal),
      });
      try {
        await Promise.race([session.start(), interrupted]);
        const ended = await Promise.race([interrupted.then(() => undefined), session.gatewayEnded]);
        if (ended !== undefined) throw new CommandError({ what: 'the gateway ended by itself', got: ended });
      } finally {
        await session.stop();
      }
    });
}

function portIn(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new CommandError({ what: '--port is no port', got: text, allowed: 'a whole number from 0 to 65535' });
}

function tell(event: DevEvent, token: string, terminal: Terminal): void {
  if (terminal.json) {
    const client = event.event === 'ready' ? { token } : {};
    terminal.print(JSON.stringify({ ...event, ...client }));
  } else if (event.event === 'line') {
    terminal.note(terminal.styledNote('dim', `${event.backend} | ${event.line}`));
  } else if (event.event === 'failed') {
    const who = event.backend === undefined ? '' : `${event.backend} `;
    terminal.note(`${terminal.styledNote('red', 'error:')} ${who}${event.reason}`);
  } else if (event.event === 'reloaded') {
    const started = event.backends.filter(({ isNew }) => isNew);
    if (started.length === 0) terminal.print('Up to date: no server has changed');
    for (const state of started) printBackend(state, terminal);
  } else {
    terminal.print(`${terminal.styled('bold', 'Gateway')}  ${terminal.styled('cyan', event.url)}`);
    for (const state of event.backends) printBackend(state, terminal);
    printClient(event.url, token, terminal);
  }
}

function printBackend({ name, state, how, tools, missing }: BackendState, terminal: Terminal): void {
  const style = state === 'runs' ? 'green' : state === 'failed' ? 'red' : 'yellow';
  terminal.print(`  ${terminal.styled(style, state.padEnd(9))}  ${name}: ${how}`);
  if (tools.length > 0) terminal.print(`             ${tools.join(', ')}`);
  for (const variable of missing) {
    terminal.print(`             ${variable} is not set here; export it before \`dev\` if the server needs it`);
  }
}

function printClient(url: string, token: string, terminal: Terminal): void {
  const server = { type: 'http', url, headers: { Authorization: `Bearer ${token}` } };
  terminal.print('\nFor your MCP client:');
  terminal.print(JSON.stringify({ mcpServers: { 'local-gateway': server } }, null, 2));
  terminal.print('\nServers start again when their files change. Ctrl-C ends everything.');
}
