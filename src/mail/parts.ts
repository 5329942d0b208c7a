import { type HeaderField, parseContentType, readFields, type StructuredValue } from './headers.ts';
import type { InboundFault } from './messages.ts';

// Honest messages never reach these limits. The last two bound the time that a malicious message can take.
const MAX_PARTS = 10_000;
const MAX_DEPTH = 100;
const MAX_HEADER_BYTES = 2 * 1024 * 1024;
const MAX_PART_HEADER_BYTES = 256 * 1024;
const MAX_NEAR_BOUNDARIES = 500_000;
// RFC 2046 section 5.1.1 allows 70.
const MAX_BOUNDARY = 200;

/** A part that holds no further parts; the bytes from `start` to `end` are its body, still encoded. */
export type MailPart = {
  fields: HeaderField[];
  content_type: StructuredValue;
  start: number;
  end: number;
  /** The innermost multipart/alternative that contains it; null if none. */
  alternative: number | null;
};

export type MailTree = { fields: HeaderField[]; content_type: StructuredValue; parts: MailPart[] };

type Open = {
  delimiter: string;
  /** The delimiter's earlier meaning, if an outer multipart has the same. */
  shadowed: number | undefined;
  is_digest: boolean;
  alternative: number | null;
};

/**
 * Finds the parts of a message in one pass over its bytes: the time grows only with their number. A nested message is one
 * part, whose own parts are not read. See docs/decisions/0014.
 *
 * Errors are values.
 */
export function readParts(bytes: Uint8Array): MailTree | InboundFault {
  const walk = startWalk(bytes);
  let position = 0;
  while (position < bytes.length) {
    let end = position;
    while (end < bytes.length && bytes[end] !== 10) end += 1;
    const fault = takeLine(walk, position, end);
    if (fault !== null) return fault;
    position = end + 1;
  }
  const fault = endPart(walk, bytes.length);
  if (fault !== null) return fault;
  return { fields: walk.fields, content_type: walk.content_type, parts: walk.parts };
}

type Walk = MailTree & {
  bytes: Uint8Array;
  open: Open[];
  /** Delimiter -> its place in `open`. */
  delimiters: Map<string, number>;
  shortest: number;
  mode: 'header' | 'body' | 'between';
  /** The start of the current header or body. */
  start: number;
  current: MailPart | null;
  part_count: number;
  alternative_count: number;
  header_bytes: number;
  near_boundaries: number;
};

function startWalk(bytes: Uint8Array): Walk {
  return {
    fields: [],
    content_type: { value: 'text/plain', params: {} },
    parts: [],
    bytes,
    open: [],
    delimiters: new Map(),
    shortest: Number.POSITIVE_INFINITY,
    mode: 'header',
    start: 0,
    current: null,
    part_count: 0,
    alternative_count: 0,
    header_bytes: 0,
    near_boundaries: 0,
  };
}

function takeLine(walk: Walk, start: number, end: number): InboundFault | null {
  const { bytes } = walk;
  if (bytes[start] === 45 && bytes[start + 1] === 45 && end - start >= walk.shortest) {
    const found = boundaryAt(walk, start, end);
    if (found === 'too_complex') return { fault: 'too_complex' };
    if (found !== null) return crossBoundary(walk, found, start, end);
  }
  if (walk.mode !== 'header') return null;
  const is_blank = end === start || (end === start + 1 && bytes[start] === 13);
  if (is_blank) return endHeader(walk, start, end + 1);
  // Text in place of a field starts the body. A line of a mailbox file (`From `) and folded lines do not.
  if (!looksLikeField(bytes, start, end, start === walk.start)) return endHeader(walk, start, start);
  return null;
}

function looksLikeField(bytes: Uint8Array, start: number, end: number, is_first: boolean): boolean {
  const first = bytes[start];
  if (first === 32 || first === 9) return true;
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte === 58) return at > start;
    if (byte <= 32) return is_first && at === start + 4 && bytes[start] === 70 && byte === 32;
    if (byte >= 127) return false;
  }
  return false;
}

function boundaryAt(
  walk: Walk,
  start: number,
  end: number,
): { level: number; closes: boolean } | 'too_complex' | null {
  if (end - start > MAX_BOUNDARY + 100) return null;
  walk.near_boundaries += 1;
  if (walk.near_boundaries > MAX_NEAR_BOUNDARIES) return 'too_complex';
  const line = Buffer.from(walk.bytes.buffer, walk.bytes.byteOffset + start, end - start)
    .toString('latin1')
    .trimEnd();
  const level = walk.delimiters.get(line);
  if (level !== undefined) return { level, closes: false };
  if (!line.endsWith('--')) return null;
  const closed = walk.delimiters.get(line.slice(0, -2));
  return closed === undefined ? null : { level: closed, closes: true };
}

function crossBoundary(
  walk: Walk,
  found: { level: number; closes: boolean },
  start: number,
  end: number,
): InboundFault | null {
  const fault = endPart(walk, beforeBreak(walk.bytes, start));
  if (fault !== null) return fault;
  while (walk.open.length > found.level + 1) closeInnermost(walk);
  if (found.closes) {
    closeInnermost(walk);
    walk.mode = 'between';
    return null;
  }
  walk.mode = 'header';
  walk.start = end + 1;
  return null;
}

/** The line break before a boundary belongs to the boundary (RFC 2046 section 5.1.1). */
function beforeBreak(bytes: Uint8Array, start: number): number {
  if (start === 0) return 0;
  return start > 1 && bytes[start - 2] === 13 ? start - 2 : start - 1;
}

function endPart(walk: Walk, end: number): InboundFault | null {
  if (walk.mode === 'header') {
    const fault = endHeader(walk, end, end);
    if (fault !== null) return fault;
  }
  if (walk.mode === 'body' && walk.current !== null) {
    walk.current.end = Math.max(end, walk.current.start);
    walk.parts.push(walk.current);
  }
  walk.current = null;
  walk.mode = 'between';
  return null;
}

function endHeader(walk: Walk, header_end: number, body_start: number): InboundFault | null {
  const { bytes, open } = walk;
  const length = Math.max(0, header_end - walk.start);
  walk.header_bytes += length;
  walk.part_count += 1;
  if (walk.header_bytes > MAX_HEADER_BYTES) return { fault: 'headers_too_large' };
  if (walk.part_count > MAX_PARTS) return { fault: 'too_many_parts' };

  const fields = readFields(bytes.subarray(walk.start, walk.start + Math.min(length, MAX_PART_HEADER_BYTES)));
  const parent = open.at(-1);
  const written = fields.find(({ name }) => name === 'content-type')?.value;
  const content_type = parseContentType(
    written,
    parent?.is_digest === true ? 'message/rfc822' : 'text/plain',
  );
  if (walk.part_count === 1) Object.assign(walk, { fields, content_type });

  const boundary = content_type.params.boundary ?? '';
  if (content_type.value.startsWith('multipart/') && boundary !== '' && boundary.length <= MAX_BOUNDARY) {
    if (open.length >= MAX_DEPTH) return { fault: 'too_deep' };
    openMultipart(walk, `--${boundary.trimEnd()}`, content_type.value, parent?.alternative ?? null);
    walk.mode = 'between';
    return null;
  }
  // A multipart without a boundary is read as text.
  const is_multipart = content_type.value.startsWith('multipart/');
  walk.current = {
    fields,
    content_type: is_multipart ? { value: 'text/plain', params: {} } : content_type,
    start: body_start,
    end: body_start,
    alternative: parent?.alternative ?? null,
  };
  walk.mode = 'body';
  return null;
}

function openMultipart(walk: Walk, delimiter: string, type: string, outer: number | null): void {
  const is_alternative = type === 'multipart/alternative';
  if (is_alternative) walk.alternative_count += 1;
  walk.open.push({
    delimiter,
    shadowed: walk.delimiters.get(delimiter),
    is_digest: type === 'multipart/digest',
    alternative: is_alternative ? walk.alternative_count : outer,
  });
  walk.delimiters.set(delimiter, walk.open.length - 1);
  walk.shortest = Math.min(walk.shortest, delimiter.length);
}

function closeInnermost(walk: Walk): void {
  const closed = walk.open.pop();
  if (closed === undefined) return;
  if (closed.shadowed === undefined) walk.delimiters.delete(closed.delimiter);
  else walk.delimiters.set(closed.delimiter, closed.shadowed);
}
