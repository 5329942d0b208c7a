/** Output of the play library, and who can see which plays. */
import { z } from 'zod';
import type { Clock } from '../../clock.ts';
import { leadsWords } from '../../core/explain/gates.ts';
import { editsOf } from '../../core/plays/words.ts';
import type { Queryable } from '../../db/pool.ts';
import * as plays from '../../db/queries/plays.gen.ts';
import type { Principal } from '../../principal.ts';
import * as schema from '../../schema.gen.ts';
import { id, instant, kept, notFound, noun, nullableInstant } from '../fields.ts';
import { readable, successCriteria, suggestedCadence, targetDefinition } from './documents.ts';
import { lackingOf } from './lacking.ts';

export const day = kept(z.iso.date('expected a day such as 2027-01-31'));

const listed = {
  play_id: id,
  state: z.enum(schema.PLAY_STATE_VALUES),
  scope: z.enum(schema.PLAY_SCOPE_VALUES),
  segment: z.string().nullable(),
  account_id: id.nullable(),
  account_name: z.string().nullable(),
  name: z.string(),
  hypothesis: z.string(),
  originating_proposal_id: id,
  writer_agent_id: z.string(),
  created_at: instant,
  picked_up_by_user_id: id.nullable(),
  picked_up_at: nullableInstant,
  slm_approver_user_id: id.nullable(),
  revops_approver_user_id: id.nullable(),
  activated_at: nullableInstant,
  active_period_start: z.string().nullable(),
  active_period_end: z.string().nullable(),
  retired_at: nullableInstant,
  retire_reason: z.enum(schema.RETIRE_REASON_VALUES).nullable(),
  tier: z
    .enum(schema.RETENTION_TIER_VALUES)
    .nullable()
    .describe('hot until 90 days after it was retired, warm until 18 months, cold until 7 years'),
  copied_from_play_id: id.nullable(),
  campaign_slug: z.string().nullable().describe('the campaign that it runs as'),
};

export const listedPlay = noun('ListedPlay', {
  ...listed,
  edit_count: z.int().describe('how often people edited it under review'),
});

const patch = z.array(
  noun('PatchOperation', {
    op: z.enum(['add', 'remove', 'replace']),
    path: z.string(),
    value: z.unknown().optional(),
  }),
);

const content = noun('PlayContent', {
  name: z.string(),
  hypothesis: z.string(),
  target_definition: targetDefinition,
  suggested_cadence: suggestedCadence,
  success_criteria: successCriteria,
  active_period_start: z.string(),
  active_period_end: z.string(),
  client_id: z.string(),
});

export const outcomes = noun('PlayOutcomes', {
  quarter: z
    .string()
    .regex(/^\d{4}-Q[1-4]$/, 'expected a quarter such as 2026-Q4')
    .describe('the quarter that was measured'),
  meeting_rate: z.number().min(0).max(1).optional(),
  opp_create_rate: z.number().min(0).max(1).optional(),
  acv: z.number().min(0).max(1e12).optional(),
  notes: readable(z.string().trim().min(1).max(5_000)).optional(),
}).describe('what was measured, in the terms of the success criteria');

export const playDetail = noun('Play', {
  ...listed,
  target_definition: z.unknown().pipe(targetDefinition),
  suggested_cadence: z.unknown().pipe(suggestedCadence),
  success_criteria: z.unknown().pipe(successCriteria),
  client_id: z.string().nullable(),
  content_hash: z.string().describe('names the text that an approval is for'),
  lacking: z
    .array(noun('PlayFault', { path: z.string(), message: z.string() }))
    .describe('what a draft or a play under review still needs before it can run; empty: nothing'),
  picked_up_by_name: z.string().nullable(),
  slm_approved_at: nullableInstant,
  slm_approver_name: z.string().nullable(),
  revops_approved_at: nullableInstant,
  revops_approver_name: z.string().nullable(),
  retired_by_user_id: id.nullable(),
  retired_by_name: z.string().nullable(),
  drafted: z
    .unknown()
    .pipe(content.partial())
    .describe('the play as it was drafted, before anyone edited it'),
  edits_during_review: z
    .unknown()
    .pipe(z.array(noun('PlayPatch', { at: z.string(), user_id: id, patch })))
    .describe(
      'what people changed: JSON Patches (RFC 6902), oldest first, that make the play of what was drafted',
    ),
  edits: z
    .array(
      noun('PlayEdit', {
        at: z.string(),
        user_name: z.string(),
        changes: z.array(
          z.object({ path: z.string(), from: z.string().nullable(), to: z.string().nullable() }),
        ),
      }),
    )
    .describe('the same in words: what stood there before and what after it; null: nothing'),
  retrospective_outcomes: z.unknown().pipe(outcomes.nullable()),
  proposal: noun('Proposal', {
    proposal_id: id,
    summary: z.string(),
    analysis: z.string(),
    evidence: z.unknown(),
    model: z.string().nullable(),
  }),
  results: noun('PlayResults', {
    enrolled: z.int(),
    under_way: z.int(),
    converted: z.int(),
    meetings: z.int(),
    rejected: z.int(),
    timed_out: z.int(),
    touches: z.int().describe('touches that left'),
    waiting: z.int().describe('leads that the gate holds or queues'),
    not_admitted: z.int().describe('leads that fit, and that the gate did not admit'),
    not_admitted_reasons: z
      .array(z.object({ because: z.string(), says: z.string(), leads: z.int() }))
      .describe('why not, the most frequent first'),
  }).describe('what became of the leads that it found'),
});

/**
 * Brains see their own plays with results; other agents see active plays only, since execution must not see the workspace.
 */
export function visibleTo(principal: Principal): { only_writer: string | null; only_state: string | null } {
  if (principal.kind === 'human') return { only_writer: null, only_state: null };
  if (principal.agent_kind === 'brain') return { only_writer: principal.agent_id, only_state: null };
  return { only_writer: null, only_state: 'active' };
}

type Reading = { db: Queryable; clock: Clock };

/** A play with proposal and results. Throws `not_found`. */
export async function readPlay(
  { db, clock }: Reading,
  principal: Principal,
  play_id: string,
): Promise<z.input<typeof playDetail>> {
  const key = { org_id: principal.org_id, play_id };
  const row = await plays.getPlay.one({ ...key, ...visibleTo(principal), now: clock.now() }, db);
  if (row === undefined) throw notFound('play');
  const [results] = await plays.playResults.run(key, db);
  const refused =
    results!.not_admitted === 0 ? [] : await plays.notAdmittedReasons.run({ ...key, limit: 20 }, db);
  const not_admitted_reasons = refused.map((one) => ({ ...one, says: leadsWords(one.because) }));
  const lacking = await lackingOf({ db, clock }, principal.org_id, row);
  const edits = await readEdits(db, key.org_id, row);
  return { ...withProposal(row), results: { ...results!, not_admitted_reasons }, lacking, edits };
}

async function readEdits(
  db: Queryable,
  org_id: string,
  { drafted, edits_during_review }: plays.GetPlayResult,
) {
  const kept = playDetail.shape.edits_during_review.parse(edits_during_review ?? []);
  if (kept.length === 0) return [];
  const ids = [...new Set(kept.map(({ user_id }) => user_id))];
  const people = await plays.playEditors.run({ org_id, ids }, db);
  const names = new Map(people.map(({ id, name }) => [id, name]));
  const named = kept.map(({ at, user_id, patch }) => ({
    at,
    user_name: names.get(user_id) ?? user_id,
    patch,
  }));
  return editsOf(drafted, named);
}

function withProposal(row: plays.GetPlayResult) {
  const { proposal_summary, proposal_analysis, proposal_evidence, proposal_model, ...play } = row;
  return {
    ...play,
    edits_during_review: play.edits_during_review ?? [],
    proposal: {
      proposal_id: row.originating_proposal_id,
      summary: proposal_summary,
      analysis: proposal_analysis,
      evidence: proposal_evidence,
      model: proposal_model,
    },
  };
}
