import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import type { CliCommand } from './cli_commands.ts';

/** A command line that cannot be understood. The message is for the person who typed it. */
export class UsageError extends Error {}

export type OptionSpec = { name: string; type: 'string' | 'boolean'; multiple?: boolean };

export type Arguments = {
  values: Record<string, string | boolean | (string | boolean)[] | undefined>;
  positionals: string[];
};

/**
 * Reads options in either spelling, `--dry-run` or `--dry_run`, and returns them under their snake_case names. Throws
 * `UsageError` with the nearest existing option.
 */
export function readArguments(argv: readonly string[], specs: readonly OptionSpec[]): Arguments {
  const options: ParseArgsOptionsConfig = Object.fromEntries(
    specs.map(({ name, type, multiple = false }) => [kebab(name), { type, multiple }]),
  );
  const flags = new Set(specs.filter(({ type }) => type === 'boolean').map(({ name }) => kebab(name)));
  try {
    const { values, positionals } = parseArgs({
      args: normalised(argv, flags),
      options,
      allowPositionals: true,
      allowNegative: true,
    });
    const named = Object.entries(values).map(([name, value]) => [name.replaceAll('-', '_'), value]);
    return { values: Object.fromEntries(named), positionals };
  } catch (error) {
    throw new UsageError(optionFault(error as Error, Object.keys(options)));
  }
}

/** The word that was probably meant: at most a third of its letters differ, and it is not the opposite. */
export function nearest(typed: string, known: readonly string[]): string | undefined {
  const scored = known
    .filter((word) => !undoes(word, typed))
    .map((word) => ({ word, distance: editDistance(typed, word) }));
  const best = scored.toSorted((a, b) => a.distance - b.distance)[0];
  return best && best.distance <= Math.max(1, Math.floor(best.word.length / 3)) ? best.word : undefined;
}

/** `disconnect` resembles `connect` only in its letters: never suggest one for the other. */
function undoes(word: string, typed: string): boolean {
  const parts = typed.split(/[ -]/);
  return word.split(/[ -]/).some((part, at) => {
    const [, undone] = /^(?:dis|un)(.+)$/.exec(part) ?? [];
    return undone !== undefined && !/^(dis|un)/.test(parts[at] ?? '') && parts[at]?.[0] === undone[0];
  });
}

export function commandText({ words }: CliCommand): string {
  return words.join(' ');
}

export function kebab(name: string): string {
  return name.replaceAll('_', '-');
}

/** One spelling per option; `--went false`, `--went=false`, and `--no-went` are equal. */
function normalised(argv: readonly string[], flags: ReadonlySet<string>): string[] {
  const end = argv.includes('--') ? argv.indexOf('--') : argv.length;
  const words: string[] = [];
  for (let at = 0; at < argv.length; at += 1) {
    const word = argv[at]!;
    if (at >= end || !word.startsWith('--')) {
      words.push(word);
      continue;
    }
    const [name = '', ...value] = word.slice(2).split('=');
    const option = kebab(name);
    const next = value.length === 0 ? argv[at + 1] : undefined;
    const said = next ?? value.join('=');
    if (flags.has(option) && (said === 'true' || said === 'false')) {
      words.push(said === 'true' ? `--${option}` : `--no-${option}`);
      if (next !== undefined) at += 1;
    } else words.push(value.length === 0 ? `--${option}` : `--${option}=${value.join('=')}`);
  }
  return words;
}

function optionFault(error: Error & { code?: string }, known: readonly string[]): string {
  const option = /'(--?[^' ]+)/.exec(error.message)?.[1];
  if (error.code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION' && option !== undefined) {
    const close = nearest(option.replace(/^-+/, ''), known);
    return `Unknown option: ${option}. ${close === undefined ? '--help lists all options.' : `Did you mean --${close}?`}`;
  }
  if (error.code === 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE' && / argument missing/.test(error.message)) {
    return `${option} needs a value.`;
  }
  if (error.code === 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE' && / ambiguous/.test(error.message)) {
    return `${option} needs a value. One that begins with - is joined with =, as in ${option}=-5.`;
  }
  // The first sentence names the fault; the rest is about escaping.
  return error.message.split('. ')[0]!.split('\n')[0]!;
}

function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, at) => at);
  for (let at = 1; at <= from.length; at += 1) {
    const next = [at];
    for (let other = 1; other <= to.length; other += 1) {
      const change = row[other - 1]! + (from[at - 1] === to[other - 1] ? 0 : 1);
      next.push(Math.min(change, row[other]! + 1, next[other - 1]! + 1));
    }
    row = next;
  }
  return row[to.length]!;
}
