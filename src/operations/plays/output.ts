/** Output of the play library, and who can see which plays. */
import { z } from 'zod';
import type { Clock } from '../../clock.ts';
import { playSteps } from '../../coordinator/plays/plays.ts';
import { leadsWords } from '../../core/explain/gates.ts';
import type { SuggestedCadence } from '../../core/plays/cadence.ts';
import { editsOf } from '../../core/plays/words.ts';
import type { Queryable } from '../../db/pool.ts';
import * as plays from '../../db/queries/plays.gen.ts';
import { AppError, type FieldError } from '../../errors.ts';
import type { Principal } from '../../principal.ts';
import * as schema from '../../schema.gen.ts';
import { existing, id, instant, kept, noun, nullableInstant } from '../fields.ts';
import { readable, successCriteria, suggestedCadence, targetDefinition } from './documents.ts';
import { clientIds } from './references.ts';

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
    .describe('hot until 90 days after retirement, warm until 18 months, cold until 7 years'),
  copied_from_play_id: id.nullable(),
  campaign_slug: z.string().nullable().describe('the campaign that runs the play'),
};

export const listedPlay = noun('ListedPlay', {
  ...listed,
  edit_count: z.int().describe('edits by people during review'),
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
    .describe('the measured quarter'),
  meeting_rate: z.number().min(0).max(1).optional(),
  opp_create_rate: z.number().min(0).max(1).optional(),
  acv: z.number().min(0).max(1e12).optional(),
  notes: readable(z.string().trim().min(1).max(5_000)).optional(),
}).describe('results, measured by the success criteria');

export const playDetail = noun('Play', {
  ...listed,
  target_definition: z.unknown().pipe(targetDefinition),
  suggested_cadence: z.unknown().pipe(suggestedCadence),
  success_criteria: z.unknown().pipe(successCriteria),
  client_id: z.string().nullable(),
  content_hash: z.string().describe('the text that an approval covers'),
  lacking: z
    .array(noun('PlayFault', { path: z.string(), message: z.string() }))
    .describe('what a draft or a play under review lacks before it can run; empty: complete'),
  picked_up_by_name: z.string().nullable(),
  slm_approved_at: nullableInstant,
  slm_approver_name: z.string().nullable(),
  revops_approved_at: nullableInstant,
  revops_approver_name: z.string().nullable(),
  retired_by_user_id: id.nullable(),
  retired_by_name: z.string().nullable(),
  drafted: z.unknown().pipe(content.partial()).describe('the play as drafted, before any edit'),
  edits_during_review: z
    .unknown()
    .pipe(z.array(noun('PlayPatch', { at: z.string(), user_id: id, patch })))
    .describe('edits by people: JSON Patches (RFC 6902) from the drafted to the current play, oldest first'),
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
    .describe('the same edits in words, with the value before and after; null: no value'),
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
    touches: z.int().describe('touches sent'),
    waiting: z.int().describe('leads that the gates hold or queue'),
    not_admitted: z.int().describe('matching leads that were not enrolled'),
    not_admitted_reasons: z
      .array(z.object({ because: z.string(), says: z.string(), leads: z.int() }))
      .describe('why leads were not enrolled, most frequent first'),
  }).describe('results for the leads that the play matched'),
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
  const asked = { ...key, ...visibleTo(principal), now: clock.now() };
  const row = existing(await plays.getPlay.one(asked, db), 'play');
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
  const named = kept.map(({ user_id, ...edit }) => ({ ...edit, user_name: names.get(user_id) ?? user_id }));
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

type Checked = Pick<plays.GetPlayResult, 'client_id' | 'active_period_end'>;

/** Everything that a play lacks, from its proposal on. Empty for a play that runs or ran. */
async function lackingOf(reading: Reading, org_id: string, play: plays.GetPlayResult): Promise<FieldError[]> {
  if (play.state !== 'draft' && play.state !== 'under_review') return [];
  const before = await lacksBeforeSteps(reading, org_id, play);
  return [...before, ...(await cadenceFaultsOf(reading.db, org_id, play.suggested_cadence))];
}

/** Without the cadence, whose faults `playSteps` throws. */
export async function lacksBeforeSteps(
  { db, clock }: Reading,
  org_id: string,
  { client_id, active_period_end }: Checked,
): Promise<FieldError[]> {
  const errors: FieldError[] = [];
  if (client_id === null) {
    const brands = (await clientIds(db, org_id)).join(', ');
    errors.push({ path: 'client_id', message: `choose the sender’s brand: ${brands}` });
  }
  if (active_period_end === null) return errors;
  const day = await plays.orgDay.one({ org_id, now: clock.now() }, db);
  if (active_period_end < day!.today)
    errors.push({ path: 'active_period_end', message: 'is in the past, so the play would never run' });
  return errors;
}

async function cadenceFaultsOf(
  db: Queryable,
  org_id: string,
  cadence: unknown,
): Promise<readonly FieldError[]> {
  try {
    await playSteps(db, org_id, cadence as SuggestedCadence);
    return [];
  } catch (error) {
    if (error instanceof AppError && error.code === 'play_cadence_invalid') return error.errors ?? [];
    throw error;
  }
}
