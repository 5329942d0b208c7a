import { type Address, CHANNELS } from '../../core/channels.ts';
import { parseAddress } from '../../mail/addresses.ts';
import type { Channel } from '../../schema.gen.ts';

/** The longest link that all browsers and mail programs accept; longer texts are copied instead. */
const LINK_CHARS_MAX = 1_900;

/** An address in a link; null where opening it is unsafe. */
const IN_LINK: Readonly<Record<Address, (address: string) => string | null>> = {
  email: mailAddressInLink,
  linkedin_url: linkedinPage,
  phone: (number) => number,
};

/** Opens the place to send this text; without the text if the link would be too long (RFC 6068). */
export function personalLink(
  channel: Channel,
  address: string,
  { subject, body }: { subject: string | null; body: string },
): string | null {
  const { link, address: column } = CHANNELS[channel];
  const to = IN_LINK[column](address);
  if (to === null) return null;
  const texts = { subject: subject ?? '', body: body.replaceAll(/\r?\n/g, '\r\n') };
  const parameters = Object.entries(link.query);
  const opened = (some: typeof parameters) =>
    [`${link.opens}${to}`, some.map(([name, part]) => `${name}=${encoded(texts[part])}`).join('&')]
      .filter((part) => part !== '')
      .join('?');
  const whole = opened(parameters);
  return whole.length <= LINK_CHARS_MAX ? whole : opened(parameters.filter(([, part]) => part !== 'body'));
}

/** Whether a link lacks the text that this channel's links have, because it was too long. */
export function isWithoutText(channel: Channel, link: string): boolean {
  const body = Object.entries(CHANNELS[channel].link.query).find(([, part]) => part === 'body');
  return body !== undefined && !link.includes(`${body[0]}=`);
}

function mailAddressInLink(text: string): string | null {
  if ('error' in parseAddress(text)) return null;
  const at = text.lastIndexOf('@');
  return `${encoded(text.slice(0, at))}@${encoded(text.slice(at + 1))}`;
}

/** Only LinkedIn's own https pages: no other address of an import is opened by a click. */
function linkedinPage(text: string): string | null {
  if (!URL.canParse(text)) return null;
  const { protocol, host, username, password, href } = new URL(text);
  const is_linkedin =
    protocol === 'https:' && host === 'www.linkedin.com' && username === '' && password === '';
  return is_linkedin ? href : null;
}

function encoded(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replaceAll(
    /[!'()*]/g,
    (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
