import type { DeliveryStatus, FeedbackReport, ReturnedMessage } from '../core/inbound/facts.ts';
import { decodedText } from './body.ts';
import {
  bareAddress,
  fieldAddresses,
  fieldIds,
  fieldText,
  type HeaderField,
  readFields,
  shown,
} from './headers.ts';
import type { MailPart } from './parts.ts';

const MAX_RECIPIENTS = 200;
const MAX_REPORT = 200_000;
const MAX_HEADER_BYTES = 64 * 1024;
const MAX_X_HEADERS = 30;

/** The recipients of a delivery report (RFC 3464), from all its parts; null if the message itself has no such part. */
export function deliveryStatus(bytes: Uint8Array, parts: readonly MailPart[]): DeliveryStatus[] | null {
  const reports = parts.filter(({ content_type }) =>
    /^message\/(global-)?delivery-status$/.test(content_type.value),
  );
  if (reports.length === 0) return null;
  const groups = reports
    .slice(0, 5)
    .flatMap((part) => fieldGroups(decodedText(bytes, part).slice(0, MAX_REPORT)));
  return groups
    .filter((fields) => fields.some(({ name }) => name === 'final-recipient' || name === 'action'))
    .slice(0, MAX_RECIPIENTS)
    .map(recipientStatus);
}

/** A complaint (RFC 5965); null if the message itself has no such part. */
export function feedbackReport(bytes: Uint8Array, parts: readonly MailPart[]): FeedbackReport | null {
  const report = parts.find(({ content_type }) => content_type.value === 'message/feedback-report');
  if (report === undefined) return null;
  const fields = fieldGroups(decodedText(bytes, report).slice(0, MAX_REPORT)).flat();
  const recipients = fields.filter(({ name }) => name === 'original-rcpt-to' || name === 'removal-recipient');
  return {
    feedback_type: (fieldText(fields, 'feedback-type') ?? '').toLowerCase(),
    original_mail_from: addressIn(fieldText(fields, 'original-mail-from')),
    original_rcpt_to: recipients.flatMap(({ value }) => addressIn(value) ?? []).slice(0, MAX_RECIPIENTS),
  };
}

/**
 * The headers of the reported message: from the part that returns it, else from the report's own text, as servers without
 * MIME write them.
 */
export function returnedMessage(
  bytes: Uint8Array,
  parts: readonly MailPart[],
  text: string,
): ReturnedMessage | null {
  const part = parts.find(({ content_type }) =>
    /^(message\/(rfc822|global|rfc822-headers|global-headers)|text\/rfc822-headers)$/.test(
      content_type.value,
    ),
  );
  if (part !== undefined) {
    const block = decodedText(bytes, part).slice(0, MAX_HEADER_BYTES).replaceAll('\r', '').trimStart();
    return fromFields(readFields(Buffer.from(block.slice(0, endOfHeader(block)))));
  }
  const start = /^[ \t>]{0,8}message-id:[ \t]*</im.exec(text);
  if (start === null) return null;
  const from = text.lastIndexOf('\n\n', start.index) + 1;
  const block = text
    .slice(Math.max(from, start.index - MAX_HEADER_BYTES), start.index + MAX_HEADER_BYTES)
    .trimStart();
  const lines = block.slice(0, endOfHeader(block)).split('\n');
  // Some servers indent the returned headers. Even with folded lines, a field still starts with its name.
  const unindented = lines.map((line) => line.replace(/^[ \t>]{1,8}(?=[A-Za-z][A-Za-z0-9-]{1,60}:)/, ''));
  return fromFields(readFields(Buffer.from(unindented.join('\n'))));
}

function fromFields(fields: readonly HeaderField[]): ReturnedMessage {
  const x_headers: Record<string, string> = Object.create(null);
  for (const { name } of fields.filter((field) => field.name.startsWith('x-')).slice(0, MAX_X_HEADERS)) {
    x_headers[name] = fieldText(fields, name) ?? '';
  }
  return {
    message_id: fieldIds(fields, 'message-id')[0] ?? null,
    to: fieldAddresses(fields, 'to').map(({ address }) => address),
    subject: fieldText(fields, 'subject') ?? '',
    list_unsubscribe: fieldText(fields, 'list-unsubscribe'),
    x_headers,
  };
}

function endOfHeader(block: string): number {
  const end = block.indexOf('\n\n');
  return end < 0 ? block.length : end;
}

/** Groups of fields, separated by blank lines; a second Final-Recipient starts a new group even without one. */
function fieldGroups(text: string): HeaderField[][] {
  const blocks = text
    .replaceAll('\r', '')
    .split(/\n[ \t]*\n/)
    .slice(0, MAX_RECIPIENTS * 2);
  return blocks.flatMap((block) => {
    const groups: HeaderField[][] = [[]];
    for (const field of readFields(Buffer.from(block))) {
      const open = groups.at(-1) ?? [];
      const begins = field.name === 'final-recipient' && open.some(({ name }) => name === 'final-recipient');
      if (begins) groups.push([field]);
      else open.push(field);
    }
    return groups;
  });
}

function recipientStatus(fields: readonly HeaderField[]): DeliveryStatus {
  return {
    action: (fieldText(fields, 'action') ?? '').toLowerCase().split(/[\s(;]/, 1)[0] ?? '',
    status: /\b[245]\.\d{1,3}\.\d{1,3}\b/.exec(fieldText(fields, 'status') ?? '')?.[0] ?? '',
    diagnostic_code: shown(
      (fieldText(fields, 'diagnostic-code') ?? '').replace(/^\s*[\w-]{1,20}\s*;\s*/, ''),
      1_000,
    ),
    final_recipient: addressIn(fieldText(fields, 'final-recipient')),
    original_recipient: addressIn(fieldText(fields, 'original-recipient')),
  };
}

/** The address of `rfc822; <purchasing@buyer.example>`; null if there is none. */
function addressIn(value: string | null): string | null {
  if (value === null) return null;
  const address = bareAddress(value.slice(value.indexOf(';') + 1));
  return address.includes('@') ? address : null;
}
