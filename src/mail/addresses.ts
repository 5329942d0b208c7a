import { domainToASCII } from 'node:url';
import { AppError } from '../errors.ts';

export type ParsedAddress = { address: string; domain: string };

// RFC 5321 section 4.5.3.1: local part 64 octets; a path of 256 with its angle brackets leaves 254.
const MAX_LOCAL = 64;
const MAX_ADDRESS = 254;
const MAX_DOMAIN = 253;

const DOT_ATOM = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/;
const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const ASCII = /^[\x21-\x7e]*$/;

/**
 * Reads one bare address as it may stand in an SMTP envelope: `local@domain`, and nothing else. No display
 * name, list, group, quoted local part, comment, route or address literal, since each of those has let text
 * choose its own recipients. The domain comes back in ASCII and lower case (RFC 5891); the local part as
 * written, because only its own server may fold it (RFC 5321 section 2.4).
 *
 * Errors are values, with a sentence for a person.
 */
export function parseAddress(text: string): ParsedAddress | { error: string } {
  const at = text.indexOf('@');
  if (at < 0 || at !== text.lastIndexOf('@')) return { error: 'it must have exactly one @' };
  const local = text.slice(0, at);
  if (local.length === 0) return { error: 'the part before the @ is empty' };
  if (local.length > MAX_LOCAL) return { error: `the part before the @ is longer than ${MAX_LOCAL}` };
  if (!ASCII.test(local)) {
    return { error: 'the part before the @ has a space, a control character or a letter outside ASCII' };
  }
  if (!DOT_ATOM.test(local)) return { error: 'the part before the @ has a character that is not allowed' };

  const domain = asciiDomain(text.slice(at + 1));
  if (typeof domain !== 'string') return domain;
  const address = `${local}@${domain}`;
  if (address.length > MAX_ADDRESS) return { error: `longer than ${MAX_ADDRESS} characters` };
  return { address, domain };
}

/** `parseAddress` that throws `AppError('mail_address_invalid')` with `path`, the field of the address. */
export function requireAddress(text: string, path = 'address'): ParsedAddress {
  const parsed = parseAddress(text);
  if (!('error' in parsed)) return parsed;
  const { error: message } = parsed;
  throw new AppError('mail_address_invalid', `Not an email address: ${message}.`, {
    errors: [{ path, message }],
  });
}

/**
 * The form in which addresses are compared and stored: domain in ASCII, everything in lower case. Servers that distinguish
 * `Jo@x.test` from `jo@x.test` are rarer than people who write both, and a suppression must match both. Text that is not an
 * address is only trimmed and lower-cased.
 */
export function normalizeEmail(text: string): string {
  const trimmed = text.trim();
  const parsed = parseAddress(trimmed);
  return ('error' in parsed ? trimmed : parsed.address).toLowerCase();
}

function asciiDomain(text: string): string | { error: string } {
  if (text.length === 0) return { error: 'the domain is empty' };
  if (text.length > MAX_DOMAIN) return { error: `the domain is longer than ${MAX_DOMAIN}` };
  // domainToASCII follows the URL rules: it decodes %41, cuts at a slash, and reads 0x7f.1 as an IPv4 address. So plain
  // ASCII never goes through it, and nothing it would interpret gets that far.
  const plain = ASCII.test(text);
  if (!plain && /[^A-Za-z0-9.\-\u0080-\uffff]/.test(text)) {
    return { error: 'the domain has a character that is not allowed' };
  }
  const domain = plain ? text.toLowerCase() : domainToASCII(text);
  const labels = domain.split('.');
  if (domain.length > MAX_DOMAIN || !labels.every((label) => LABEL.test(label))) {
    return { error: 'the domain is not valid' };
  }
  if (labels.length < 2) return { error: 'the domain has no dot' };
  if (!/[a-z]/.test(labels.at(-1) ?? '')) return { error: 'the domain ends in a number' };
  return domain;
}
