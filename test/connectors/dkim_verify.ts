import { createHash, createPublicKey, createVerify } from 'node:crypto';

/**
 * A verifier of DKIM signatures, written from RFC 6376 for the tests alone, which shares no code with the product's signer.
 * Supports relaxed/relaxed and rsa-sha256 only. `public_key` is the p= of the DNS record. Returns the tags, and whether the
 * body hash and the signature are valid.
 */
export function verifyDkim(
  source: string,
  public_key: string,
): { tags: Record<string, string>; signed_names: string[]; body_holds: boolean; signature_holds: boolean } {
  const split = source.indexOf('\r\n\r\n');
  const fields = source.slice(0, split).split(/\r\n(?![ \t])/);
  const signature = fields.find((field) => /^dkim-signature:/i.test(field)) ?? '';
  const tags: Record<string, string> = {};
  for (const part of signature.slice(signature.indexOf(':') + 1).split(';')) {
    const equals = part.indexOf('=');
    tags[part.slice(0, equals).trim()] = part.slice(equals + 1).replace(/\s+/g, '');
  }
  const signed_names = (tags.h ?? '').toLowerCase().split(':');
  const unused = fields.map((field) => ({ field, name: nameOf(field) }));
  let input = '';
  for (const name of signed_names) {
    const at = unused.findLastIndex((one) => one.name === name);
    if (at < 0) continue;
    const [found] = unused.splice(at, 1);
    input += `${relaxed(found!.field)}\r\n`;
  }
  input += relaxed(signature.replace(/(^|[;\s])b=[^;]*/, '$1b='));
  const key = createPublicKey({ key: Buffer.from(public_key, 'base64'), format: 'der', type: 'spki' });
  const body_hash = createHash('sha256')
    .update(relaxedBody(source.slice(split + 4)), 'latin1')
    .digest('base64');
  return {
    tags,
    signed_names,
    body_holds: tags.bh === body_hash,
    signature_holds: createVerify('RSA-SHA256')
      .update(input, 'latin1')
      .verify(key, tags.b ?? '', 'base64'),
  };
}

function nameOf(field: string): string {
  return field.split(':')[0]!.trim().toLowerCase();
}

function relaxed(field: string): string {
  const value = field.slice(field.indexOf(':') + 1).replace(/\r\n/g, '');
  return `${nameOf(field)}:${value.replace(/[ \t]+/g, ' ').trim()}`;
}

function relaxedBody(body: string): string {
  const lines = body.split('\r\n').map((line) => line.replace(/[ \t]+/g, ' ').replace(/ $/, ''));
  while (lines.at(-1) === '') lines.pop();
  return lines.map((line) => `${line}\r\n`).join('');
}
