import { z } from 'zod';
import type { Scope } from '../coordinator/gate/scope.ts';
import { ADDRESSES, type Address, CHANNELS } from '../core/channels.ts';
import type { Decision } from '../core/gate/decision.ts';
import { headerFault, headerFaultWords, headerText } from '../core/header_text.ts';
import { hasWords } from '../core/words.ts';
import type { Tx } from '../db/pool.ts';
import { lockLeads } from '../db/queries/facts.gen.ts';
import { AppError, type FieldError } from '../errors.ts';
import type { Principal } from '../principal.ts';
import { CHANNEL_VALUES, SUPPRESSED_REASON_VALUES, WHEN_UNREACHABLE_VALUES } from '../schema.gen.ts';
import { instantText } from './instant_text.ts';

/** An API object with its name in the glossary, which openapi.json and the pages' types use. */
export function noun<Shape extends z.ZodRawShape>(name: string, shape: Shape) {
  return z.object(shape).meta({ id: name });
}

/** The same for input: unknown fields are refused. */
export function strictNoun<Shape extends z.ZodRawShape>(name: string, shape: Shape) {
  return z.strictObject(shape).meta({ id: name });
}

/** Shared fields. Instants are ISO 8601 in UTC. */
export const id = z.uuid('must be an id');
export const instant = z.date().transform(instantText);
export const nullableInstant = z
  .date()
  .nullable()
  .transform((date) => (date === null ? null : instantText(date)));
/** A stored time or day: the database accepts 1970 to 9999 (db/routines/bounded_times.sql). */
export const kept = <Text extends z.ZodType<string>>(text: Text) =>
  text.refine(
    (value) => Date.parse(value) >= 0 && Date.parse(value) <= LAST_MS,
    'expected a time from 1970 to 9999',
  );
const LAST_MS = Date.parse('9999-12-31T23:59:59.999Z');

/**
 * Text for message headers (src/core/header_text.ts): normalized, or refused with the position of the first forbidden
 * character.
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

/** How an answer names a lead. */
export const leadNames = {
  lead_email: z.string(),
  first_name: z.string().nullable(),
  last_name: z.string().nullable(),
  company: z.string().nullable(),
};
export const ownerName = z.string().nullable().describe('of the lead’s owner, else of its account’s');
export const leadNamesWithTitle = { ...leadNames, title: z.string().nullable() };

/** Plain text with at least one word. */
export const draftBody = z.string().trim().min(1).max(50_000).refine(hasWords, 'must not be empty');

export const subjectLine = headerLine(250);

export const reason = z.string().trim().min(1).max(2_000);

/** The gate's outcome for one request or touch. */
export const gateOutcome = z.enum(['allow', 'hold', 'queue', 'block', 'refuse']).meta({ id: 'GateOutcome' });

/** The decision of the gates, without its trace. */
export function verdictOf({ outcome, reason, until_ms, wake }: Decision) {
  return { outcome, reason, until: until_ms === null ? null : new Date(until_ms).toISOString(), wake };
}

export const verdictFields = {
  reason: z.enum(SUPPRESSED_REASON_VALUES).nullable(),
  until: z.string().nullable().describe('when the gates are asked again'),
  wake: z.string().nullable().describe('what ends the hold if no time is known'),
};

/** The stored trace: every gate that was asked, in order. */
export const gateTrace = z.array(
  noun('GateTrace', {
    gate: z.string(),
    says: z.string(),
    because: z.string().describe('the exact case in one stable word'),
    saw: z.record(z.string(), z.unknown()).describe('the facts it used'),
  }),
);

/** The command that lists a noun, by the first word of its path. */
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

/** Nouns of refusals that differ from their path. */
const NOUNS: Readonly<Record<string, string>> = {
  'API key': 'api_keys',
  'hand-off': 'hand_offs',
  mailbox: 'mailboxes',
  message: 'inbound',
  person: 'users',
  'queue item': 'send_queue',
};

/** For a missing row and for one of another organization alike. */
export const notFound = (noun: string, hint = listHint(noun)) =>
  new AppError('not_found', `There is no such ${noun}.`, { ...(hint ? { hint } : {}) });

/** The row, or `not_found`. */
export function existing<Row>(row: Row | undefined, noun: string, hint?: string): Row {
  if (row === undefined) throw notFound(noun, hint);
  return row;
}

export const unknownAgent = (id: string, path: string) =>
  new AppError('unknown_agent', `There is no agent or role ${id}.`, {
    errors: [{ path, message: 'no agent or role has this name' }],
    hint: 'List agents with touchline agents, or GET /agents.',
  });

export const unknownCampaign = (slug: string, path: string) =>
  new AppError('unknown_campaign', `There is no campaign ${slug}.`, {
    errors: [{ path, message: 'no campaign has this slug' }],
    hint: 'List campaigns with touchline campaigns, or GET /campaigns.',
  });

function listHint(noun: string): string | undefined {
  const command = LIST_COMMANDS[NOUNS[noun] ?? `${noun}s`];
  return command === undefined ? undefined : `touchline ${command} lists them.`;
}

/** Reads a row again under the lock of its lead. Throws `not_found`. */
export async function underLeadLock<Row extends { lead_id: string }>(
  { tx, org_id }: Scope,
  statement: { one(key: { org_id: string; id: string }, db: Tx): Promise<Row | undefined> },
  noun: string,
  id: string,
): Promise<Row> {
  const { lead_id } = existing(await statement.one({ org_id, id }, tx), noun);
  await lockLeads.run({ org_id, lead_ids: [lead_id] }, tx);
  return (await statement.one({ org_id, id }, tx))!;
}

/** The user who acts. The table of permissions keeps agents out of most operations before this. */
export function requirePerson(
  principal: Principal,
  detail = 'Only people may do this, never agents.',
): string {
  if (principal.kind === 'human') return principal.user_id;
  throw new AppError('not_human', detail);
}

export function inputInvalid(...errors: readonly FieldError[]): AppError {
  const where = errors.map(({ path }) => path).join(', ');
  return new AppError('input_invalid', `The input is not valid: ${where}.`, { errors });
}

export const NOTES =
  'for colleagues; never quoted by templates; a language model sees only lines that begin with draft:';

export const PERSONAL_STEP = `a person sends it; always by ${new Intl.ListFormat('en-US').format(
  Object.values(CHANNELS).flatMap(({ label, sent_by }) => (sent_by === 'person' ? [label] : [])),
)}`;

export const ENTRY =
  'open: any request; routed: a person routes the lead, or the exit map of another campaign; executive: an executive decides about each lead. Default: as it is, else open';

export const PRIORITY =
  'where a side may run only so many sequences for a lead at once, the higher goes first: -1000 to 1000. Default: as it is, else 0';

export const APPROVERS =
  'who approves and rejects drafts. anyone: any user who works; owner: the lead’s owner; sender: the owner of the mailbox; executive: an executive. Without such a person, RevOps and admins. Default: as it is, else anyone';

export const WHEN_UNREACHABLE =
  'if the lead has no address for this step: skip the step (default), pause for a person, or end the enrollment';

const missingField = z.enum(Object.keys(ADDRESSES) as Address[]).meta({ id: 'MissingField' });

export const unreachableSteps = z
  .array(
    noun('UnreachableStep', {
      step_number: z.number(),
      channel: z.enum(CHANNEL_VALUES),
      missing: missingField.describe('the lead’s field without a usable address'),
      when_unreachable: z
        .enum(WHEN_UNREACHABLE_VALUES)
        .describe('skip the step, pause for a person, or end the enrollment'),
    }),
  )
  .describe('steps the lead has no address for, and what happens at each');
