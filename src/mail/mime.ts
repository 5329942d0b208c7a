import { createHash } from 'node:crypto';
import MailComposer from 'nodemailer/lib/mail-composer';
import { headerFault, headerFaultWords, headerText } from '../core/header_text.ts';
import { AppError } from '../errors.ts';
import { requireAddress } from './addresses.ts';
import { signMime } from './dkim.ts';
import type { MailFooter, OutboundMail } from './messages.ts';

// RFC 5322 section 2.1.1 allows 998 characters in a line, and a header can only be folded at a space.
const MAX_WORD = 900;
const MAX_HEADER = 8_000;

// Headers that the connector, the composer, or relays write. A duplicate would contradict the original.
const RESERVED = new RegExp(
  '^(from|sender|to|cc|bcc|reply-to|subject|date|message-id|in-reply-to|references|mime-version|return-path|' +
    'received|delivered-to|dkim-signature|authentication-results|(content|resent|arc|list-unsubscribe).*)$',
  'i',
);

/**
 * Builds the message that leaves: plain text and an HTML part made from it, both with the footer; one-click
 * unsubscribe (RFC 8058), threading (RFC 5322 section 3.6.4); signed if the message has a key. Lines end in CRLF,
 * all bytes are ASCII, and the same message always gives the same bytes.
 *
 * Throws `AppError`: `mail_header_invalid` (also for a header smuggled into a value), `mail_address_invalid`,
 * `dkim_key_invalid`.
 */
export async function buildMime(message: OutboundMail): Promise<Buffer> {
  const composer = new MailComposer({
    from: {
      name: headerValue('from', message.from.name),
      address: requireAddress(message.from.address, 'from').address,
    },
    to: {
      name: headerValue('to', message.to.name ?? ''),
      address: requireAddress(message.to.address, 'to').address,
    },
    subject: headerValue('subject', message.subject),
    messageId: messageId('message_id', message.message_id),
    ...(message.in_reply_to === undefined
      ? {}
      : { inReplyTo: messageId('in_reply_to', message.in_reply_to) }),
    ...(message.references === undefined
      ? {}
      : { references: message.references.map((id) => messageId('references', id)) }),
    date: message.date,
    headers: {
      ...furtherHeaders(message.headers ?? {}),
      ...unsubscribeHeaders(message.list_unsubscribe_url),
    },
    text: plainPart(message.text, message.footer),
    html: htmlPart(message.text, message.footer),
    // For both parts: nodemailer's other choices rewrap the text (format=flowed) or send 8 bit.
    encoding: 'quoted-printable',
    newline: 'win',
    baseBoundary: createHash('sha256').update(message.message_id).digest('hex').slice(0, 24),
    disableUrlAccess: true,
    disableFileAccess: true,
  });
  const mime = await composer.compile().build();
  return message.dkim === undefined ? mime : signMime(mime, message.dkim);
}

/** A header value in its normal form. Invalid values are refused with the name of the field. */
function headerValue(field: string, value: string): string {
  const fault = headerFault(value);
  if (fault !== null) throw invalid(field, headerFaultWords(fault));
  const text = headerText(value);
  if (text.length > MAX_HEADER || text.split(' ').some((word) => word.length > MAX_WORD)) {
    throw invalid(field, 'is too long');
  }
  return text;
}

function messageId(field: string, value: string): string {
  if (value.length > MAX_WORD || !/^<[\x21-\x3b=\x3f\x41-\x7e]+@[\x21-\x3b=\x3f\x41-\x7e]+>$/.test(value)) {
    throw invalid(field, 'is no message id of the form <left@right>');
  }
  return value;
}

/** One http or https URI that may appear between angle brackets (RFC 2369 section 2). */
function webUrl(field: string, value: string): string {
  const url = URL.canParse(headerValue(field, value)) ? new URL(value) : null;
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') {
    throw invalid(field, 'is no http or https address');
  }
  if (!/^[\x21-\x7e]+$/.test(url.href) || /[<>,]/.test(url.href)) {
    throw invalid(field, 'has a character that is not allowed');
  }
  return url.href;
}

function unsubscribeHeaders(url: string | null): Record<string, string> {
  if (url === null) return {};
  return {
    'List-Unsubscribe': `<${webUrl('list_unsubscribe_url', url)}>`,
    'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
  };
}

function furtherHeaders(headers: Record<string, string>): Record<string, string> {
  const checked: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (!/^[A-Za-z][A-Za-z0-9-]{0,75}$/.test(name))
      throw invalid('headers', 'has a name that is not allowed');
    if (RESERVED.test(name)) throw invalid(`headers.${name}`, 'is written by the connector');
    checked[name] = headerValue(`headers.${name}`, value);
  }
  return checked;
}

function plainPart(text: string, footer: MailFooter | null): string {
  const body = bodyText(text);
  if (footer === null) return body;
  const { sender_name, postal_address, url } = footerParts(footer);
  return `${body}\n\n---\n${sender_name}\n${postal_address}\nUnsubscribe: ${url}`;
}

function htmlPart(text: string, footer: MailFooter | null): string {
  const paragraphs = bodyText(text)
    .split(/\n{2,}/)
    .map((paragraph) => `<p>${htmlLines(paragraph)}</p>\n`);
  const body = paragraphs.join('') + htmlFooter(footer);
  return `<!doctype html>\n<html><head><meta charset="utf-8"></head><body>\n${body}</body></html>\n`;
}

function htmlFooter(footer: MailFooter | null): string {
  if (footer === null) return '';
  const { sender_name, postal_address, url } = footerParts(footer);
  const lines = `${htmlLines(sender_name)}<br>\n${htmlLines(postal_address)}<br>\n`;
  return `<hr>\n<p><small>${lines}<a href="${escapeHtml(url)}">Unsubscribe</a></small></p>\n`;
}

function footerParts(footer: MailFooter): { sender_name: string; postal_address: string; url: string } {
  const sender_name = headerValue('footer.sender_name', footer.sender_name.trim());
  const postal_address = bodyText(footer.postal_address).trim();
  if (sender_name === '') throw invalid('footer.sender_name', 'is empty');
  if (postal_address === '') throw invalid('footer.postal_address', 'is empty');
  return { sender_name, postal_address, url: webUrl('footer.unsubscribe_url', footer.unsubscribe_url) };
}

/** Uniform line breaks, without invisible characters (obsolete by RFC 5322 section 4.1). */
export function bodyText(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: removing them is the point
  const visible = text.replace(/\r\n?/g, '\n').replace(/[\u0000-\u0008\u000b-\u001f\u007f]/g, '');
  return visible.toWellFormed().trimEnd();
}

function htmlLines(text: string): string {
  return escapeHtml(text).replaceAll('\n', '<br>\n');
}

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

function invalid(field: string, why: string): AppError {
  return new AppError('mail_header_invalid', `The message cannot be sent: ${field} ${why}.`, {
    errors: [{ path: field, message: why }],
  });
}
