import PostalMime from 'postal-mime';
import { AppError } from '../errors.ts';
import type { OutboundMail } from './messages.ts';

/**
 * Proves on the finished bytes, whoever composed them, that both parts of a message carry the sender's postal address and
 * the way out, and its header the one-click address (CAN-SPAM section 5(a), RFC 8058). Throws `mail_footer_missing`, which
 * says what is not there. A message that was said to go without a footer is not asked.
 */
export async function requireFooter(mime: Buffer, message: OutboundMail): Promise<void> {
  const { footer, list_unsubscribe_url } = message;
  if (footer === null) return;
  const email = await PostalMime.parse(mime);
  const text = squeezed(email.text ?? '');
  const html = email.html ?? '';
  const shown = squeezed(visibleText(html));
  const links = [...html.matchAll(/<a\s[^>]*href="([^"]*)"/gi)].map(([, href]) => unescaped(href!));
  const headers = email.headers
    .filter(({ key }) => key === 'list-unsubscribe')
    .map(({ value }) => value.trim());
  const address = squeezed(footer.postal_address);
  const url = new URL(footer.unsubscribe_url).href;
  const one_click = `<${new URL(list_unsubscribe_url).href}>`;
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

/** What a reader sees: comments, styles and scripts are no text, nor are tags. */
function visibleText(html: string): string {
  const body = html.replace(/<!--[\s\S]*?-->|<(script|style|template)\b[\s\S]*?<\/\1>/gi, ' ');
  return unescaped(body.replace(/<[^>]*>/g, ' '));
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };

function unescaped(text: string): string {
  return text.replace(/&(amp|lt|gt|quot|#39);/g, (_, name: string) => ENTITIES[name]!);
}

/** Line breaks are the composer's; letters that nobody can see are left out by it. */
function squeezed(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: leaving them out is the point
  const visible = text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g, '');
  return visible.toWellFormed().replace(/\s+/g, ' ').trim();
}
