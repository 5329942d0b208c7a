import { createHash, createSign } from 'node:crypto';
import { AppError } from '../errors.ts';
import { readDkimKey } from './dkim_key.ts';
import type { DkimKey } from './messages.ts';

/**
 * The signed headers (RFC 6376 section 5.4.1), including both one-click headers, as RFC 8058 section 4 requires. Each is
 * named once more than it occurs, so that no one can add another in transit (section 8.15).
 */
const SIGNED_HEADERS = [
  'From',
  'Reply-To',
  'Subject',
  'Date',
  'To',
  'Cc',
  'Message-ID',
  'In-Reply-To',
  'References',
  'MIME-Version',
  'Content-Type',
  'Content-Transfer-Encoding',
  'List-Unsubscribe',
  'List-Unsubscribe-Post',
] as const;

const FOLD_AT = 72;

/**
 * The message with a DKIM-Signature prepended: rsa-sha256, relaxed/relaxed (RFC 6376). The lines of `mime` end in CRLF. The
 * same message and key always give the same bytes. Throws `AppError('dkim_key_invalid')`: a message that needs a signature
 * is never sent without one.
 */
export function signMime(mime: Buffer, key: DkimKey): Buffer {
  const { private_key } = readDkimKey(key.private_key, 'dkim.private_key');
  if (!/^[a-z0-9.-]+$/i.test(key.domain) || !/^[a-z0-9.-]+$/i.test(key.selector)) {
    throw new AppError(
      'dkim_key_invalid',
      'The DKIM domain or selector has a character that is not allowed.',
    );
  }
  const source = mime.toString('latin1');
  const end = source.indexOf('\r\n\r\n');
  if (end < 0) throw new Error('a message without an end of its header');
  const fields = source.slice(0, end).split(/\r\n(?![ \t])/);
  const covered = coveredFields(fields);
  const tags = [
    'v=1',
    'a=rsa-sha256',
    'c=relaxed/relaxed',
    `d=${key.domain}`,
    `s=${key.selector}`,
    `h=${folded(covered.map(({ name }) => name).join(':'), ':')}`,
    `bh=${bodyHash(source.slice(end + 4))}`,
    'b=',
  ];
  const unsigned = `DKIM-Signature: ${tags.join(';\r\n ')}`;
  const signed = covered.flatMap(({ field }) => (field === null ? [] : [`${relaxedField(field)}\r\n`]));
  const signature = createSign('RSA-SHA256')
    .update(signed.join('') + relaxedField(unsigned), 'latin1')
    .sign(private_key, 'base64');
  const lines = signature.match(/.{1,72}/g) ?? [];
  return Buffer.concat([Buffer.from(`${unsigned}${lines.join('\r\n ')}\r\n`, 'latin1'), mime]);
}

/** Fields of the same name are signed last first (RFC 6376 section 5.4.2); null: none left. */
function coveredFields(fields: readonly string[]): { name: string; field: string | null }[] {
  return SIGNED_HEADERS.flatMap((name) => {
    const present = fields.filter((field) => fieldName(field) === name.toLowerCase()).reverse();
    return [...present, null].map((field) => ({ name, field }));
  });
}

function fieldName(field: string): string {
  return field.slice(0, field.indexOf(':')).trim().toLowerCase();
}

function relaxedField(field: string): string {
  const value = field
    .slice(field.indexOf(':') + 1)
    .replaceAll('\r\n', '')
    .replace(/[ \t]+/g, ' ');
  return `${fieldName(field)}:${value.trim()}`;
}

function bodyHash(body: string): string {
  const lines = body.replace(/[ \t]+/g, ' ').replace(/ (?=\r\n|$)/g, '');
  const trimmed = lines.replace(/(\r\n)+$/, '');
  const canonical = trimmed === '' ? '' : `${trimmed}\r\n`;
  return createHash('sha256').update(canonical, 'latin1').digest('base64');
}

/** Breaks a long tag after `mark`: header lines should have at most 78 characters (RFC 5322). */
function folded(text: string, mark: string): string {
  const lines = [''];
  for (const part of text.split(mark)) {
    const line = lines.at(-1)!;
    if (line.length + part.length > FOLD_AT) lines.push(`${part}${mark}`);
    else lines[lines.length - 1] = `${line}${part}${mark}`;
  }
  return lines.join('\r\n ').slice(0, -mark.length);
}
