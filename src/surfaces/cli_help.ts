import { REFUSALS } from '../operations/refusals.ts';
import { commandText, kebab } from './cli_arguments.ts';
import { type CliCommand, FILES, isFile, isList, type LocalCommand } from './cli_commands.ts';
import { isSecret } from './cli_secrets.ts';
import { sampleValue } from './docs/example.ts';
import { type Field, jsonSchemaOf } from './json_schema.ts';
import { pathParams } from './routing.ts';

const COMMON: readonly [string, string][] = [
  ['--json', 'print the answer as JSON'],
  ['--url URL', 'server address (default: TOUCHLINE_URL, then the local server)'],
  ['--key KEY', "API key (default: TOUCHLINE_API_KEY, your session, then the local server's key)"],
];

/** All commands on one page. */
export function overview(
  builtin: Readonly<Record<string, LocalCommand>>,
  commands: readonly CliCommand[],
): string {
  const own = (of_server: boolean) =>
    Object.entries(builtin)
      .filter(([, { uses_server = false }]) => uses_server === of_server)
      .map(([name, { summary }]): [string, string] => [name, summary]);
  const others = commands.map((command): [string, string] => [
    [commandText(command), ...placeholders(command)].join(' '),
    command.operation.summary.split(/(?<=\.) /)[0]!,
  ]);
  return [
    'Touchline: agents propose, people approve, every decision can be explained.',
    '',
    'Run Touchline:',
    ...aligned(own(false)),
    '',
    'Use a running server:',
    ...aligned([...own(true), ...others]),
    '',
    'Options of every command of the second list:',
    ...aligned(COMMON),
    '',
    'HTTP API: /docs of the running server, for example http://127.0.0.1:7300/docs. To find problems: touchline doctor.',
    'COMMAND --help shows details. Exit codes: 0 done, 1 refused, 2 invalid command, 3 not running.',
  ].join('\n');
}

export function builtinHelp(name: string, { summary, options, flags = {}, argument }: LocalCommand): string {
  const rows = [
    ...Object.entries(options).map(([option, text]): [string, string] => [`--${kebab(option)} VALUE`, text]),
    ...Object.entries(flags).map(([flag, text]): [string, string] => [`--${kebab(flag)}`, text]),
  ];
  const place = argument === undefined ? '' : ` ${argument.name.toUpperCase()}`;
  return [
    `touchline ${name}${place}${rows.length === 0 ? '' : ' [options]'}`,
    '',
    summary,
    ...section('Arguments:', argument ? [[place.trim(), `one of: ${argument.choices.join(', ')}`]] : []),
    ...section('Options:', rows),
  ].join('\n');
}

export function commandHelp(command: CliCommand): string {
  const { operation, args, fields } = command;
  const by_place = args.map((name): [string, string] => [
    placeholder(name),
    isFile(name)
      ? 'a file, or - for standard input'
      : describe(fields.find((field) => field.name === name)!, true),
  ]);
  const file: [string, string][] = operation.http.stream
    ? [['FILE', 'CSV or JSON of any size, or - for standard input']]
    : [];
  const options = fields
    .filter(({ name }) => !args.includes(name) && !isSecret(command, name))
    .map((field): [string, string] => [optionText(field), describe(field)]);
  const map: [string, string][] = fields.some(({ name }) => name === 'mapping')
    ? [['--map FIELD=COLUMN', 'import the field from this column; repeatable']]
    : [];
  const all: [string, string][] = isList(command) ? [['--all', 'all pages']] : [];
  const own = new Set(fields.map(({ name }) => name));
  const common = COMMON.filter(([option]) => !own.has(option.slice(2).split(' ')[0]!));
  return [
    usage(command),
    '',
    operation.summary,
    ...(operation.permission.credential === 'session'
      ? ['Requires touchline sign-in; an API key is not enough.']
      : []),
    '',
    `For example: ${example(command)}`,
    ...section('Arguments:', [...by_place, ...file]),
    ...section('Options:', [...options, ...map, ...all, ...common]),
    ...section('Asks for, or reads from standard input, one line each:', secretsOf(command)),
    ...(operation.cli?.no === undefined ? [] : ['', `Exit code 1 if ${operation.cli.no.if}, else 0.`]),
    ...section(
      'Possible refusals:',
      operation.errors.map((code) => [code, (REFUSALS[code] ?? '').replaceAll('`', '')]),
    ),
  ].join('\n');
}

export function usage(command: CliCommand): string {
  return ['touchline', commandText(command), ...placeholders(command), '[options]'].join(' ');
}

/** A line that works as typed: every required argument and option, and one more where the input needs it or is a change. */
export function example(command: CliCommand): string {
  const { args, fields, operation } = command;
  const { properties = {} } = jsonSchemaOf(operation.input, 'input');
  const sample = (name: string) => sampleValue(name, properties[name] ?? {});
  const typed = (name: string) => shellWord(sample(name));
  const options = fields.filter(({ name }) => !args.includes(name) && !isSecret(command, name));
  const required = options.filter((option) => option.required);
  const isEnough = (given: readonly Field[]) => {
    const names = [...args, ...given.map(({ name }) => name)];
    const input = Object.fromEntries(names.map((name) => [name, sample(name)]));
    return !changesNothing(command, names) && operation.input.safeParse(input).success;
  };
  const more = isEnough(required)
    ? undefined
    : options.find((option) => !option.required && isEnough([...required, option]));
  const needed = more === undefined ? required : [...required, more];
  return [
    'touchline',
    commandText(command),
    ...args.map((name) => FILES[name] ?? typed(name)),
    ...(operation.http.stream ? ['leads.csv'] : []),
    ...needed.map(({ name, is_flag }) => (is_flag ? `--${kebab(name)}` : `--${kebab(name)} ${typed(name)}`)),
  ].join(' ');
}

/** Whether these inputs alone leave a change without anything to change. */
export function changesNothing({ operation: { http } }: CliCommand, given: readonly string[]): boolean {
  const in_path = pathParams(http.path);
  return http.method === 'PATCH' && given.every((name) => in_path.includes(name));
}

function secretsOf({ operation }: CliCommand): [string, string][] {
  return Object.values(operation.cli?.secrets ?? {}).map((secret) => [
    secret.label,
    secret.with === undefined ? '' : `if --${kebab(secret.with)} is given`,
  ]);
}

function shellWord(value: unknown): string {
  const text =
    typeof value === 'string'
      ? value
      : JSON.stringify([value].flat().length === 1 ? [value].flat()[0] : value);
  const plain = text.replace(/^"([\w.@:/-]+)"$/, '$1');
  return /^[\w.@:/-]+$/.test(plain) ? plain : `'${plain.replaceAll("'", "'\\''")}'`;
}

function placeholders(command: CliCommand): string[] {
  return [...command.args.map(placeholder), ...(command.operation.http.stream ? ['FILE'] : [])];
}

function placeholder(name: string): string {
  return isFile(name) ? 'FILE' : name.toUpperCase();
}

function optionText({ name, type, is_flag, items }: Field): string {
  if (is_flag) return `--${kebab(name)} / --no-${kebab(name)}`;
  const value = type === 'array' ? (items === 'json' ? 'JSON' : items.toUpperCase()) : type.toUpperCase();
  return `--${kebab(name)} ${value === 'STRING' ? 'TEXT' : value.replace('STRING', 'TEXT')}`;
}

function describe(field: Field, is_place = false): string {
  const { choices, fallback, required, is_flag } = field;
  const description = field.description || (field.name === 'id' ? 'its id, as the list shows it' : '');
  const notes = [
    choices.length > 0 ? `one of: ${choices.join(', ')}` : '',
    fallback !== undefined && !is_flag ? `${JSON.stringify(fallback)} unless given` : '',
    required ? 'required' : '',
    field.type === 'array' && !is_place ? `may be repeated${field.items === 'string' ? ', or a,b' : ''}` : '',
  ].filter((note) => note !== '');
  return `${description}${notes.length > 0 ? ` (${notes.join('; ')})` : ''}`.trim();
}

function section(title: string, rows: readonly (readonly [string, string])[]): string[] {
  return rows.length === 0 ? [] : ['', title, ...aligned(rows)];
}

function aligned(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.min(34, Math.max(0, ...rows.map(([left]) => left.length)));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`.trimEnd());
}
