import about from '../../package.json' with { type: 'json' };
import type { Config } from '../config.ts';
import { AppError } from '../errors.ts';
import type { Operation } from '../operations/operation.ts';
import { commandText, nearest, readArguments, UsageError } from './cli_arguments.ts';
import { type CliCommand, commandsOf, findCommand, isNoId, type LocalCommand } from './cli_commands.ts';
import { builtinHelp, commandHelp, overview, usage } from './cli_help.ts';
import { type CliIo, EXIT, exitOf } from './cli_io.ts';
import { runCommand } from './cli_run.ts';
import { printableText, problemText } from './cli_text.ts';
import { Unavailable } from './client.ts';

/** A command that runs here, not in a server. */
export type Builtin = LocalCommand & {
  /** Returns the exit code. */
  run(options: BuiltinOptions): Promise<number>;
};

/** By option; the argument by its name, a flag as 'true'. */
export type BuiltinOptions = Record<string, string | undefined>;

export type CliOptions = {
  registry: readonly Operation[];
  builtin: Readonly<Record<string, Builtin>>;
  /** Called only when needed: help works in any environment. */
  readConfig: () => Config;
  /** The refusal behind a local command's error; undefined for a bug, which is rethrown. */
  toAppError?: (error: unknown) => AppError | undefined;
  io?: CliIo;
};

/**
 * Runs one command line (without `node` and the script). Returns the exit code: 0 done, 1 refused, 2 not understood, 3 no
 * server. A reader that closes early, for example `head`, is not an error.
 */
export async function runCli(argv: readonly string[], options: CliOptions): Promise<number> {
  const io = options.io ?? processIo();
  const quiet = new Promise<number>((resolve, reject) => {
    io.stdout.on('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EPIPE' ? resolve(EXIT.ok) : reject(error),
    );
  });
  return Promise.race([quiet, guarded(argv, { ...options, io })]);
}

type Session = CliOptions & { io: CliIo };

async function guarded(argv: readonly string[], session: Session): Promise<number> {
  try {
    return await dispatch(argv, session);
  } catch (error) {
    const complaint = complaintOf(error, session);
    if (complaint === undefined) throw error;
    const { text, problem, exit } = complaint;
    const { stdout, stderr } = session.io;
    if (argv.includes('--json')) stdout.write(`${JSON.stringify(problem, null, 2)}\n`);
    else stderr.write(`${printableText(text)}\n`);
    return exit;
  }
}

/** A refusal in words and as JSON. A typing error needs no code for people, but scripts need one. */
function complaintOf(error: unknown, { toAppError }: Session) {
  if (error instanceof UsageError || error instanceof Unavailable) {
    const { message: text } = error;
    const code = error instanceof UsageError ? 'usage' : 'unavailable';
    return { text, problem: { code, detail: text }, exit: EXIT[code] };
  }
  const refusal = error instanceof AppError ? error : toAppError?.(error);
  if (refusal === undefined) return undefined;
  const { code, message: detail, errors, hint } = refusal;
  const problem = { code, detail, errors, hint };
  return { text: problemText(problem), problem, exit: exitOf(refusal) };
}

async function dispatch(argv: readonly string[], session: Session): Promise<number> {
  const { io, builtin } = session;
  const commands = commandsOf(session.registry);
  const print = (text: string) => {
    io.stdout.write(`${text}\n`);
    return EXIT.ok;
  };
  const words = globalsLast(argv);
  if (argv.length === 1 && argv[0] === '--version') return print(about.version);
  const wants_help = words[0] === 'help' || words.includes('--help') || words.includes('-h');
  const named = words.filter((word) => word !== '--help' && word !== '-h');
  if (named[0] === 'help') named.shift();
  if (named.length === 0) return print(overview(builtin, commands));
  const [name = '', ...rest] = named;
  const own = Object.hasOwn(builtin, name) ? builtin[name] : undefined;
  if (own) return wants_help ? print(builtinHelp(name, own)) : own.run(readBuiltinOptions(name, own, rest));
  const found = findCommand(commands, named);
  if (!found) throw unknownCommand(named, builtin, commands);
  refuseNearMiss(found, named, { commands, wants_help });
  if (wants_help) return print(commandHelp(found.command));
  return runCommand(found.command, found.rest, { io, config: session.readConfig() });
}

function readBuiltinOptions(name: string, own: Builtin, argv: readonly string[]): BuiltinOptions {
  const { options, flags = {}, argument } = own;
  const { values, positionals } = readArguments(argv, [
    ...Object.keys(options).map((option) => ({ name: option, type: 'string' as const })),
    ...Object.keys(flags).map((flag) => ({ name: flag, type: 'boolean' as const })),
  ]);
  const surplus = positionals[argument === undefined ? 0 : 1];
  if (surplus !== undefined) {
    throw new UsageError(`touchline ${name} takes no argument ${surplus}.\n\n${builtinHelp(name, own)}`);
  }
  const said = Object.entries(values).map(([option, value]) => [
    option,
    value === true ? 'true' : value === false ? undefined : value,
  ]);
  return { ...Object.fromEntries(said), ...argumentOf(name, argument, positionals[0]) };
}

function argumentOf(name: string, argument: Builtin['argument'], given: string | undefined): BuiltinOptions {
  if (argument === undefined) return {};
  if (given !== undefined && argument.choices.includes(given)) return { [argument.name]: given };
  const choices = argument.choices.join(', ');
  const fault = given === undefined ? `Missing: ${argument.name.toUpperCase()}.` : `Unknown value: ${given}.`;
  throw new UsageError(
    `${fault} It is one of: ${choices}.\nFor example: touchline ${name} ${argument.choices[0]}`,
  );
}

/** `plays pickup` is the command `plays` with an extra word, and another command was probably meant. */
function refuseNearMiss(
  { command, rest }: NonNullable<ReturnType<typeof findCommand>>,
  named: readonly string[],
  { commands, wants_help }: { commands: readonly CliCommand[]; wants_help: boolean },
): void {
  const at = rest.findIndex((word) => word.startsWith('-'));
  const places = command.args.length + (command.operation.http.stream ? 1 : 0);
  const placed = at === -1 ? rest.length : at;
  const longer = commands.filter(
    ({ words }) =>
      words.length > command.words.length && command.words.every((word, place) => words[place] === word),
  );
  const is_unknown =
    (longer.length > 0 && isNoId(command, rest[0])) || (wants_help && places === 0 && placed > 0);
  if (placed <= places && !is_unknown) return;
  const typed = named.slice(0, command.words.length + 1).join(' ');
  const tails = longer.map(({ words }) => words.slice(command.words.length).join(' '));
  const meant = nearest(rest[0]!, tails);
  if (meant !== undefined) {
    throw new UsageError(
      `Unknown command: ${typed}. Did you mean: touchline ${commandText(command)} ${meant}`,
    );
  }
  if (!is_unknown) return;
  const there_are = [command, ...longer].map((one) => `\n  ${usage(one).replace(' [options]', '')}`);
  throw new UsageError(`Unknown command: ${typed}. Available commands:${there_are.join('')}`);
}

function unknownCommand(
  words: readonly string[],
  builtin: CliOptions['builtin'],
  commands: readonly CliCommand[],
): UsageError {
  const typed = words.filter((word) => !word.startsWith('-'));
  const below = commands.filter(({ words: [first] }) => first === typed[0]).map(commandText);
  if (below.length > 0) {
    const meant = nearest(typed.slice(0, 2).join(' '), below);
    const first = meant === undefined ? '' : `Did you mean: touchline ${meant}\n`;
    return new UsageError(
      `${first}Available commands:\n${below.map((text) => `  touchline ${text}`).join('\n')}`,
    );
  }
  const known = [...Object.keys(builtin), ...commands.map(commandText)];
  const close = nearest(typed.slice(0, 2).join(' '), known) ?? nearest(typed[0] ?? '', known);
  const hint =
    close === undefined ? 'touchline help lists all commands.' : `Did you mean: touchline ${close}`;
  return new UsageError(`Unknown command: ${typed[0] ?? words[0]}. ${hint}`);
}

/** `touchline --json leads` means `touchline leads --json`. */
function globalsLast(argv: readonly string[]): string[] {
  const rest = [...argv];
  const moved: string[] = [];
  while (/^--(json$|(url|key)(=|$))/.test(rest[0] ?? '')) {
    moved.push(...rest.splice(0, /^--(url|key)$/.test(rest[0]!) ? 2 : 1));
  }
  return [...rest, ...moved];
}

function processIo(): CliIo {
  const { stdout, stderr, stdin } = process;
  return { stdout, stderr, stdin, is_tty: stderr.isTTY === true, columns: stdout.isTTY ? stdout.columns : 0 };
}
