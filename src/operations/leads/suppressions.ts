import { z } from 'zod';
import {
  SUPPRESSION_KINDS,
  type SuppressionKind,
  type SuppressionSource,
  suppressionWords,
} from '../../core/explain/suppression_words.ts';
import { sayLastDay } from '../../core/explain/words.ts';
import type { Queryable } from '../../db/pool.ts';
import { leadEventsOfTypes } from '../../db/queries/events.gen.ts';
import { type GetLeadResult, suppressionsOfLead } from '../../db/queries/leads.gen.ts';
import { namesOf, sentencesOf } from '../event_words.ts';
import { noun, nullableInstant } from '../fields.ts';
import { leadKey } from '../lead_keys.ts';
import { operation } from '../operation.ts';
import { findLead } from './access.ts';

/** An address and its domain, each for a few reasons. */
export const SUPPRESSIONS_MAX = 20;
/** A lead opts out and back in a few times at most. */
const OPT_OUTS_MAX = 20;

export const listLeadSuppressions = operation({
  name: 'list_lead_suppressions',
  summary: 'List what keeps a lead from being contacted: since when, why, and what ends it.',
  http: { method: 'GET', path: '/leads/{id}/suppressions' },
  cli: {
    command: 'suppressions',
    args: ['id'],
    columns: 'kind since text',
    below: ['lift'],
    empty: 'No suppressions. Only the caps limit contact with this lead.',
  },
  input: z.object({ id: leadKey }),
  output: z.object({
    items: z.array(
      noun('LeadSuppression', {
        kind: z.enum(SUPPRESSION_KINDS),
        since: nullableInstant.describe('null: unknown'),
        text: z.string(),
        lift: z.string().describe('what ends it, and what lifting the opt-out changes'),
        ends_by_lift: z.boolean().describe('true: opt_out_lead with action=lift ends it'),
      }),
    ),
  }),
  errors: 'not_found',
  run: async ({ context, principal: { org_id }, input }) => {
    const lead = await findLead(context.db, org_id, input.id);
    const rows = await suppressionsOfLead.run({ org_id, id: lead.id, limit: SUPPRESSIONS_MAX }, context.db);
    const addresses = rows.map(({ kind, value, reason, created_at, until, is_primary }) =>
      item(kind, created_at, {
        reason,
        subject: value,
        is_primary,
        ends: until && sayLastDay(until, lead.effective_time_zone),
      }),
    );
    return { items: [...(await flagsOf(context.db, org_id, lead)), ...addresses, ...othersOf(lead)] };
  },
});

/** The opt-outs, each with its sentence from the log. */
async function flagsOf(db: Queryable, org_id: string, lead: GetLeadResult) {
  if (lead.erased_at !== null) return [item('erased', lead.erased_at, {})];
  const set = [
    ...(lead.unsubscribe_flag ? [{ kind: 'unsubscribed' as const, since: lead.unsubscribed_at }] : []),
    ...(lead.opt_out_flag ? [{ kind: 'opted_out' as const, since: lead.opted_out_at }] : []),
  ];
  if (set.length === 0) return [];
  const asked = { org_id, lead_id: lead.id, event_types: ['opted_out'], before_time: null, before_id: null };
  const events = await leadEventsOfTypes.run({ ...asked, limit: OPT_OUTS_MAX }, db);
  const about = { ...(await namesOf(db, org_id, events)), time_zone: lead.effective_time_zone };
  return set.map(({ kind, since }) => {
    const own = events.find(({ timestamp }) => since !== null && timestamp.getTime() === since.getTime());
    const event = own ?? events.find(({ compliance_status }) => compliance_status === kind);
    return item(kind, since, { logged: event === undefined ? null : sentencesOf(event, about).text });
  });
}

function othersOf(lead: GetLeadResult) {
  return [
    ...(lead.abm_active ? [item('abm', null, { subject: lead.company })] : []),
    ...(lead.cadence_paused_at === null
      ? []
      : [item('paused', lead.cadence_paused_at, { reason: lead.cadence_pause_reason })]),
  ];
}

function item(kind: SuppressionKind, since: Date | null, about: Partial<SuppressionSource>) {
  const source = { reason: null, subject: null, logged: null, ends: null, is_primary: true, ...about, kind };
  const ends_by_lift = kind === 'unsubscribed' || kind === 'opted_out';
  return { kind, since, ends_by_lift, ...suppressionWords(source) };
}
