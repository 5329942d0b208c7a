import type { Operation } from '../operations/operation.ts';
import { type Field, fieldsOf, jsonSchemaOf } from './json_schema.ts';
import { pathParams, type RoutedOperation, routed } from './routing.ts';

/** An operation as a command line sees it. */
export type CliCommand = {
  operation: RoutedOperation;
  /** After `touchline`: the operation's command, else the words of its name. The name itself always works. */
  words: readonly string[];
  fields: readonly Field[];
  /** Inputs by place, in order. */
  args: readonly string[];
};

/** An input of this name holds a whole document: its argument is the file with the document. What the file may be called. */
export const FILES: Readonly<Record<string, string>> = { yaml: 'campaign.yaml', raw: 'answer.eml' };

/** Signing in, and the password, ask for what is not typed into a command line: cli_sign_in.ts has them, so they name no command. */
export function commandsOf(registry: readonly Operation[]): CliCommand[] {
  return routed(registry)
    .filter(({ permission, cli }) => !permission.is_public || cli !== undefined)
    .filter(({ permission, cli }) => !(permission.credential === 'session' && cli === undefined))
    .map((operation) => {
      const fields = fieldsOf(operation.input);
      const args = operation.cli?.args ?? pathParams(operation.http.path);
      const files = fields.map(({ name }) => name).filter((name) => isFile(name) && !args.includes(name));
      const words = operation.cli?.command.split(' ') ?? operation.name.split('_');
      return { operation, words, fields, args: [...args, ...files] };
    });
}

/** The command with the most words that the line begins with, and what follows them. */
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

/** Whether what stands in the place of the id of this command can only be meant as a word of a longer one. */
export function isNoId({ args, operation }: CliCommand, given: string | undefined): boolean {
  const id = jsonSchemaOf(operation.input, 'input').properties?.[args[0] ?? ''];
  return id?.format === 'uuid' && given !== undefined && /^[a-z][a-z_-]*$/.test(given);
}

export function isList({ fields }: CliCommand): boolean {
  return fields.some(({ name }) => name === 'cursor');
}

/** Whether the argument of this input names a file (or `-`) that holds the value. */
export function isFile(name: string): boolean {
  return Object.hasOwn(FILES, name);
}
