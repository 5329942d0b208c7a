import { decodeHTML, decodeHTMLAttribute } from 'entities';
import { visible } from './headers.ts';

const MAX_TEXT = 200_000;
const MAX_LINKS = 100;
const MAX_QUOTE_DEPTH = 20;

const names = (list: string) => new Set(list.split(' '));
/** Elements that are hidden or contain no text. */
const SKIPPED = names('script style title template noscript iframe object svg math select textarea');
const BLOCKS = names(
  'address article aside center dd div dl dt fieldset figure footer form h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section table tbody thead tr ul',
);
/** Zero-width characters, which newsletters write as references to pad their preview. */
const UNSEEN = /&(?:zwnj|zwj|shy);/g;
const VOID = names('br hr img input meta link area base col embed wbr');

type Writer = {
  lines: string[];
  line: string;
  /** Length of the text so far, in characters. */
  length: number;
  quote_depth: number;
  links: string[];
};

/**
 * The visible text of an HTML message, without scripts, styles, and hidden elements. Each level of blockquote adds `> ` to
 * its lines. One pass from left to right, so no markup makes it slow. `links` are the http and https targets, at most 100.
 */
export function htmlText(html: string): { text: string; links: string[] } {
  const writer: Writer = { lines: [], line: '', length: 0, quote_depth: 0, links: [] };
  const scan: Scan = { html, at: 0, quotes_end: true, comments_end: true };
  /** The element whose content is skipped, and how many of its name are open within. */
  let hidden: { name: string; depth: number } | null = null;
  while (scan.at < html.length && writer.length < MAX_TEXT) {
    const text_end = indexOrEnd(html, '<', scan.at);
    if (hidden === null) writeText(writer, html.slice(scan.at, text_end));
    scan.at = text_end;
    if (text_end >= html.length) break;
    const tag = nextTag(scan);
    if (tag === null) {
      if (hidden === null) writeText(writer, '<');
      continue;
    }
    if (hidden !== null) {
      if (tag.name === hidden.name) hidden.depth += tag.closes ? -1 : 1;
      if (hidden.depth === 0) hidden = null;
    } else if (!tag.closes && !VOID.has(tag.name) && isHidden(tag)) {
      hidden = tag.self_closes ? null : { name: tag.name, depth: 1 };
    } else writeTag(writer, tag);
  }
  endLine(writer);
  const text = visible(writer.lines.join('\n').replace(/\n(?:[> ]{0,40}\n){2,}/g, '\n\n'));
  return { text: text.trim().slice(0, MAX_TEXT), links: writer.links };
}

type Scan = { html: string; at: number; quotes_end: boolean; comments_end: boolean };
type Tag = { name: string; closes: boolean; self_closes: boolean; attributes: string };

/** The tag at `scan.at`, which is a `<`; moves past it. A comment is the tag `!`. Null if it is only a character. */
function nextTag(scan: Scan): Tag | null {
  const { html } = scan;
  if (html.startsWith('<!--', scan.at) && scan.comments_end) {
    const end = html.indexOf('-->', scan.at + 4);
    scan.comments_end = end >= 0;
    if (end >= 0) {
      scan.at = end + 3;
      return { name: '!', closes: false, self_closes: true, attributes: '' };
    }
  }
  const opening = /^<(\/?)([a-z!?][a-z0-9:!-]{0,30})/i.exec(html.slice(scan.at, scan.at + 40));
  if (opening === null) {
    scan.at += 1;
    return null;
  }
  const start = scan.at + opening[0].length;
  const end = tagEnd(scan, start);
  scan.at = end + 1;
  const attributes = html.slice(start, Math.min(end, start + 4_000));
  return {
    name: (opening[2] ?? '').toLowerCase(),
    closes: opening[1] === '/',
    self_closes: attributes.endsWith('/'),
    attributes,
  };
}

/** The position of the tag's `>`, outside quotes; after an unclosed quote, quotes are ignored. */
function tagEnd(scan: Scan, start: number): number {
  const { html } = scan;
  for (let at = start; at < html.length && scan.quotes_end; at += 1) {
    const char = html[at];
    if (char === '>') return at;
    if ((char === '"' || char === "'") && html[at - 1] === '=') {
      const closing = html.indexOf(char, at + 1);
      if (closing < 0) scan.quotes_end = false;
      else at = closing;
    }
  }
  scan.quotes_end = false;
  return indexOrEnd(html, '>', start);
}

function isHidden(tag: Tag): boolean {
  if (SKIPPED.has(tag.name)) return true;
  if (tag.attributes === '') return false;
  const attributes = tag.attributes.toLowerCase().replace(/\s/g, '');
  return attributes.includes('display:none') || attributes.includes('visibility:hidden');
}

function writeTag(writer: Writer, tag: Tag): void {
  if (tag.name === 'br') endLine(writer, true);
  else if (tag.name === 'blockquote') {
    endLine(writer);
    const depth = writer.quote_depth + (tag.closes ? -1 : 1);
    writer.quote_depth = Math.min(Math.max(depth, 0), MAX_QUOTE_DEPTH);
  } else if (BLOCKS.has(tag.name)) {
    endLine(writer);
    if (tag.name === 'p' || /^h\d$/.test(tag.name)) blankLine(writer);
    if (tag.name === 'li' && !tag.closes) writer.line = '- ';
  } else if (tag.name === 'td' || tag.name === 'th') {
    if (tag.closes && writer.line !== '') writer.line += ' ';
  } else if (tag.name === 'a' && !tag.closes) keepLink(writer, tag.attributes);
}

function keepLink(writer: Writer, attributes: string): void {
  const found = /href\s{0,5}=\s{0,5}["']?([^"'\s>]{1,2000})/i.exec(attributes)?.[1];
  if (found === undefined || writer.links.length >= MAX_LINKS) return;
  const link = decodeHTMLAttribute(found);
  if (/^https?:\/\//i.test(link)) writer.links.push(visible(link));
}

function writeText(writer: Writer, raw: string): void {
  if (raw === '') return;
  const text = decodeHTML(raw.slice(0, MAX_TEXT).replace(UNSEEN, '')).replace(/\s+/g, ' ');
  writer.line += writer.line === '' ? text.trimStart() : text;
  writer.length += text.length;
}

/** Writes an empty line only where the sender's markup requires one. */
function endLine(writer: Writer, is_forced = false): void {
  const line = writer.line.trimEnd();
  writer.line = '';
  if (line === '' && !is_forced) return;
  writer.lines.push(quoteMark(writer) + line);
  writer.length += 1 + 2 * writer.quote_depth;
}

function blankLine(writer: Writer): void {
  const last = writer.lines.at(-1);
  if (last === undefined || last.replaceAll('> ', '') === '') return;
  writer.lines.push(quoteMark(writer).trimEnd());
}

function quoteMark(writer: Writer): string {
  return '> '.repeat(writer.quote_depth);
}

function indexOrEnd(text: string, searched: string, from: number): number {
  const found = text.indexOf(searched, from);
  return found < 0 ? text.length : found;
}
