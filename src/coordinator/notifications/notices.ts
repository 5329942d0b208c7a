/** The words of a notice that leaves: an email or a message to Slack or Teams. */

import type { WebhookRequest } from '../../connectors/connector.ts';
import {
  groupCount,
  NOTIFICATION_GROUPS,
  type NotificationGroup,
  noticePath,
  noticeTitle,
} from '../../core/explain/notices.ts';
import { headerText } from '../../core/header_text.ts';
import type { NoticesOfResult } from '../../db/queries/notification_deliveries.gen.ts';

export const PREFERENCES_PATH = '/settings/account';
/** A digest names this many notifications; the product shows the others. */
export const DIGEST_ITEMS_MAX = 10;
/** A name or a first line is cut here: the page has the rest. */
const WORDS_MAX = 200;

/** `title` has no period; `words` is the first line of the lead's text. */
export type Notice = { title: string; words: string | null; url: string };
export type NoticeForm = 'slack' | 'teams';

/** With `includes_lead`, the organization allows the lead's name and first line to leave. */
export function noticeOf(
  row: NoticesOfResult,
  { public_url, includes_lead }: { public_url: string; includes_lead: boolean },
): Notice {
  const title = noticeTitle(row);
  const url = `${public_url}${noticePath(row)}`;
  if (!includes_lead) return { title, words: null, url };
  const name = cut([row.first_name, row.last_name].filter((part) => part !== null).join(' '));
  const words = cut((row.text ?? '').trim().split('\n')[0] ?? '');
  return { title: name === '' ? title : `${title}: ${name}`, words: words === '' ? null : words, url };
}

/** Plain text of one line, without control characters. */
function cut(text: string): string {
  const line = headerText(text.replace(/[\p{Cc}\p{Cf}]+/gu, ' ')).trim();
  return line.length > WORDS_MAX ? `${line.slice(0, WORDS_MAX - 1).toWellFormed()}…` : line;
}

export type NoticeMail = { subject: string; text: string };

export function noticeMail({ title, words, url }: Notice, public_url: string): NoticeMail {
  const lines = [`${title}.`, ...(words === null ? [] : [`“${words}”`]), `Open: ${url}`];
  return { subject: title, text: `${lines.join('\n\n')}\n\n${footer(public_url)}` };
}

type Counts = ReadonlyMap<NotificationGroup, number>;

/** Counts, then the most urgent notifications with their links. */
export function digestMail(counts: Counts, notices: readonly Notice[], public_url: string): NoticeMail {
  const counted = NOTIFICATION_GROUPS.flatMap((group) => {
    const count = counts.get(group) ?? 0;
    return count === 0 ? [] : [groupCount(group, count)];
  });
  const total = counts.values().reduce((sum, count) => sum + count, 0);
  const rest = total - notices.length;
  const items = notices.map(({ title, words, url }) => {
    return [`- ${title}`, ...(words === null ? [] : [`  “${words}”`]), `  ${url}`].join('\n');
  });
  const more = rest === 0 ? [] : [`${rest} more: ${public_url}/`];
  const text = [`Since your last digest: ${counted.join(', ')}.`, ...items, ...more, footer(public_url)];
  return { subject: `Digest: ${counted.join(', ')}`, text: text.join('\n\n') };
}

function footer(public_url: string): string {
  return `Choose which notifications you receive: ${public_url}${PREFERENCES_PATH}`;
}

/** The request to a Slack incoming webhook or a Teams workflow. */
export function noticeRequest(form: NoticeForm, url: string, notice: Notice): WebhookRequest {
  const body = JSON.stringify(form === 'slack' ? slackMessage(notice) : teamsMessage(notice));
  return { url, headers: { 'content-type': 'application/json', 'user-agent': 'Touchline' }, body };
}

/** `text` is the fallback for notifications. The lead's words are plain text, so they cannot mention, link, or format. */
function slackMessage({ title, words, url }: Notice) {
  const text = `${slackEscaped(title)}. <${slackEscaped(url)}|Open>`;
  const blocks: object[] = [{ type: 'section', text: { type: 'mrkdwn', text, verbatim: true } }];
  if (words !== null)
    blocks.push({ type: 'section', text: { type: 'plain_text', text: words, emoji: false } });
  return { text, blocks };
}

/** The three characters that control Slack's markup. */
function slackEscaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function teamsMessage({ title, words, url }: Notice) {
  const block = (text: string, more: object = {}) => ({
    type: 'TextBlock',
    text: teamsEscaped(text),
    wrap: true,
    ...more,
  });
  const content = {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.4',
    body: [
      block(`${title}.`, { weight: 'Bolder' }),
      ...(words === null ? [] : [block(words, { isSubtle: true })]),
    ],
    actions: [{ type: 'Action.OpenUrl', title: 'Open', url }],
  };
  const contentType = 'application/vnd.microsoft.card.adaptive';
  return { type: 'message', attachments: [{ contentType, contentUrl: null, content }] };
}

/** A text block reads a part of Markdown. */
function teamsEscaped(text: string): string {
  return text.replace(/[\\`*_[\]()#<>~|-]/g, '\\$&');
}
