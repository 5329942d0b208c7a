import type { Play } from './play.ts';

type Log = Play['edits_during_review'];
type Operation = Log[number]['patch'][number];

type Change = { path: readonly string[]; before: unknown; after: unknown };
export type Edit = { at: string; user_name: string; changes: readonly Change[] };

/**
 * Returns each edit with full values. A patch (RFC 6902) holds only the new values, so each one is applied to the previous
 * text, starting with the brain's. Supports only the patches that the server writes.
 */
export function editsOf({ drafted, edits_during_review, edits }: Play): Edit[] {
  const text: unknown = structuredClone(drafted);
  return edits_during_review.map(({ at, patch }, place) => ({
    at,
    user_name: edits[place]?.user_name ?? 'Someone',
    changes: patch.map((operation) => applied(text, operation)),
  }));
}

function applied(text: unknown, { op, path, value }: Operation): Change {
  const keys = keysOf(path);
  const parent = keys.slice(0, -1).reduce<unknown>(inner, text);
  const key = keys.at(-1) ?? '';
  const before = op === 'add' ? undefined : inner(parent, key);
  if (Array.isArray(parent)) {
    const at = key === '-' ? parent.length : Number(key);
    parent.splice(at, op === 'add' ? 0 : 1, ...(op === 'remove' ? [] : [structuredClone(value)]));
  } else if (isRecord(parent)) {
    if (op === 'remove') delete parent[key];
    else parent[key] = structuredClone(value);
  }
  const place =
    key === '-' && Array.isArray(parent) ? [...keys.slice(0, -1), String(parent.length - 1)] : keys;
  return { path: place, before: structuredClone(before), after: op === 'remove' ? undefined : value };
}

/** Splits a pointer of RFC 6901. */
function keysOf(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function inner(value: unknown, key: string): unknown {
  return isRecord(value) ? value[key] : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
