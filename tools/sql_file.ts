/** Sets of columns by name (emit_columns.ts). */
export type ColumnSets = Readonly<Record<string, readonly string[]>>;

const EACH = /\/\* @each ([\w.]+) \*\/([\s\S]*?)\/\* @end \*\//g;

/** One annotated statement of a file in db/queries. */
export type NamedStatement = {
  name: string;
  /** The text of the annotation after the name, else the block comment before it. */
  doc: string;
  /** With $1, $2, ... in place of the named parameters. */
  text: string;
  parameters: { name: string; required: boolean }[];
  /** Whether connections keep its prepared plan. */
  prepared: boolean;
  /** First line of the statement, counted from 1. */
  line: number;
};

/**
 * Parses a sequence of `/* @name claimDue ... *\/ statement;`; with `@name claimDue @prepared` connections keep its plan,
 * one for any parameters. `:name!` is a parameter that is never null, `:name` one that may be; except within strings,
 * quoted names, comments and dollar quotes, and in `::`. `/* @each leads.patched *\/ COLUMN = p.COLUMN, /* @end *\/`
 * repeats for each column of the set, with its name in place of COLUMN. Throws with file and line for a statement without a
 * name, a name without a statement, and an unknown set.
 */
export function parseSqlFile(file: string, source: string, sets: ColumnSets = {}): NamedStatement[] {
  const statements: NamedStatement[] = [];
  let current = emptyStatement();
  let comment = '';
  const fail = (index: number, message: string): never => {
    throw new Error(`${file}:${lineAt(source, index)}: ${message}`);
  };
  for (const { kind, text, index } of tokens(source)) {
    const annotation =
      kind === 'comment'
        ? /^\/\*\s*@name\s+([a-z][A-Za-z0-9]*)\s*(@prepared\b)?\s*([\s\S]*?)\*\/$/.exec(text)
        : null;
    if (annotation !== null) {
      if (current.name !== '') fail(index, `${annotation[1]} begins before ${current.name} has ended`);
      const [, name, prepared, doc] = annotation;
      current = {
        ...emptyStatement(),
        name: name!,
        prepared: prepared !== undefined,
        doc: plain(doc!) || comment,
      };
      comment = '';
    } else if (kind === 'end') {
      if (current.name === '' && current.text.trim() !== '') fail(index, 'this statement has no @name');
      if (current.name !== '') statements.push(finished(current, sets));
      current = emptyStatement();
    } else if (kind === 'parameter') {
      current.text += `$${useParameter(current, text)}`;
    } else if (kind === 'comment' && current.name === '') {
      comment = text.startsWith('/*') ? plain(text.slice(2, -2)) : '';
    } else {
      if (current.line === 0 && text.trim() !== '') current.line = lineAt(source, index + leading(text));
      current.text += text;
    }
  }
  if (current.name !== '' || current.text.trim() !== '')
    fail(source.length, 'the last statement has no semicolon');
  return statements;
}

type Token = { kind: 'sql' | 'comment' | 'parameter' | 'end'; text: string; index: number };

/** Order matters: quotes and comments match whole, before anything inside them can. */
const TOKEN = new RegExp(
  [
    String.raw`(?<comment>/\*[\s\S]*?\*/|--[^\n]*)`,
    String.raw`(?<quoted>[eE]'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|\$(?<tag>\w*)\$[\s\S]*?\$\k<tag>\$|::)`,
    '(?<parameter>:[a-z_][a-z0-9_]*!?)',
    '(?<end>;)',
  ].join('|'),
  'g',
);

function* tokens(source: string): Generator<Token> {
  let done = 0;
  for (const match of source.matchAll(TOKEN)) {
    const { comment, parameter, end } = match.groups!;
    if (match.index > done) yield { kind: 'sql', text: source.slice(done, match.index), index: done };
    const kind =
      comment !== undefined ? 'comment' : parameter !== undefined ? 'parameter' : end ? 'end' : 'sql';
    yield { kind, text: match[0], index: match.index };
    done = match.index + match[0].length;
  }
  if (done < source.length) yield { kind: 'sql', text: source.slice(done), index: done };
}

function emptyStatement(): NamedStatement {
  return { name: '', doc: '', text: '', parameters: [], prepared: false, line: 0 };
}

function useParameter({ parameters }: NamedStatement, text: string): number {
  const name = text.replaceAll(/[:!]/g, '');
  const required = text.endsWith('!');
  const known = parameters.findIndex((parameter) => parameter.name === name);
  if (known === -1) return parameters.push({ name, required });
  parameters[known]!.required ||= required;
  return known + 1;
}

function finished(statement: NamedStatement, sets: ColumnSets): NamedStatement {
  const text = statement.text.trim().replaceAll(EACH, (_, set: string, body: string) => {
    const columns = sets[set];
    if (columns === undefined) throw new Error(`${statement.name}: unknown set of columns ${set}`);
    return columns.map((column) => body.replaceAll(/COLUMN/g, column).replace(/ +$/, '')).join('');
  });
  return { ...statement, text };
}

function plain(text: string): string {
  return text
    .split('\n')
    .map((line) => line.replace(/^\s*\*?\s?/, '').trimEnd())
    .join('\n')
    .trim();
}

function leading(text: string): number {
  return text.length - text.trimStart().length;
}

function lineAt(source: string, index: number): number {
  return source.slice(0, index).split('\n').length;
}
