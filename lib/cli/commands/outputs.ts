import { type Command, Option } from 'commander';
import type { ClientConfiguration, ClientName } from 'oci-mcp-gateway/clients';
import { writeClientFiles } from '../client-files';
import { CommandError } from '../command-error';
import type { Endpoint, StackOutput } from '../outputs';
import { findProject, type ProjectOptions } from '../project';
import { closest } from '../suggestion';
import type { Terminal } from '../terminal';

interface OutputsFlags extends ProjectOptions {
  readonly for?: readonly string[];
  readonly write?: string;
}

/** Tells where a deployment answers, and what clients have to be told. */
export function addOutputs(program: Command, terminal: Terminal): void {
  program
    .command('outputs')
    .description('Print endpoints and what AI clients have to be told, after a deployment')
    .argument('[FILE]', 'outputs in JSON, - for the standard input (default: Terraform is asked in each stack)')
    .option('--project <dir>', 'folder of the cdktf.json')
    .addOption(new Option('--for <clients...>', 'clients to tell of, such as claude-code (default: all)'))
    .option('--write <dir>', 'write the files that clients look for in a project, of the first endpoint')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `
Examples:
  cdktf-oci-mcp outputs --for claude-code cursor
  cdktf-oci-mcp outputs --for claude-code vscode --write .
  cdktf deploy prod --outputs-file outputs.json && cdktf-oci-mcp outputs outputs.json
  terraform -chdir=cdktf.out/stacks/prod output -json | cdktf-oci-mcp outputs -`,
    )
    .action(async (file: string | undefined, flags: OutputsFlags) => {
      const { clientConfiguration, clientNames } = await import('oci-mcp-gateway/clients');
      const clients = chosen(flags.for, clientNames);
      const { askTerraform, endpointsIn, folderAt, readOutputs } = await import('../outputs.js');
      const folder = folderAt(outputDirectory(flags, file === undefined), file === undefined);
      const outputs = file === undefined && folder ? await askTerraform(folder, terminal) : readOutputs(file ?? '-');
      const endpoints = endpointsIn(outputs, folder).map((endpoint) => ({
        ...endpoint,
        clients: clients.map((client) => clientConfiguration(client, endpoint)),
      }));
      const files = flags.write === undefined ? undefined : writeClientFiles(flags.write, endpoints[0]?.clients ?? []);
      for (const file of files?.written ?? []) terminal.note(`wrote ${file}`);
      for (const file of files?.kept ?? []) terminal.note(`${file} is there already; add the server to it`);
      if (terminal.json) terminal.printJson({ outputs, endpoints, ...(files && { files }) });
      else printAll(outputs, endpoints, terminal);
    });
}

/** The output folder of the project. Outputs in a file may come from elsewhere; then none is needed. */
function outputDirectory(flags: OutputsFlags, isNeeded: boolean): string | undefined {
  try {
    return findProject({ app: '-', ...flags }).output;
  } catch (error) {
    if (isNeeded || flags.project !== undefined || !(error instanceof CommandError)) throw error;
    return undefined;
  }
}

function chosen(asked: readonly string[] | undefined, known: readonly ClientName[]): readonly ClientName[] {
  return (asked ?? known).map((name) => {
    const found = known.find((each) => each === name);
    if (found !== undefined) return found;
    const meant = closest(name, known);
    throw new CommandError({
      what: 'unknown client',
      got: name,
      allowed: known.join(', '),
      fix: meant ? `did you mean --for ${meant}?` : undefined,
    });
  });
}

type ToldEndpoint = Endpoint & { readonly clients: readonly ClientConfiguration[] };

function printAll(outputs: readonly StackOutput[], endpoints: readonly ToldEndpoint[], terminal: Terminal): void {
  for (const { stack, name, value, sensitive } of outputs) {
    const shown = sensitive ? '(sensitive)' : typeof value === 'string' ? value : JSON.stringify(value);
    const isTold = endpoints.some(({ output }) => output === name) && typeof value !== 'string';
    const full = [stack, name].filter(Boolean).join('.');
    terminal.print(`${terminal.styled('bold', plain(full))} = ${isTold ? '(below)' : plain(shown)}`);
  }
  if (outputs.length === 0) terminal.print('There are no outputs.');
  for (const { url, path, clients } of endpoints) {
    terminal.print(`\n${terminal.styled('cyan', plain(url))}${path === undefined ? '' : `  ${plain(path)}`}`);
    for (const { title, snippets } of clients) {
      const [first] = snippets;
      if (first === undefined) continue;
      const { file } = first;
      const place = file === undefined ? first.title : typeof file === 'string' ? file : Object.values(file).join(', ');
      terminal.print(`\n  ${terminal.styled('bold', title)}: ${place}`);
      terminal.print(first.text.replace(/^(?=.)/gm, '    '));
    }
  }
  if (endpoints.length === 0) {
    terminal.note(
      'No output tells the URL of a gateway; make one: new ClientConfiguration(this, "Clients", { gateway })',
    );
  }
}

/** Values come from a state: nothing in them moves the cursor. */
function plain(text: string): string {
  return [...text].filter((sign) => sign >= ' ' && !(sign >= '\u007f' && sign <= '\u009f')).join('');
}
