import { type Document, isMap, isNode, isScalar, isSeq, type LineCounter, visit } from 'yaml';

/**
 * The line (from 1) on which a field of a YAML document stands, by its path; where it is missing, the line of
 * the nearest thing that should hold it. Undefined for an empty document.
 */
export function lineOf(
  document: Document.Parsed,
  lines: LineCounter,
  path: readonly PropertyKey[],
): number | undefined {
  let node: unknown = document.contents;
  let at = startOf(node);
  for (const part of path) {
    const next = childOf(node, part);
    if (next === undefined) break;
    node = next.value;
    at = next.start ?? at;
  }
  return at === undefined ? undefined : lines.linePos(at).line;
}

/** The first key that a mapping has twice, and where its second place begins; undefined when there is none. */
export function repeatedKey(document: Document.Parsed): { name: string; offset: number } | undefined {
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

/** Each alias is looked for among all anchors, so that many of both take long, whatever they repeat. */
export function aliasCount(document: Document.Parsed): number {
  let count = 0;
  visit(document, {
    Alias() {
      count += 1;
    },
  });
  return count;
}

/** A key's own place where there is one: a value may begin on a later line. */
function childOf(
  node: unknown,
  part: PropertyKey,
): { value: unknown; start: number | undefined } | undefined {
  if (isMap(node)) {
    const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(part));
    return pair === undefined ? undefined : { value: pair.value, start: startOf(pair.key) };
  }
  if (isSeq(node) && typeof part === 'number') {
    const value = node.items[part];
    return value === undefined ? undefined : { value, start: startOf(value) };
  }
  return undefined;
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined;
}
