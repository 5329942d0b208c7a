import { isUtf8 } from 'node:buffer';
import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import type { Config } from '../config.ts';
import { type Arguments, kebab, type OptionSpec, readArguments, UsageError } from './cli_arguments.ts';
import { type CliCommand, isFile, isList } from './cli_commands.ts';
import { changesNothing, example, usage } from './cli_help.ts';
import { type CliIo, EXIT, exitOf } from './cli_io.ts';
import { askSecrets } from './cli_secrets.ts';
import { signedInServer } from './cli_sessions.ts';
import { follow, importDuration, importErrors, rejectedRows, sendFile } from './cli_stream.ts';
import { answerText, printableText, problemIn, problemText } from './cli_text.ts';
import { ask, type ClientAnswer, type Server } from './client.ts';
import type { Field } from './json_schema.ts';
import { filledPath, inputsInQuery, pathParams } from './routing.ts';

type Session = { io: CliIo; config: Config };

/** Runs one operation's command against the server and prints the answer. */
export async function runCommand(
  command: CliCommand,
  argv: readonly string[],
  { io, config }: Session,
): Promise<number> {
  const given = readArguments(argv, optionsOf(command));
  const { input, file } = await inputOf(command, given, io);
  const own = new Set(command.fields.map(({ name }) => name));
  const said = (name: string) => (own.has(name) ? undefined : (given.values[name] as string | undefined));
  const asked = { url: said('url'), key: said('key') };
  const server = signedInServer(config, asked, command.operation.permission.credential);
  const answer =
    file === undefined
      ? command.operation.cli?.follow
        ? await follow(io, input, (next) => askOnce(server, command, next))
        : await askAll(server, command, input, given.values.all === true)
      : await sendFile(server, pathOf(command, input), file, io);
  const as_json = given.values.json === true && !own.has('json');
  return report(command, answer, { as_json, input }, io);
}

function report(
  command: CliCommand,
  answer: ClientAnswer,
  { as_json, input }: { as_json: boolean; input: Input },
  io: CliIo,
): number {
  const { status, body } = answer;
  const is_refused = status >= 400;
  const problem = problemIn(answer);
  const { operation } = command;
  const is_import = operation.http.stream === true;
  if (as_json) {
    io.stdout.write(`${JSON.stringify(body ?? (is_refused ? problem : null), null, 2)}\n`);
  } else if (is_refused) {
    io.stderr.write(`${printableText(problemText(problem))}\n`);
  } else {
    io.stdout.write(`${printableText(answerWords(command, body, input, io))}\n`);
    if (is_import) io.stderr.write(printableText(importErrors(body)));
    if (is_import) io.stdout.write(printableText(importDuration(body)));
  }
  if (is_refused) return exitOf({ code: problem.code, status });
  // The command asked whether everything is in order.
  if (operation.cli?.follow && (body as { ok?: unknown }).ok === false) return EXIT.refused;
  if (operation.cli?.no?.isNo(body)) return EXIT.refused;
  return is_import && rejectedRows(body) > 0 ? EXIT.refused : EXIT.ok;
}

function answerWords(command: CliCommand, body: unknown, input: Input, io: CliIo): string {
  const { text, output, http, cli } = command.operation;
  const shown = {
    leave_out: http.stream ? ['errors'] : [],
    shown: cli?.columns,
    empty: emptyText(command, input, body),
    below: cli?.below,
    nulls: cli?.nulls,
  };
  return text?.(body) ?? answerText(body, output, io.columns, shown);
}

function emptyText(command: CliCommand, input: Input, body: unknown): string | undefined {
  // A cursor of another list, or of another order, may lie behind every row.
  if (input.cursor !== undefined)
    return `End of results. From the start: touchline ${command.words.join(' ')}`;
  const empty = command.operation.cli?.empty;
  return typeof empty === 'function' ? empty(body) : (emptyWith(command, input) ?? empty);
}

/** For an empty list with filters: the filters, because other rows may exist. */
function emptyWith({ operation, args, words }: CliCommand, input: Input): string | undefined {
  const filters = Object.entries(input).filter(
    ([name]) => !['limit', 'cursor'].includes(name) && !args.includes(name),
  );
  if (filters.length === 0) return undefined;
  const noun = operation.http.path.split('/').at(-1)!.replaceAll('_', ' ');
  const said = filters.map(([name, value]) => `${name}=${[value].flat().map(String).join(',')}`).join(', ');
  const things = noun.endsWith('s') ? noun : 'rows';
  return `No ${things} with ${said}. To list all: touchline ${words.join(' ')}`;
}

function optionsOf(command: CliCommand): OptionSpec[] {
  const own = command.fields.flatMap(({ name, former_name, type, is_flag }): OptionSpec[] =>
    [name, former_name ?? name].map((one) =>
      is_flag ? { name: one, type: 'boolean' } : { name: one, type: 'string', multiple: type === 'array' },
    ),
  );
  const added: OptionSpec[] = [
    { name: 'json', type: 'boolean' },
    { name: 'url', type: 'string' },
    { name: 'key', type: 'string' },
    ...(isList(command) ? [{ name: 'all', type: 'boolean' } as const] : []),
    ...(command.operation.http.stream ? [{ name: 'map', type: 'string', multiple: true } as const] : []),
  ];
  const names = new Set(own.map(({ name }) => name));
  return [...own, ...added.filter(({ name }) => !names.has(name))];
}

type Input = Record<string, unknown>;

async function inputOf(
  command: CliCommand,
  { values, positionals }: Arguments,
  io: CliIo,
): Promise<{ input: Input; file: string | undefined }> {
  const { args, fields, operation } = command;
  const places = [...args, ...(operation.http.stream ? ['FILE'] : [])];
  const rest = listArgument(command);
  if (positionals.length > places.length && rest === undefined) {
    throw new UsageError(
      `Too many arguments: ${positionals[places.length]}\n${repeatHint(command, values)}${usage(command)}`,
    );
  }
  const placed = Object.fromEntries(
    positionals.map((value, at) => [places[at]!, value as string | string[]]),
  );
  if (rest !== undefined && positionals.length >= places.length) {
    placed[rest] = positionals.slice(places.length - 1);
  }
  const { FILE, ...named } = placed;
  const file = FILE as string | undefined;
  const all: Arguments['values'] = { ...values, ...named, ...mapping(values.map) };
  for (const { name, former_name = name } of fields) if (former_name in all) all[name] ??= all[former_name];
  await askSecrets(command, all, io);
  const missing = fields.filter(({ name, required }) => required && all[name] === undefined);
  const wanted = [
    ...missing.map(({ name }) =>
      isFile(name) ? 'FILE' : args.includes(name) ? name.toUpperCase() : `--${kebab(name)}`,
    ),
    ...(operation.http.stream && file === undefined ? ['FILE'] : []),
  ];
  if (wanted.length > 0) {
    throw incomplete(command, `Missing: ${wanted.join(', ')}`);
  }
  if (changesNothing(command, Object.keys(all))) {
    throw incomplete(command, 'Nothing to change: give at least one option.');
  }
  const read = fields
    .filter(({ name }) => all[name] !== undefined)
    .map(async (field) => {
      const value = all[field.name];
      // In a body `null` is never text: it clears a field, or the server refuses it.
      const is_null = String(value) === 'null' && !inputsInQuery(operation);
      return [field.name, is_null ? null : await inputValue(field, value, io)] as const;
    });
  return { input: Object.fromEntries(await Promise.all(read)), file };
}

function incomplete(command: CliCommand, fault: string): UsageError {
  return new UsageError(`${fault}\nUsage: ${usage(command)}\nFor example: ${example(command)}`);
}

/** `--events a b` means two events. */
function repeatHint({ fields, args }: CliCommand, values: Arguments['values']): string {
  const list = fields.find(
    ({ name, type }) => type === 'array' && !args.includes(name) && values[name] !== undefined,
  );
  if (list === undefined) return '';
  const option = `--${kebab(list.name)}`;
  return `Repeat an option to give several values: ${option} ONE ${option} ANOTHER\n`;
}

/** The last positional input if it is a list: it takes all remaining words. */
function listArgument({ args, fields }: CliCommand): string | undefined {
  const last = args.at(-1);
  return fields.some(({ name, type }) => name === last && type === 'array') ? last : undefined;
}

/** `--map email=Mail --map company=Firm` is one input: the fields and their columns as JSON. */
function mapping(map: Arguments['values'][string]): { mapping?: string } {
  if (!Array.isArray(map)) return {};
  const pairs = map.map((pair) => {
    const at = String(pair).indexOf('=');
    if (at < 1) throw new UsageError(`--map takes FIELD=COLUMN, not ${pair}`);
    return [String(pair).slice(0, at), String(pair).slice(at + 1)] as const;
  });
  // Only further addresses have several columns.
  const addresses = pairs.flatMap(([field, column]) => (field === 'addresses' ? [column] : []));
  const fields = Object.fromEntries(pairs.filter(([field]) => field !== 'addresses'));
  return { mapping: JSON.stringify(addresses.length === 0 ? fields : { ...fields, addresses }) };
}

async function inputValue(field: Field, value: Arguments['values'][string], io: CliIo): Promise<unknown> {
  if (field.is_flag) return field.type === 'boolean' ? value : String(value);
  if (isFile(field.name)) return readDocument(String(value), io);
  if (field.type === 'array') return [value].flat().flatMap((part) => itemsOf(field, String(part)));
  if (field.type === 'number') return numberOf(String(value));
  return field.type === 'json' ? jsonOf(String(value)) : value;
}

function itemsOf(field: Field, value: string): unknown[] {
  if (field.items === 'number') return [numberOf(value)];
  if (field.items === 'json') return [jsonOf(value)].flat();
  // No item of a list contains a comma, so `--scopes a,b` can only mean both.
  return value
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

/** Anything but a number stays text, which the server refuses with its path. */
function numberOf(value: string): unknown {
  return value.trim() !== '' && Number.isFinite(Number(value)) ? Number(value) : value;
}

function jsonOf(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

async function readDocument(file: string, { stdin }: CliIo): Promise<string> {
  const bytes = file === '-' ? await buffer(stdin) : await readBytes(file);
  const content = textOf(bytes, file);
  if (content.trim() === '') throw new UsageError(`${file === '-' ? 'The input' : file}: the file is empty.`);
  return content;
}

function textOf(bytes: Buffer, file: string): string {
  if (isUtf8(bytes)) return bytes.toString('utf8');
  throw new UsageError(
    `${file === '-' ? 'The input' : file} is not UTF-8. A message in another encoding: base64 FILE | touchline take inbound - --encoding base64`,
  );
}

function readBytes(file: string): Promise<Buffer> {
  return readFile(file).catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(`${file} cannot be read: ${error.code}`);
  });
}

async function askAll(
  server: Server,
  command: CliCommand,
  input: Input,
  all: boolean,
): Promise<ClientAnswer> {
  const first = await askOnce(server, command, input);
  if (!all) return first;
  const items: unknown[] = [];
  let page = first;
  while (page.status < 400) {
    const { items: more, next_cursor } = page.body as { items: unknown[]; next_cursor: string | null };
    items.push(...more);
    if (next_cursor === null) return { status: 200, body: { items, next_cursor: null } };
    page = await askOnce(server, command, { ...input, cursor: next_cursor });
  }
  return page;
}

function askOnce(server: Server, command: CliCommand, input: Input): Promise<ClientAnswer> {
  const { operation } = command;
  const path = pathOf(command, input);
  const { method } = operation.http;
  if (inputsInQuery(operation)) return ask(server, { method, path });
  const content = JSON.stringify(restOf(command, input));
  return ask(server, { method, path, body: { media_type: 'application/json', content } });
}

function pathOf(command: CliCommand, input: Input): string {
  const { operation } = command;
  const path = filledPath(operation.http.path, (name) => encodeURIComponent(String(input[name])));
  if (!inputsInQuery(operation)) return path;
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(restOf(command, input))) {
    for (const part of [value].flat())
      query.append(name, typeof part === 'object' ? JSON.stringify(part) : String(part));
  }
  return query.size === 0 ? path : `${path}?${query}`;
}

function restOf({ operation }: CliCommand, input: Input): Input {
  const in_path = pathParams(operation.http.path);
  return Object.fromEntries(Object.entries(input).filter(([name]) => !in_path.includes(name)));
}
