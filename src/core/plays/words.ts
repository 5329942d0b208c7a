/** A play for people at a terminal: what it is, what was changed of it and by whom, and what it still needs. */

export type PatchOperation = { op: 'add' | 'remove' | 'replace'; path: string; value?: unknown | undefined };

export type Edit = {
  at: string;
  user_name: string;
  changes: { path: string; from: string | null; to: string | null }[];
};

/** Longer values are cut: the patches have them whole. */
const VALUE_CHARS = 120;

/**
 * What each edit changed, from and to. A patch says only what came out, so each one is applied to what was there before,
 * beginning with what was drafted (RFC 6902; of its operations those that the database writes).
 */
export function editsOf(
  drafted: unknown,
  edits: readonly { at: string; user_name: string; patch: readonly PatchOperation[] }[],
): Edit[] {
  const text = structuredClone(drafted);
  return edits.map(({ at, user_name, patch }) => ({
    at,
    user_name,
    changes: patch.map((operation) => {
      const keys = keysOf(operation.path);
      const before = operation.op === 'add' ? undefined : valueAt(text, keys);
      const from = before === undefined ? null : shown(before);
      const to = operation.op === 'remove' ? null : shown(operation.value);
      const change = { path: keys.join('.'), from, to };
      apply(text, keys, operation);
      return change;
    }),
  }));
}

/** `2026-11-23 09:00, Ada: name from “A” to “B”`. */
export function editLines(edits: readonly Edit[]): string[] {
  return edits.flatMap(({ at, user_name, changes }) => [
    `  ${at.slice(0, 16).replace('T', ' ')} UTC, ${user_name}:`,
    ...changes.map(({ path, from, to }) => `    ${path}: ${changeText(from, to)}`),
  ]);
}

function changeText(from: string | null, to: string | null): string {
  if (from === null) return `added ${to}`;
  return to === null ? `removed ${from}` : `from ${from} to ${to}`;
}

function shown(value: unknown): string {
  const text = typeof value === 'string' ? `“${value.replaceAll(/\s+/g, ' ')}”` : JSON.stringify(value);
  return text.length > VALUE_CHARS ? `${text.slice(0, VALUE_CHARS - 1)}…` : text;
}

/** A pointer of RFC 6901. */
function keysOf(path: string): string[] {
  return path
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function valueAt(document: unknown, keys: readonly string[]): unknown {
  return keys.reduce<unknown>((part, key) => (isContainer(part) ? part[key] : undefined), document);
}

/** What does not fit is left as it is: a log that cannot be followed is still told. */
function apply(document: unknown, keys: readonly string[], { op, value }: PatchOperation): void {
  const parent = valueAt(document, keys.slice(0, -1));
  const key = keys.at(-1);
  if (!isContainer(parent) || key === undefined) return;
  if (Array.isArray(parent)) {
    const at = key === '-' ? parent.length : Number(key);
    if (op === 'add') parent.splice(at, 0, value);
    else if (op === 'remove') parent.splice(at, 1);
    else parent[at] = value;
  } else if (op === 'remove') delete parent[key];
  else parent[key] = value;
}

function isContainer(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
