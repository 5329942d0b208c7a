/** Leads that are one person: suggested, looked at, and merged by people; with one CRM record, by a rule. */
import { z } from 'zod';
import { mergeLeads, type SettledWork } from '../../coordinator/gate/lead_merges.ts';
import type { Scope } from '../../coordinator/gate/scope.ts';
import type { RequestAnswer } from '../../coordinator/gate/sequence_requests.ts';
import { transaction } from '../../db/pool.ts';
import { campaignsForRequest } from '../../db/queries/campaigns.gen.ts';
import * as sql from '../../db/queries/lead_merges.gen.ts';
import { AppError } from '../../errors.ts';
import { actorOf } from '../../principal.ts';
import { MERGE_REASON_VALUES } from '../../schema.gen.ts';
import { id, instant, noun, reason, requirePerson } from '../fields.ts';
import { filteredLead, leadFilter, leadKey } from '../lead_keys.ts';
import { operation, transact } from '../operation.ts';
import { NEWEST_FIRST, pagedList } from '../page.ts';
import { findLead, leadDetail, readLead } from './access.ts';

/** Thrown to undo a dry run's transaction. */
const UNDO = new Error('dry run');

const WORK_OUTCOMES = ['continues', 'waits', 'refused', 'already_enrolled', 'unreachable', 'ends'] as const;

const settled = noun('MergedWork', {
  campaign_slug: z.string(),
  campaign_name: z.string(),
  step: z.int().nullable().describe('of the enrollment that goes on; null: a pending request'),
  outcome: z.enum(WORK_OUTCOMES).describe('ends: the campaign is archived, or its play has ended'),
  reason: z.string().nullable().describe('of a wait or a refusal'),
});

const merged = noun('LeadMerge', {
  lead: leadDetail.describe('after the merge'),
  merged_lead_id: id,
  work: z.array(settled).describe('what becomes of the open enrollments and requests of the merged lead'),
  ended: z
    .array(noun('MergeEnded', { campaign_slug: z.string(), campaign_name: z.string() }))
    .describe('campaigns of the lead that stays whose enrollment or request ends'),
  dry_run: z.boolean(),
});

const merge = operation({
  name: 'merge_leads',
  summary:
    'Merge a lead into another one: both are the same person. The history of both counts from now on, the stricter consent applies, and open enrollments go on where the gates allow. A merge cannot be undone; look at it first with dry_run.',
  http: { method: 'POST', path: '/leads/{id}/merge' },
  cli: { command: 'merge leads', args: ['id', 'other_lead_id'] },
  input: z.object({
    id: leadKey.describe('an id, email address, or other key of the lead that stays'),
    other_lead_id: leadKey.describe('the lead that is merged into it'),
    reason: reason.optional(),
    dry_run: z.boolean().default(false).describe('show the result; nothing changes'),
  }),
  output: merged,
  errors: 'not_found same_lead already_leaving outcome_unknown lead_erased lead_merged role_required',
  run: async ({ context, principal, input }) => {
    requirePerson(principal);
    const { org_id } = principal;
    const actor = actorOf(principal);
    let answer: z.input<typeof merged> | null = null;
    try {
      await transaction(context.db, actor, async (tx) => {
        const scope: Scope = { tx, org_id, clock: context.clock };
        const kept = await findLead(tx, org_id, input.id);
        const other = await findLead(tx, org_id, input.other_lead_id);
        if (kept.id === other.id) throw sameLead();
        const merging = { lead_id: other.id, into_lead_id: kept.id, reason: input.reason ?? null };
        const before = await sql.openWorkOfLead.run({ org_id, lead_id: kept.id }, tx);
        const work = await mergeLeads(scope, merging, actor);
        const after = await sql.openWorkOfLead.run({ org_id, lead_id: kept.id }, tx);
        const open = new Set(after.map(({ campaign_id }) => campaign_id));
        const ended = before.filter(({ campaign_id }) => !open.has(campaign_id));
        answer = {
          lead: await readLead(tx, org_id, kept.id),
          merged_lead_id: other.id,
          work: await worded(scope, work),
          ended: await namedCampaigns(scope, ended),
          dry_run: input.dry_run,
        };
        if (input.dry_run) throw UNDO;
      });
    } catch (error) {
      if (error !== UNDO) throw error;
    }
    return answer!;
  },
});

const suggestion = noun('MergeSuggestion', {
  id,
  reason: z
    .enum(MERGE_REASON_VALUES)
    .describe(
      'same_crm_record: a rule merges them; otherwise, also for crm_record_in_file of a rep’s file, a person decides',
    ),
  found_at: instant,
  lead_id: id,
  lead_email: z.string(),
  lead_name: z.string().nullable(),
  lead_company: z.string().nullable(),
  other_lead_id: id,
  other_email: z.string(),
  other_name: z.string().nullable(),
  other_company: z.string().nullable(),
});

const list = pagedList({
  name: 'list_merge_suggestions',
  summary: 'List pairs of leads that may be one person.',
  path: '/leads/merge_suggestions',
  cli: {
    command: 'merge suggestions',
    columns: 'reason lead_email other_email found_at id',
    empty: 'No suggestions. Leads with the same profile, or the same name and company, appear here.',
  },
  filters: { lead_id: leadFilter.describe('only pairs with this lead, by any of its keys') },
  item: suggestion,
  order: NEWEST_FIRST,
  rows: async ({ page, db }) => {
    const lead_id = await filteredLead(db, page.org_id, page.lead_id);
    return (await sql.suggestionPage.run({ ...page, lead_id }, db)).map(suggestionOf);
  },
});

const reject = operation({
  name: 'reject_merge_suggestion',
  summary: 'Say that two leads are different people. They are not suggested again.',
  http: { method: 'POST', path: '/leads/merge_suggestions/{id}/reject' },
  cli: { command: 'merge reject', args: ['id'] },
  input: z.object({ id }),
  output: z.object({ id }),
  errors: 'suggestion_ended',
  run: async ({ context, principal, input }) => {
    const user_id = requirePerson(principal);
    return transact({ context, principal }, async ({ tx, org_id, now }) => {
      const [rejected] = await sql.rejectSuggestion.run({ org_id, id: input.id, user_id, now }, tx);
      if (rejected === undefined)
        throw new AppError('suggestion_ended', 'There is no open suggestion with this ID.');
      return rejected;
    });
  },
});

export const leadMergeOperations = [merge, list, reject] as const;

function sameLead(): AppError {
  return new AppError('same_lead', 'Both are the same lead already.', {
    errors: [{ path: 'other_lead_id', message: 'names the lead that stays' }],
  });
}

async function worded(scope: Scope, work: readonly SettledWork[]): Promise<z.input<typeof settled>[]> {
  const named = await namedCampaigns(scope, work);
  return work.map(({ step, answer }, at) => ({ ...named[at]!, step, ...outcomeOf(answer) }));
}

async function namedCampaigns(scope: Scope, of: readonly { campaign_id: string }[]) {
  const { tx, org_id, clock } = scope;
  const ids = of.map(({ campaign_id }) => campaign_id);
  const rows =
    ids.length === 0 ? [] : await campaignsForRequest.run({ org_id, now: clock.now(), ids, slugs: [] }, tx);
  const campaigns = new Map(rows.map((row) => [row.id, row]));
  return ids.map((id) => {
    const { slug, name } = campaigns.get(id)!;
    return { campaign_slug: slug, campaign_name: name };
  });
}

function outcomeOf(answer: RequestAnswer | null): {
  outcome: (typeof WORK_OUTCOMES)[number];
  reason: string | null;
} {
  if (answer === null || answer.kind === 'unknown_lead') return { outcome: 'ends', reason: null };
  if (answer.kind === 'already_waiting') return { outcome: 'waits', reason: null };
  if (answer.kind !== 'answered') return { outcome: answer.kind, reason: null };
  const { outcome, reason } = answer.decision;
  if (outcome === 'allow') return { outcome: 'continues', reason: null };
  return { outcome: outcome === 'hold' || outcome === 'queue' ? 'waits' : 'refused', reason };
}

function suggestionOf(row: sql.SuggestionPageResult): z.input<typeof suggestion> {
  return {
    ...row,
    lead_name: nameOf(row.lead_first_name, row.lead_last_name),
    other_name: nameOf(row.other_first_name, row.other_last_name),
  };
}

function nameOf(...names: (string | null)[]): string | null {
  return names.filter(Boolean).join(' ') || null;
}
