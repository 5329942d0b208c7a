import { isIPv4 } from 'node:net';

/* The macros of SPF (RFC 7208 section 7). */

/** What the macros stand for. */
export type SpfAsked = {
  /** The address that the message comes from. */
  ip: string;
  /** Whose record is read. */
  domain: string;
  /** The envelope sender. */
  sender: string;
  /** What the server calls itself. */
  helo: string;
};

const MODIFIERS = '(?:0*[1-9]\\d*)?r?[.\\-+,/_=]*';
const LITERAL = '[\\x21-\\x24\\x26-\\x7e]|%[%_-]';
// The letters c, r and t stand in explanations alone.
const MACRO_STRING = new RegExp(`^(?:${LITERAL}|%\\{[slodiphcrtv]${MODIFIERS}\\})*$`, 'i');
const MACRO = `%\\{[slodiphv]${MODIFIERS}\\}`;
const TOP_LABEL = '(?=[a-z0-9-]*[a-z-])[a-z0-9](?:[a-z0-9-]*[a-z0-9])?';
const DOMAIN_SPEC = new RegExp(`^(?:${LITERAL}|${MACRO})*(?:\\.${TOP_LABEL}\\.?|${MACRO}|%[%_-])$`, 'i');
const EXPAND = /%\{([slodiphv])(\d*)(r?)([.\-+,/_=]*)\}|%([%_-])/gi;
const ALONE = { '%': '%', _: ' ', '-': '%20' } as const;
/** Longer names lose labels from the left. */
const NAME_MAX = 253;

export function isMacroString(text: string): boolean {
  return MACRO_STRING.test(text);
}

/** What may stand where a domain is wanted: it ends in a macro or in a label that could be a top-level domain. */
export function isDomainSpec(text: string): boolean {
  return DOMAIN_SPEC.test(text);
}

/** The name that a domain-spec stands for; null where no such name can exist. */
export function expandDomain(spec: string, asked: SpfAsked): string | null {
  const expanded = spec.replace(
    EXPAND,
    (_, letter: string | undefined, digits: string, reverse: string, delimiters: string, alone: string) => {
      if (letter === undefined) return ALONE[alone as keyof typeof ALONE];
      const value = transform(standsFor(letter.toLowerCase(), asked), digits, reverse !== '', delimiters);
      return letter === letter.toLowerCase() ? value : escaped(value);
    },
  );
  let name = expanded.replace(/\.$/, '');
  while (name.length > NAME_MAX && name.includes('.')) name = name.slice(name.indexOf('.') + 1);
  return isName(name) ? name : null;
}

/** Whether DNS could be asked for it: labels of 1 to 63 bytes. */
export function isName(name: string): boolean {
  return name.length <= NAME_MAX && name.split('.').every((label) => /^[\x20-\x7e]{1,63}$/.test(label));
}

function transform(value: string, digits: string, is_reversed: boolean, delimiters: string): string {
  const among = delimiters === '' ? ['.'] : [...delimiters];
  const parts: string[] = [''];
  for (const character of value) {
    if (among.includes(character)) parts.push('');
    else parts[parts.length - 1] += character;
  }
  if (is_reversed) parts.reverse();
  return (digits === '' ? parts : parts.slice(-Number(digits))).join('.');
}

function standsFor(letter: string, { ip, domain, sender, helo }: SpfAsked): string {
  const at = sender.lastIndexOf('@');
  switch (letter) {
    case 's':
      return sender;
    case 'l':
      return sender.slice(0, at);
    case 'o':
      return sender.slice(at + 1);
    case 'd':
      return domain;
    case 'i':
      return isIPv4(ip) ? ip : nibbles(ip);
    case 'v':
      return isIPv4(ip) ? 'in-addr' : 'ip6';
    case 'h':
      return helo;
    default:
      // %{p}, the validated name: "unknown" is what a receiver writes that does not look for it.
      return 'unknown';
  }
}

/** An IPv6 address as its 32 hexadecimal digits with dots between. */
function nibbles(ip: string): string {
  const hex = ip.replace(/\d+\.\d+\.\d+\.\d+$/, (ip4) => {
    const [a, b, c, d] = ip4.split('.').map(Number) as [number, number, number, number];
    return `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
  });
  const [head = '', tail] = hex.split('::');
  const groupsOf = (text: string) => (text === '' ? [] : text.split(':'));
  const [before, after] = [groupsOf(head), groupsOf(tail ?? '')];
  const zeros = tail === undefined ? [] : Array<string>(8 - before.length - after.length).fill('0');
  const digits = [...before, ...zeros, ...after].map((group) => group.padStart(4, '0')).join('');
  return [...digits.toLowerCase()].join('.');
}

function escaped(value: string): string {
  return value.replace(/[^A-Za-z0-9\-._~]/g, (character) =>
    [...Buffer.from(character)]
      .map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`)
      .join(''),
  );
}
