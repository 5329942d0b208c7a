/**
 * The state of a signing key in DNS: `missing`: no key; `several`: more than one, so receivers may use either; `other_key`:
 * not ours; `other_algorithm`: ours, but not for rsa-sha256; `test`: ours, marked as unreliable.
 */
export const DKIM_RECORD_STATES = [
  'published',
  'missing',
  'several',
  'revoked',
  'other_key',
  'other_algorithm',
  'test',
] as const;
export type DkimRecordState = (typeof DKIM_RECORD_STATES)[number];

/** Reads the texts at a selector (RFC 6376 section 3.6.1). `count`: the number of keys. `public_key` is base64. */
export function readDkimRecords(
  texts: readonly string[],
  public_key: string,
): { state: DkimRecordState; count: number } {
  const keys = texts.map(tagsOf).filter((tags) => tags.has('p'));
  const count = keys.length;
  const [tags] = keys;
  if (tags === undefined) return { state: 'missing', count };
  return { state: count > 1 ? 'several' : stateOf(tags, public_key), count };
}

function stateOf(tags: ReadonlyMap<string, string>, public_key: string): DkimRecordState {
  const key = tags.get('p')!;
  if (key === '') return 'revoked';
  if (key.replace(/\s/g, '') !== public_key) return 'other_key';
  const hashes = tags.get('h')?.split(':');
  if (tags.get('k')?.toLowerCase() === 'ed25519' || (hashes !== undefined && !hashes.includes('sha256'))) {
    return 'other_algorithm';
  }
  return tags.get('t')?.split(':').includes('y') ? 'test' : 'published';
}

/** `k=rsa; p=...` as names and values. */
export function tagsOf(record: string): Map<string, string> {
  const tags = record.split(';').flatMap((tag): [string, string][] => {
    const at = tag.indexOf('=');
    return at === -1 ? [] : [[tag.slice(0, at).trim(), tag.slice(at + 1).trim()]];
  });
  return new Map(tags);
}
