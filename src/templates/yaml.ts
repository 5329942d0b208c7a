import {
  type Document,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type ParsedNode,
  parseDocument,
  visit,
} from 'yaml';
import { lineKey, type YamlRead } from './port.ts';

/** How often anchors may be repeated, including nested repetitions: a few lines must not become gigabytes. */
const ALIASES_MAX = 100;
/** Keys and values; a campaign of a hundred complete steps has under three thousand. */
const NODES_MAX = 20_000;
const FAULTS_TOLD = 5;

type Fault = { message: string; line?: number };

/** Reads one YAML 1.2 document, with the line of each value. */
export function readYaml(text: string): YamlRead {
  const lines = new LineCounter();
  try {
    // The parser compares every key of a mapping with every other; `repeatedKey` looks each up once.
    const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false });
    const placed = (message: string, offset: number): Fault => {
      const { line, col } = lines.linePos(offset);
      return { message: `${message} (column ${col})`, line };
    };
    if (document.errors.length > 0) {
      const told = document.errors.slice(0, FAULTS_TOLD);
      return { faults: told.map(({ message, pos }) => placed(plain(message), pos[0])) };
    }
    if (document.contents === null) return { is_empty: true };
    const repeated = repeatedKey(document);
    if (repeated !== undefined) return { faults: [placed(`${repeated.name} is repeated`, repeated.offset)] };
    const { aliases, nodes } = counted(document);
    if (aliases > ALIASES_MAX) return { faults: [{ message: `more than ${ALIASES_MAX} aliases` }] };
    if (nodes > NODES_MAX) return { faults: [{ message: `more than ${NODES_MAX} keys and values` }] };
    const value: unknown = document.toJS({ maxAliasCount: ALIASES_MAX });
    return { value, lines: linesOf(document.contents, lines) };
  } catch (error) {
    // ReferenceError: too many aliases, or one without its anchor. RangeError: nested beyond the stack.
    if (!(error instanceof ReferenceError || error instanceof RangeError)) throw error;
    return { faults: [{ message: plain(error.message) }] };
  }
}

function plain(message: string): string {
  return message.startsWith('Maximum call stack') ? 'nested too deeply' : message.split('\n')[0]!;
}

/** The first repeated key of a mapping, and the position of its repetition; undefined if none. */
function repeatedKey(document: Document.Parsed): { name: string; offset: number } | undefined {
  let found: { name: string; offset: number } | undefined;
  visit(document, {
    Map(_, { items }) {
      const seen = new Set<unknown>();
      for (const { key } of items) {
        if (!isScalar(key)) continue;
        if (seen.has(key.value)) {
          found = { name: String(key.value), offset: startOf(key) ?? 0 };
          return visit.BREAK;
        }
        seen.add(key.value);
      }
      return undefined;
    },
  });
  return found;
}

/** The parser searches all anchors for each alias, so many of both are slow regardless of what they repeat. */
function counted(document: Document.Parsed): { aliases: number; nodes: number } {
  let aliases = 0;
  let nodes = 0;
  visit(document, {
    Alias() {
      aliases += 1;
    },
    Node() {
      nodes += 1;
    },
  });
  return { aliases, nodes };
}

/** The line of each field: that of its key if it has one, because a value may begin on a later line. */
function linesOf(contents: ParsedNode, lines: LineCounter): Map<string, number> {
  const found = new Map<string, number>();
  const note = (path: readonly PropertyKey[], start: number | undefined) => {
    if (start !== undefined) found.set(lineKey(path), lines.linePos(start).line);
  };
  const walk = (node: unknown, path: readonly PropertyKey[]) => {
    if (isMap(node)) {
      for (const { key, value } of node.items) {
        if (!isScalar(key)) continue;
        const below = [...path, String(key.value)];
        note(below, startOf(key));
        walk(value, below);
      }
    } else if (isSeq(node)) {
      for (const [at, value] of node.items.entries()) {
        note([...path, at], startOf(value));
        walk(value, [...path, at]);
      }
    }
  };
  note([], startOf(contents));
  walk(contents, []);
  return found;
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined;
}
