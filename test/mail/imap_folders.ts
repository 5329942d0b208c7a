/** A message in the test server. */
export type StoredMail = { uid: number; raw: Buffer; internal_date: Date };

export type StoredFolder = {
  name: string;
  special_use: string;
  uid_validity: number;
  uid_next: number;
  messages: StoredMail[];
};

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const DAY_MS = 86_400_000;

export function newFolder(name: string, special_use: string, uid_validity: number): StoredFolder {
  return { name, special_use, uid_validity, uid_next: 1, messages: [] };
}

/** UID SEARCH: `UID set`, `SINCE day` and `ALL`, among the messages known to the session. */
export function searchUids(known: readonly StoredMail[], criteria: string): number[] {
  const since = /^SINCE (\d{1,2})-(\w{3})-(\d{4})$/i.exec(criteria);
  if (since !== null) {
    const month = MONTHS.findIndex((name) => name.toLowerCase() === since[2]?.toLowerCase());
    const from_ms = Date.UTC(Number(since[3]), month, Number(since[1]));
    return known
      .filter((message) => Math.floor(message.internal_date.getTime() / DAY_MS) * DAY_MS >= from_ms)
      .map(({ uid }) => uid);
  }
  if (/^ALL$/i.test(criteria)) return known.map(({ uid }) => uid);
  const uids = /^UID ([\d:*,]+)$/i.exec(criteria);
  if (uids === null) throw new Error(`the IMAP server got a search that it does not know: ${criteria}`);
  return inSet(known, uids[1] ?? '').map(({ uid }) => uid);
}

/** A set of UIDs (RFC 3501, sequence-set): `*` is the highest one, and the ends may be in any order. */
export function inSet(known: readonly StoredMail[], set: string): StoredMail[] {
  const highest = known.at(-1)?.uid ?? 0;
  const value = (text: string) => (text === '*' ? highest : Number(text));
  const ranges = set.split(',').map((part) => {
    const [first = '', second = first] = part.split(':');
    const ends = [value(first), value(second)];
    return { least: Math.min(...ends), most: Math.max(...ends) };
  });
  return known.filter(({ uid }) => ranges.some(({ least, most }) => uid >= least && uid <= most));
}

/**
 * One FETCH response in three pieces, so that a fault can occur inside the literal. Supports only what a reader requests
 * with PEEK: the test server would rather fail than mark a message as seen.
 */
export function fetchReply(message: StoredMail, sequence: number, items: string): [string, Buffer, string] {
  const begun = `* ${sequence} FETCH (UID ${message.uid} RFC822.SIZE ${message.raw.length} INTERNALDATE "${dateTime(message.internal_date)}"`;
  const body = /BODY\.PEEK\[\](?:<(\d+)\.(\d+)>)?/i.exec(items);
  if (/BODY\[|RFC822(?!\.SIZE)/i.test(items)) throw new Error(`a FETCH that marks as seen: ${items}`);
  if (body === null) return [`${begun})\r\n`, Buffer.alloc(0), ''];
  const from = Number(body[1] ?? 0);
  const part = message.raw.subarray(from, from + Number(body[2] ?? message.raw.length));
  const origin = body[1] === undefined ? '' : `<${from}>`;
  return [`${begun} BODY[]${origin} {${part.length}}\r\n`, part, ')\r\n'];
}

function dateTime(date: Date): string {
  const two = (value: number) => String(value).padStart(2, '0');
  const day = `${two(date.getUTCDate())}-${MONTHS[date.getUTCMonth()]}-${date.getUTCFullYear()}`;
  return `${day} ${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())} +0000`;
}
