import type { Command } from 'commander';
import { CommandError } from '../command-error';
import { closest } from '../suggestion';
import type { Terminal } from '../terminal';

const shells = ['bash', 'zsh', 'fish'] as const;

/** What a shell may complete. */
interface Words {
  readonly name: string;
  readonly description: string;
  readonly flags: readonly { readonly flag: string; readonly description: string }[];
}

/** Prints a script with which a shell completes commands and options. */
export function addCompletion(program: Command, terminal: Terminal): void {
  program
    .command('completion')
    .description('Print a script with which a shell completes commands and options')
    .argument('<SHELL>', shells.join(', '))
    .option('--json', 'print commands and options as one JSON document')
    .addHelpText(
      'after',
      `
Examples:
  bash  source <(cdktf-oci-mcp completion bash)
  zsh   source <(cdktf-oci-mcp completion zsh)
  fish  cdktf-oci-mcp completion fish | source`,
    )
    .action((shell: string) => {
      const words = wordsOf(program);
      const script = scriptFor(shell, program.name(), words);
      if (terminal.json) terminal.printJson({ shell, commands: words });
      else terminal.print(script);
    });
}

function wordsOf(program: Command): Words[] {
  return program.commands.map((command) => ({
    name: command.name(),
    description: command.description(),
    flags: command.options.flatMap(({ long, description }) => (long ? [{ flag: long, description }] : [])),
  }));
}

function scriptFor(shell: string, program: string, words: readonly Words[]): string {
  if (shell === 'bash') return bash(program, words);
  if (shell === 'zsh') return zsh(program, words);
  if (shell === 'fish') return fish(program, words);
  const meant = closest(shell, shells);
  throw new CommandError({
    what: 'unknown shell',
    got: shell,
    allowed: shells.join(', '),
    fix: meant ? `did you mean ${meant}?` : undefined,
  });
}

function bash(program: string, words: readonly Words[]): string {
  const cases = words.map(({ name, flags }) => `    ${name}) words="${flags.map(({ flag }) => flag).join(' ')}" ;;`);
  return `_cdktf_oci_mcp() {
  local words="${words.map(({ name }) => name).join(' ')} help" word="\${COMP_WORDS[COMP_CWORD]}"
  [ "$COMP_CWORD" -gt 1 ] && case "\${COMP_WORDS[1]}" in
${cases.join('\n')}
    *) words="" ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -o default -F _cdktf_oci_mcp ${program}`;
}

function zsh(program: string, words: readonly Words[]): string {
  const commands = words.map(({ name, description }) => `'${name}:${quotable(description)}'`);
  const cases = words.map(({ name, flags }) => {
    const specs = flags.map(({ flag, description }) => `'${flag}[${quotable(description)}]'`);
    return `    ${name}) _arguments ${[...specs, "'*:file:_files'"].join(' ')} ;;`;
  });
  return `_cdktf_oci_mcp() {
  local -a commands=(${commands.join(' ')})
  if (( CURRENT == 2 )); then _describe command commands; return; fi
  local name=$words[2]; shift words; (( CURRENT-- ))
  case $name in
${cases.join('\n')}
  esac
}
compdef _cdktf_oci_mcp ${program}`;
}

function fish(program: string, words: readonly Words[]): string {
  const commands = words.map(
    ({ name, description }) =>
      `complete -c ${program} -n __fish_use_subcommand -f -a ${name} -d '${quotable(description)}'`,
  );
  const flags = words.flatMap(({ name, flags: all }) =>
    all.map(
      ({ flag, description }) =>
        `complete -c ${program} -n '__fish_seen_subcommand_from ${name}' -l ${flag.slice(2)} -d '${quotable(description)}'`,
    ),
  );
  return [...commands, ...flags].join('\n');
}

/** Without what would end a quoted word or mean something inside it. */
function quotable(description: string): string {
  return description.replace(/['":[\]\\]/g, ' ');
}
