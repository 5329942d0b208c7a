export type Document = Record<string, unknown>;
/** Unpublished changes by path. */
export type Chosen = ReadonlyMap<string, unknown>;

/** Reads the value at a path, for example `touch_cap.window_hours`. */
export function valueAt(document: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((at, key) => (isRecord(at) ? at[key] : undefined), document);
}

/** Returns the document with the changes applied. */
export function withChosen(document: Document, chosen: Chosen): Document {
  let changed = document;
  for (const [path, value] of chosen) changed = withValue(changed, path.split('.'), value);
  return changed;
}

/** Records a change, or drops it if the value is back to the original. */
export function choose(chosen: Chosen, path: string, value: unknown, before: unknown): Chosen {
  const next = new Map(chosen);
  if (isSame(value, before)) next.delete(path);
  else next.set(path, value);
  return next;
}

/** Returns the paths whose values differ between two documents. */
export function changedPaths(before: Document, after: Document, paths: readonly string[]): string[] {
  return paths.filter((path) => !isSame(valueAt(before, path), valueAt(after, path)));
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function withValue(document: Document, [key = '', ...rest]: readonly string[], value: unknown): Document {
  const inner = document[key];
  const changed = rest.length === 0 ? value : withValue(isRecord(inner) ? inner : {}, rest, value);
  return { ...document, [key]: changed };
}

function isRecord(value: unknown): value is Document {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
