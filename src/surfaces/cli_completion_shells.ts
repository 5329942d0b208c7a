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
  return shell === 'fish'
    ? fishScript(completed)
    : `${posixTables(completed)}\n${shell === 'bash' ? BASH : ZSH}`;
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

/* Both walk the words before the cursor: known words form the command, and an option with a value takes the next word. */

const BASH = `_touchline() {
  local at word line='' skip='' cur prev words
  COMPREPLY=()
  # Bash takes "=" for a word of its own: --status=held comes as three.
  cur="\${COMP_WORDS[COMP_CWORD]}"
  prev="\${COMP_WORDS[COMP_CWORD-1]}"
  if [[ $cur == '=' ]]; then cur=''; elif [[ $prev == '=' ]]; then prev="\${COMP_WORDS[COMP_CWORD-2]}"; fi
  for ((at = 1; at < COMP_CWORD; at++)); do
    word="\${COMP_WORDS[at]}"
    if [[ $word == '=' ]]; then continue; fi
    if [[ -n $skip ]]; then skip=''; continue; fi
    if [[ $word == -* ]]; then skip="$(_touchline_takes_value "$line" "$word")"; continue; fi
    if [[ " $(_touchline_next "$line") " == *" $word "* ]]; then line="\${line:+$line }$word"; fi
  done
  if [[ $prev == -* && -n $(_touchline_takes_value "$line" "$prev") ]]; then
    words="$(_touchline_values "$line" "$prev")"
  elif [[ $cur == -* ]]; then
    words="$(_touchline_options "$line")"
  else
    words="$(_touchline_next "$line") $(_touchline_choices "$line")"
    if [[ -n $(_touchline_takes_file "$line") ]]; then
      compopt -o filenames 2>/dev/null
      local IFS=$'\\n'
      COMPREPLY=($(compgen -f -- "$cur"))
      return
    fi
  fi
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -F _touchline touchline
`;

const ZSH = `_touchline() {
  local at word line='' skip='' cur="\${words[CURRENT]}" prev="\${words[CURRENT-1]}"
  for ((at = 2; at < CURRENT; at++)); do
    word="\${words[at]}"
    if [[ -n $skip ]]; then skip=''; continue; fi
    if [[ $word == -*=* ]]; then continue; fi
    if [[ $word == -* ]]; then skip="$(_touchline_takes_value "$line" "$word")"; continue; fi
    if [[ " $(_touchline_next "$line") " == *" $word "* ]]; then line="\${line:+$line }$word"; fi
  done
  if [[ $cur == -*=* ]]; then
    local option="\${cur%%=*}"
    compset -P '*='
    compadd -- \${=$(_touchline_values "$line" "$option")}
  elif [[ $prev == -* && -n $(_touchline_takes_value "$line" "$prev") ]]; then
    compadd -- \${=$(_touchline_values "$line" "$prev")}
  elif [[ $cur == -* ]]; then
    compadd -- \${=$(_touchline_options "$line")}
  elif [[ -n $(_touchline_takes_file "$line") ]]; then
    _files
  else
    compadd -- \${=$(_touchline_next "$line")} \${=$(_touchline_choices "$line")}
  fi
}
(( $+functions[compdef] )) || { autoload -Uz compinit && compinit; }
compdef _touchline touchline
`;

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
    'function __touchline_line',
    `  set -l commands ${completed.map(({ line }) => fishQuoted(line)).join(' ')}`,
    `  set -l with_value ${with_value.map(fishQuoted).join(' ')}`,
    '  set -l line',
    '  set -l skip 0',
    '  for word in (commandline -opc)[2..-1]',
    '    if test $skip = 1',
    '      set skip 0',
    "    else if string match -q -- '-*' $word",
    '      contains -- "$line $word" $with_value; and set skip 1',
    '    else',
    '      set -l longer (string trim -- "$line $word")',
    '      if contains -- $longer $commands; or string match -q -- "$longer *" $commands',
    '        set line $longer',
    '      end',
    '    end',
    '  end',
    '  echo -- "$line"',
    'end',
    'function __touchline_at',
    '  test (__touchline_line) = "$argv[1]"',
    'end',
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
