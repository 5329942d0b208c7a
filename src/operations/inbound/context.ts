import { z } from 'zod';
import { explainEvent } from '../../core/explain/explain.ts';
import type { Tx } from '../../db/pool.ts';
import { leadEnrollments } from '../../db/queries/explanations.gen.ts';
import * as inbound from '../../db/queries/inbound.gen.ts';
import { getLead } from '../../db/queries/leads.gen.ts';
import * as schema from '../../schema.gen.ts';
import { namesOf } from '../event_words.ts';
import { existing, id, instant, noun, nullableInstant } from '../fields.ts';
import { operation, transact } from '../operation.ts';

/** Shown beside one message; the lead's page has the rest. */
const FOLLOWED_MAX = 20;
const SEQUENCES_MAX = 20;
/** The longest text that a page shows in full. */
const WHOLE_CHARS_MAX = 100_000;

/** The effects of a reply and what people do about them; the normal progress of the enrollment is left out. */
const FOLLOWING: readonly schema.EventType[] = [
  ...(['replied', 'auto_replied', 'reply_read', 'bounced', 'complained', 'delivery_delayed'] as const),
  ...(['paused', 'resumed', 'exited', 'enrolled', 'opted_out', 'opt_out_lifted', 'deferred'] as const),
];

export const getInboundContext = operation({
  name: 'get_inbound_context',
  summary:
    'Show the context of a reply: our message that it answers, its effects, the enrollments of its lead, and with `whole` the reply with its quotes.',
  http: { method: 'GET', path: '/inbound/{id}/context' },
  cli: { command: 'inbound context', args: ['id'] },
  input: z.object({
    id,
    whole: z.stringbool().default(false).describe('include the whole message'),
  }),
  output: noun('ReplyContext', {
    answered: noun('AnsweredTouch', {
      draft_id: id.nullable(),
      subject: z.string().nullable(),
      body: z.string().nullable(),
      sent_at: nullableInstant,
      campaign_slug: z.string(),
      campaign_name: z.string(),
      step_number: z.int(),
      channel: z.enum(schema.CHANNEL_VALUES),
    })
      .nullable()
      .describe('null: the reply names no message of ours'),
    followed: z
      .array(
        z.object({
          event_id: id,
          event_type: z.enum(schema.EVENT_TYPE_VALUES),
          at: instant,
          text: z.string(),
        }),
      )
      .describe(
        `the first ${FOLLOWED_MAX} events before the lead’s next message; times in a text are in the lead’s zone`,
      ),
    sequences: z
      .array(
        z.object({
          id,
          campaign_slug: z.string(),
          campaign_name: z.string(),
          status: z.enum(schema.ENROLLMENT_STATUS_VALUES),
          paused_reason: z.string().nullable(),
          paused_until: nullableInstant,
        }),
      )
      .describe('enrollments of the lead, open ones first'),
    whole: z.string().nullable().describe('null: not requested, or the source is deleted'),
    kept_until: nullableInstant.describe('when the source is deleted; null: no source'),
  }),
  errors: 'not_found',
  run: ({ context, principal, input }) =>
    transact({ context, principal }, async ({ tx, org_id }) => {
      const asked = { org_id, id: input.id, task_role: null };
      const found = existing(await inbound.getInbound.one(asked, tx), 'message');
      const { queue_id, attempt_id, lead_id } = found;
      // These reads are independent.
      const [source, answered, sequences, followed] = await Promise.all([
        inbound.inboundSource.one({ org_id, inbound_id: found.id, whole: input.whole }, tx),
        queue_id === null ? undefined : inbound.answeredTouch.one({ org_id, queue_id, attempt_id }, tx),
        lead_id === null ? [] : leadEnrollments.run({ org_id, lead_id, limit: SEQUENCES_MAX }, tx),
        whatFollowed(tx, org_id, found),
      ]);
      const mail = source?.raw ? context.readMail(source.raw) : null;
      return {
        answered: answered ?? null,
        followed,
        sequences,
        whole: mail === null || 'fault' in mail ? null : mail.text.slice(0, WHOLE_CHARS_MAX),
        kept_until: source?.kept_until ?? null,
      };
    }),
});

/** In the words of the lead's explanation. */
async function whatFollowed(
  tx: Tx,
  org_id: string,
  { id: inbound_id, lead_id, created_at }: inbound.GetInboundResult,
) {
  if (lead_id === null) return [];
  const asked = { org_id, lead_id, inbound_id, since: created_at };
  const [events, [lead]] = await Promise.all([
    inbound.eventsAfterAnswer.run({ ...asked, event_types: [...FOLLOWING], limit: FOLLOWED_MAX }, tx),
    getLead.run({ org_id, id: lead_id, key: null, phone: null }, tx),
  ]);
  const about = { ...(await namesOf(tx, org_id, events)), time_zone: lead?.effective_time_zone ?? 'UTC' };
  return events.map((event) => ({
    event_id: event.id,
    event_type: event.event_type,
    at: event.timestamp,
    text: explainEvent(event, about),
  }));
}
