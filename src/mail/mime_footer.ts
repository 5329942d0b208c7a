import { decodeHTML, decodeHTMLAttribute } from 'entities';
import { AppError } from '../errors.ts';
import { textOfType } from './body.ts';
import type { OutboundMail } from './messages.ts';
import { bodyText } from './mime.ts';
import { readParts } from './parts.ts';

/**
 * Proves on the final bytes, however composed, that both parts of a message contain the sender's postal address and the
 * unsubscribe link, and its header the one-click address (CAN-SPAM section 5(a), RFC 8058). Throws `mail_footer_missing`
 * with the missing part. Skips messages explicitly without a footer.
 */
export function requireFooter(mime: Buffer, message: OutboundMail): void {
  const { footer, list_unsubscribe_url } = message;
  if (footer === null) return;
  const tree = readParts(mime);
  const { fields, parts } = 'fault' in tree ? { fields: [], parts: [] } : tree;
  const text = squeezed(textOfType(mime, parts, 'text/plain'));
  const html = textOfType(mime, parts, 'text/html');
  const shown = squeezed(visibleText(html));
  const links = [...html.matchAll(/<a\s[^>]*href="([^"]*)"/gi)].map(([, href]) => decodeHTMLAttribute(href!));
  const headers = fields.filter(({ name }) => name === 'list-unsubscribe').map(({ value }) => value);
  const address = squeezed(footer.postal_address);
  const url = new URL(footer.unsubscribe_url).href;
  const one_click = list_unsubscribe_url === null ? null : `<${new URL(list_unsubscribe_url).href}>`;
  const proofs: [string, boolean][] = [
    ['the postal address in the text', address !== '' && text.includes(address)],
    ['the unsubscribe link in the text', text.split(' ').includes(url)],
    ['the postal address in the HTML', address !== '' && shown.includes(address)],
    ['the unsubscribe link in the HTML', links.includes(url)],
    ['the List-Unsubscribe header', headers.length === 1 && headers[0] === one_click],
  ];
  const missing = proofs.flatMap(([what, is_there]) => (is_there ? [] : [what]));
  if (missing.length === 0) return;
  throw new AppError('mail_footer_missing', `The message cannot be sent without ${missing.join(', ')}.`, {
    hint: 'Check the postal address of the organization and TOUCHLINE_PUBLIC_URL.',
  });
}

/** The visible text: no comments, styles, scripts, or tags. */
function visibleText(html: string): string {
  const body = html.replace(/<!--[\s\S]*?-->|<(script|style|template)\b[\s\S]*?<\/\1>/gi, ' ');
  return decodeHTML(body.replace(/<[^>]*>/g, ' '));
}

/** The text as the composer writes it, without the line breaks that it adds. */
function squeezed(text: string): string {
  return bodyText(text).replace(/\s+/g, ' ').trim();
}
