/** A play as terminal text: its content, its edits with their authors, and its missing approvals. */

export type PatchOperation = { op: 'add' | 'remove' | 'replace'; path: string; value?: unknown | undefined };

export type Edit = {
  at: string;
  user_name: string;
  changes: { path: string; from: string | null; to: string | null }[];
};

/** Longer values are cut; the patches have them in full. */
const VALUE_CHARS = 120;

/**
 * Each edit's changes, from and to. A patch contains only the result, so each one is applied to the previous state,
 * beginning with the original draft (RFC 6902; only the operations that the database writes).
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

/** A patch that does not apply is skipped: a broken log is still shown. */
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
