import { z } from 'zod';
import { ADDRESSES, type Address, CHANNELS } from '../core/channels.ts';
import { headerFault, headerFaultWords, headerText } from '../core/header_text.ts';
import { hasWords } from '../core/words.ts';
import { AppError } from '../errors.ts';
import type { Principal } from '../principal.ts';
import { CHANNEL_VALUES, WHEN_UNREACHABLE_VALUES } from '../schema.gen.ts';
import { instantText } from './instant_text.ts';

/** An object of the API under its name in the glossary: openapi.json and the types of the pages have it by that name. */
export function noun<Shape extends z.ZodRawShape>(name: string, shape: Shape) {
  return z.object(shape).meta({ id: name });
}

/** The same for what a caller gives: an unknown field is refused. */
export function strictNoun<Shape extends z.ZodRawShape>(name: string, shape: Shape) {
  return z.strictObject(shape).meta({ id: name });
}

/** Fields that several operations share, in one spelling. Instants are ISO 8601 in UTC on the wire. */
export const id = z.uuid('must be an id');
export const instant = z.date().transform(instantText);
export const nullableInstant = z
  .date()
  .nullable()
  .transform((date) => (date === null ? null : instantText(date)));
/** A time or a day that is written: the database keeps those from 1970 to 9999 (db/routines/bounded_times.sql). */
export const kept = <Text extends z.ZodType<string>>(text: Text) =>
  text.refine(
    (value) => Date.parse(value) >= 0 && Date.parse(value) <= LAST_MS,
    'expected a time from 1970 to 9999',
  );
const LAST_MS = Date.parse('9999-12-31T23:59:59.999Z');

/**
 * Text that ends in the header of a message, or may (src/core/header_text.ts): in its normal form, or refused with the place
 * of the first character that no header holds.
 */
export const headerLine = (chars_max: number) =>
  z
    .string()
    .check(({ value, issues }) => {
      const fault = headerFault(value);
      if (fault !== null) issues.push({ code: 'custom', message: headerFaultWords(fault), input: value });
    })
    .overwrite(headerText)
    .min(1)
    .max(chars_max)
    .refine((value) => value === '' || hasWords(value) || headerFault(value) !== null, 'must not be empty');

/** The text of a message: plain text with something to read in it. */
export const draftBody = z.string().trim().min(1).max(50_000).refine(hasWords, 'must not be empty');

/** The subject of an email. */
export const subjectLine = headerLine(250);

export const reason = z.string().trim().min(1).max(2_000);

/** Outcome of the gate for one request or touch. */
export const gateOutcome = z.enum(['allow', 'hold', 'queue', 'block', 'refuse']).meta({ id: 'GateOutcome' });

/** The gate's trace as it was stored: every gate that was asked, in order. */
export const gateTrace = z.array(
  noun('GateTrace', {
    gate: z.string(),
    says: z.string(),
    because: z.string().describe('the exact case in one stable word'),
    saw: z.record(z.string(), z.unknown()).describe('the facts that it saw'),
  }),
);

/** The command that lists the things of a noun, by the first word of their path. */
export const LIST_COMMANDS: Readonly<Record<string, string>> = {
  accounts: 'accounts',
  api_keys: 'keys',
  campaigns: 'campaigns',
  clients: 'clients',
  drafts: 'drafts',
  enrollments: 'enrollments',
  flags: 'flags',
  hand_offs: 'hand-offs',
  inbound: 'inbound',
  leads: 'leads',
  mailboxes: 'mailboxes',
  notifications: 'notifications',
  personal_sends: 'personal',
  plays: 'plays',
  segments: 'segments',
  send_queue: 'queue',
  sessions: 'sessions',
  tasks: 'tasks',
  users: 'users',
  webhooks: 'webhooks',
};

/** What refusals call a thing, where its path says it otherwise. */
const NOUNS: Readonly<Record<string, string>> = {
  'API key': 'api_keys',
  'hand-off': 'hand_offs',
  mailbox: 'mailboxes',
  message: 'inbound',
  person: 'users',
  'queue item': 'send_queue',
};

/** A row that is not there, or belongs to someone else: both answer alike. */
export function notFound(noun: string, hint = listHint(noun)): AppError {
  return new AppError('not_found', `There is no such ${noun}.`, { ...(hint ? { hint } : {}) });
}

function listHint(noun: string): string | undefined {
  const command = LIST_COMMANDS[NOUNS[noun] ?? `${noun}s`];
  return command === undefined ? undefined : `touchline ${command} lists them.`;
}

/** The user who acts. The table of permissions keeps agents out before this. */
export function requirePerson(principal: Principal): string {
  if (principal.kind === 'human') return principal.user_id;
  throw new AppError('not_human', 'Only people may do this; agents never.');
}

/** What people alone do; the table of permissions keeps agents from it before that. */
export function notHuman(detail: string): AppError {
  return new AppError('not_human', detail);
}

/** What becomes of the notes of a request, or of a meeting that is routed. */
export const NOTES =
  'for colleagues; no template quotes them, but where a language model writes, it is told their lines that begin with draft:';

export const PERSONAL_STEP = `a person sends it; always by ${listed(
  Object.values(CHANNELS).flatMap(({ label, sent_by }) => (sent_by === 'person' ? [label] : [])),
)}`;

function listed(words: readonly string[]): string {
  return new Intl.ListFormat('en-US').format(words);
}

export const WHEN_UNREACHABLE =
  'what happens when the lead lacks the address for this step: skip it (default), ask a person and wait, or end the sequence';

const missingField = z.enum(Object.keys(ADDRESSES) as Address[]).meta({ id: 'MissingField' });

/** Steps of a campaign that a lead lacks the address for. */
export const unreachableSteps = z
  .array(
    noun('UnreachableStep', {
      step_number: z.number(),
      channel: z.enum(CHANNEL_VALUES),
      missing: missingField.describe(
        'the field of the lead that is empty, or holds no address that the step reaches',
      ),
      when_unreachable: z
        .enum(WHEN_UNREACHABLE_VALUES)
        .describe('skip: the step is left out; ask: the sequence waits for a person; end: it ends there'),
    }),
  )
  .describe('steps that the lead lacks the address for, and what happens at each');
