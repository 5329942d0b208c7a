import { readFileSync } from 'node:fs';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** A command as a completion script needs it: the words that may follow it. */
export type Completed = {
  /** As typed, with single spaces: `import leads`. */
  line: string;
  summary: string;
  /** Options without a value, with their dashes. */
  flags: readonly string[];
  /** Options with a value, and their choices; empty: any value. */
  options: Readonly<Record<string, readonly string[]>>;
  /** Whether its arguments include a file. */
  takes_file: boolean;
  /** Choices of its first argument, if fixed. */
  choices: readonly string[];
};

/** The command tables as shell functions, followed by the code that walks the line with them. */
export function driverOf(shell: Shell, completed: readonly Completed[]): string {
  return shell === 'fish' ? fishScript(completed) : `${posixTables(completed)}\n${walkOf(shell)}`;
}

/** Walks the words before the cursor: known words form the command, and an option with a value takes the next word. */
function walkOf(shell: Shell): string {
  return readFileSync(new URL(`completion.${shell}`, import.meta.url), 'utf8');
}

/** The possible next words of each command prefix: `import` is followed by `leads` and `campaign`. */
function nextWords(completed: readonly Completed[]): [string, string[]][] {
  const next = new Map<string, Set<string>>();
  for (const { line } of completed) {
    const words = line.split(' ');
    words.forEach((word, at) => {
      const before = words.slice(0, at).join(' ');
      next.set(before, (next.get(before) ?? new Set()).add(word));
    });
  }
  return [...next].map(([before, words]) => [before, [...words]]);
}

/** `--url` and `--key` may precede the rest of the command, and take a value there too. */
function commonBefore(completed: readonly Completed[]): string[] {
  const whole = new Set(completed.map(({ line }) => line));
  const begun = nextWords(completed).flatMap(([before]) => (whole.has(before) ? [] : [before]));
  return begun.flatMap((before) => [`${before} --url`, `${before} --key`]);
}

/** Functions that work in both bash and zsh. `$1` is the command so far, `$2` an option. */
function posixTables(completed: readonly Completed[]): string {
  const values = completed.flatMap(({ line, options }) =>
    Object.entries(options).map(([option, choices]): [string, string] => [
      `${line} ${option}`,
      choices.join(' '),
    ]),
  );
  return [
    '# Completion of touchline: made by touchline completion; make it anew after an update.',
    posixCase(
      'next',
      '"$1"',
      nextWords(completed).map(([before, words]) => [before, words.join(' ')]),
    ),
    posixCase(
      'choices',
      '"$1"',
      completed.map(({ line, choices }) => [line, choices.join(' ')]),
    ),
    posixCase(
      'options',
      '"$1"',
      completed.map(({ line, flags, options }) => [line, [...Object.keys(options), ...flags].join(' ')]),
    ),
    posixCase('values', '"$1 $2"', values),
    posixCase(
      'takes_value',
      '"$1 $2"',
      [...values.map(([key]) => key), ...commonBefore(completed)].map((key) => [key, 'yes']),
    ),
    posixCase(
      'takes_file',
      '"$1"',
      completed.filter(({ takes_file }) => takes_file).map(({ line }) => [line, 'yes']),
    ),
  ].join('\n');
}

function posixCase(name: string, of: string, rows: readonly (readonly [string, string])[]): string {
  const lines = rows
    .filter(([, text]) => text !== '')
    .map(([key, text]) => `    '${key}') echo '${text}' ;;`);
  return `_touchline_${name}() {\n  case ${of} in\n${lines.join('\n')}\n  esac\n}`;
}

function fishScript(completed: readonly Completed[]): string {
  const with_value = completed.flatMap(({ line, options }) =>
    Object.keys(options).map((option) => `${line} ${option}`),
  );
  with_value.push(...commonBefore(completed));
  const lines = [
    ...nextWords(completed).map(([before, words]) => fishNext(before, words, completed)),
    ...completed.map(fishOptions),
  ];
  return [
    '# Completion of touchline: made by touchline completion; make it anew after an update.',
    `set -g __touchline_commands ${completed.map(({ line }) => fishQuoted(line)).join(' ')}`,
    `set -g __touchline_with_value ${with_value.map(fishQuoted).join(' ')}`,
    walkOf('fish').trimEnd(),
    'complete -c touchline -f',
    ...lines.filter((line) => line !== ''),
    '',
  ].join('\n');
}

function fishNext(before: string, words: readonly string[], completed: readonly Completed[]): string {
  const summaries = new Map(completed.map(({ line, summary }) => [line, summary]));
  return words
    .map((word) => {
      const summary = summaries.get(before === '' ? word : `${before} ${word}`);
      const said = summary === undefined ? '' : ` -d ${fishQuoted(summary)}`;
      return `${fishAt(before)} -a ${fishQuoted(word)}${said}`;
    })
    .join('\n');
}

function fishOptions({ line, flags, options, takes_file, choices }: Completed): string {
  const at = fishAt(line);
  return [
    ...flags.map((flag) => `${at} -l ${flag.slice(2)}`),
    ...Object.entries(options).map(
      ([option, values]) =>
        `${at} -l ${option.slice(2)} -x${values.length === 0 ? '' : ` -a ${fishQuoted(values.join(' '))}`}`,
    ),
    ...(choices.length === 0 ? [] : [`${at} -a ${fishQuoted(choices.join(' '))}`]),
    ...(takes_file ? [`${at} -F`] : []),
  ].join('\n');
}

function fishAt(line: string): string {
  return `complete -c touchline -n ${fishQuoted(`__touchline_at ${fishQuoted(line)}`)}`;
}

function fishQuoted(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}
