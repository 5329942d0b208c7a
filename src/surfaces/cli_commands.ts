import type { Operation } from '../operations/operation.ts';
import { type Field, fieldsOf, jsonSchemaOf } from './json_schema.ts';
import { pathParams, type RoutedOperation, routed } from './routing.ts';

/** An operation as a command. */
export type CliCommand = {
  operation: RoutedOperation;
  /** The words after `touchline`: the operation's command, else the words of its name. The name itself always works. */
  words: readonly string[];
  fields: readonly Field[];
  /** Positional inputs, in order. */
  args: readonly string[];
};

/** A command that is not an operation. */
export type LocalCommand = {
  summary: string;
  /** Option and description. All take a value. */
  options: Readonly<Record<string, string>>;
  /** Options without a value, and their descriptions. */
  flags?: Readonly<Record<string, string>>;
  /** One positional argument with fixed choices. */
  argument?: { name: string; choices: readonly string[] };
  /** Whether it concerns a running server: then the help lists it among those commands. */
  uses_server?: true;
};

/** Inputs that contain a whole document: the argument is its file. The value is the file's label. */
export const FILES: Readonly<Record<string, string>> = { yaml: 'campaign.yaml', raw: 'answer.eml' };

/**
 * Signing in and setting a password prompt for secrets that do not belong on a command line: cli_sign_in.ts has those
 * commands.
 */
export function commandsOf(registry: readonly Operation[]): CliCommand[] {
  return routed(registry)
    .filter(({ permission, cli }) => !permission.is_public || cli !== undefined)
    .filter(({ permission, cli }) => !(permission.credential === 'session' && cli === undefined))
    .map((operation) => {
      const args = operation.cli?.args ?? pathParams(operation.http.path);
      const files = Object.keys(operation.input.shape).filter((name) => isFile(name) && !args.includes(name));
      const words = operation.cli?.command.split(' ') ?? operation.name.split('_');
      return {
        operation,
        words,
        args: [...args, ...files],
        // A command line needs the fields of one command.
        get fields() {
          return fieldsOf(operation.input);
        },
      };
    });
}

/** The longest command with which the line begins, and the remaining words. */
export function findCommand(
  commands: readonly CliCommand[],
  line: readonly string[],
): { command: CliCommand; rest: string[] } | undefined {
  const named = commands.find(
    ({ operation }) =>
      operation.name === line[0]?.replaceAll('-', '_') ||
      (operation.cli?.also !== undefined && operation.cli.also === line[0]),
  );
  const matching = commands.filter(({ words }) => words.every((word, at) => line[at] === word));
  const command = matching.toSorted((a, b) => b.words.length - a.words.length)[0];
  if (command) return { command, rest: line.slice(command.words.length) };
  return named && { command: named, rest: line.slice(1) };
}

/** Whether the word in place of the id can only be a word of a longer command. */
export function isNoId({ args, operation }: CliCommand, given: string | undefined): boolean {
  const id = jsonSchemaOf(operation.input, 'input').properties?.[args[0] ?? ''];
  return id?.format === 'uuid' && given !== undefined && /^[a-z][a-z_-]*$/.test(given);
}

export function isList({ fields }: CliCommand): boolean {
  return fields.some(({ name }) => name === 'cursor');
}

/** Whether the argument of this input names a file (or `-`) that contains the value. */
export function isFile(name: string): boolean {
  return Object.hasOwn(FILES, name);
}
