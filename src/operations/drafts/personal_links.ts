import { parseAddress } from '../../mail/addresses.ts';

/** What a browser and a mail program surely take; a longer text is copied instead. */
const MAILTO_MAX = 1_900;

/** The profile, if it is one of LinkedIn's own pages over https: what someone wrote into a list is not opened by a click. */
export function linkedinLink(text: string | null): string | null {
  if (text === null || !URL.canParse(text)) return null;
  const { protocol, host, username, password, href } = new URL(text);
  const is_linkedin =
    protocol === 'https:' && host === 'www.linkedin.com' && username === '' && password === '';
  return is_linkedin ? href : null;
}

/** RFC 6068. Without the text where the link would be too long for it. */
export function mailtoLink(to: string, subject: string, body: string): string | null {
  const address = parseAddress(to);
  if ('error' in address) return null;
  const at = to.lastIndexOf('@');
  const head = `mailto:${encoded(to.slice(0, at))}@${encoded(to.slice(at + 1))}?subject=${encoded(subject)}`;
  const whole = `${head}&body=${encoded(body.replaceAll(/\r?\n/g, '\r\n'))}`;
  return whole.length <= MAILTO_MAX ? whole : head;
}

function encoded(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replaceAll(
    /[!'()*]/g,
    (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
