import { readFileSync } from 'node:fs';
import { isMap, isNode, isScalar, parseDocument, type YAMLMap } from 'yaml';

/** A value or a group of values (`touch_cap`) of the shipped policy, and the reason for it. */
export type PolicyReason = { path: string; is_group: boolean; value: unknown; reason: string | null };

/** Every group and value of `policy/default.yaml`, in order, with the comment above it as the reason. */
export function policyReasons(): readonly PolicyReason[] {
  reasons ??= read();
  return reasons;
}

let reasons: readonly PolicyReason[] | undefined;

function read(): PolicyReason[] {
  const text = readFileSync(new URL('../../../policy/default.yaml', import.meta.url), 'utf8');
  const { contents } = parseDocument(text);
  if (!isMap(contents)) throw new Error('policy/default.yaml is no map');
  // The comment above the first key is about the whole file.
  return reasonsOf(contents as YAMLMap, '', null);
}

function reasonsOf(map: YAMLMap, within: string, above: string | null): PolicyReason[] {
  let reason: string | null = null;
  return map.items.flatMap(({ key, value }, at) => {
    if (!isScalar(key)) return [];
    const path = within === '' ? String(key.value) : `${within}.${String(key.value)}`;
    const comment = key.commentBefore ?? (at === 0 ? above : null);
    // One comment may cover several keys: those that follow it without an empty line.
    if (comment != null) reason = oneLine(comment);
    else if (key.spaceBefore) reason = null;
    if (!isMap(value))
      return [{ path, is_group: false, value: isNode(value) ? value.toJSON() : null, reason }];
    const group = { path, is_group: true, value: null, reason };
    return [group, ...reasonsOf(value as YAMLMap, path, value.commentBefore ?? null)];
  });
}

function oneLine(comment: string): string {
  return comment.replaceAll(/\s*\n\s*/g, ' ').trim();
}
