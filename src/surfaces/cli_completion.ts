import { kebab } from './cli_arguments.ts';
import { type CliCommand, isFile, isList, type LocalCommand } from './cli_commands.ts';
import { type Completed, driverOf, type Shell } from './cli_completion_shells.ts';
import { isSecret } from './cli_secrets.ts';

/** The completion script of a shell for commands, options, and their values: it contains them all and makes no requests. */
export function completionScript(
  shell: Shell,
  builtin: Readonly<Record<string, LocalCommand>>,
  commands: readonly CliCommand[],
): string {
  const completed = [...Object.entries(builtin).map(builtinCompleted), ...commands.map(commandCompleted)];
  return driverOf(shell, [...completed, helpCompleted(completed)]);
}

function builtinCompleted([line, local]: [string, LocalCommand]): Completed {
  const { summary, options, flags = {}, argument } = local;
  return {
    line,
    summary,
    flags: [...Object.keys(flags).map((flag) => `--${kebab(flag)}`), '--help'],
    options: Object.fromEntries(Object.keys(options).map((option) => [`--${kebab(option)}`, []])),
    takes_file: false,
    choices: argument?.choices ?? [],
  };
}

function commandCompleted(command: CliCommand): Completed {
  const { words, operation, fields, args } = command;
  const options = fields.filter(({ name }) => !args.includes(name) && !isSecret(command, name));
  const with_value = options.filter(({ is_flag }) => !is_flag);
  const first = fields.find(({ name }) => name === args[0]);
  return {
    line: words.join(' '),
    summary: operation.summary.split(/(?<=\.) /)[0]!,
    flags: [
      ...options.flatMap(({ name, is_flag }) => (is_flag ? [`--${kebab(name)}`, `--no-${kebab(name)}`] : [])),
      ...(isList(command) ? ['--all'] : []),
      '--json',
      '--help',
    ],
    options: {
      ...Object.fromEntries(with_value.map(({ name, choices }) => [`--${kebab(name)}`, choices])),
      '--url': [],
      '--key': [],
      ...(operation.http.stream ? { '--map': [] } : {}),
    },
    takes_file: operation.http.stream === true || args.some(isFile),
    choices: first?.choices ?? [],
  };
}

/** `touchline help COMMAND`; for commands of several words, the first word is enough. */
function helpCompleted(completed: readonly Completed[]): Completed {
  const choices = [...new Set(completed.map(({ line }) => line.split(' ')[0]!))];
  return {
    line: 'help',
    summary: 'Show the help of a command.',
    flags: [],
    options: {},
    takes_file: false,
    choices,
  };
}
