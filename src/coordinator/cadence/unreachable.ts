/** Handles due steps that cannot reach their lead: skip the step, ask a person, or end the enrollment. */
import type { Address } from '../../core/channels.ts';
import { UNREACHABLE } from '../../core/gate/unreachable.ts';
import * as sql from '../../db/queries/enrollments.gen.ts';
import type { CampaignContactsRow } from '../../schema.gen.ts';
import { type EventSubject, recordEvents } from '../gate/events.ts';
import { FOR_THE_REP, type NewFlag, raiseFlags } from '../gate/flags.ts';
import { rowsJson } from '../gate/rows.ts';
import { orgPolicy, type Scope } from '../gate/scope.ts';
import { exitSequences } from './exits.ts';

const LEAD_UNREACHABLE = 'lead_unreachable';

type OutOfReach = { step: sql.ClaimDueEnrollmentsResult; missing: Address };

/**
 * Writes the consequences with set-based statements, under the leads' locks. No touch results, so nothing is queued or
 * counted, and no gate decides. The next step keeps its planned date, and its planned distance from the last sent touch.
 */
export async function passOver(
  scope: Scope,
  steps: readonly OutOfReach[],
  { keep_spacing, now_ms }: { keep_spacing: boolean; now_ms: number },
): Promise<void> {
  const { skip, ask, end } = Object.groupBy(steps, ({ step }) => step.when_unreachable ?? 'skip');
  if (skip !== undefined) await skipSteps(scope, skip, { keep_spacing, now_ms });
  if (ask !== undefined) await askPerson(scope, ask, now_ms);
  if (end !== undefined) await exitSequences(scope, idsOf(end), UNREACHABLE);
}

/** A person resumes an enrollment without the step it is waiting at. Call under the lead's lock, as the coordinator. */
export async function leaveStepOut(scope: Scope, enrollment_id: string): Promise<void> {
  const { policy } = await orgPolicy(scope);
  await advancePast(scope, [enrollment_id], policy.keep_spacing);
}

async function advancePast({ tx, org_id }: Scope, ids: string[], keep_spacing: boolean): Promise<void> {
  await sql.advanceEnrollments.run({ org_id, ids }, tx);
  if (keep_spacing) await sql.spaceAfterSkipped.run({ org_id, ids }, tx);
}

async function skipSteps(
  scope: Scope,
  skipped: readonly OutOfReach[],
  { keep_spacing, now_ms }: { keep_spacing: boolean; now_ms: number },
): Promise<void> {
  await advancePast(scope, idsOf(skipped), keep_spacing);
  const said = { event_type: 'skipped', coordinator_action: 'skip', resolution: UNREACHABLE } as const;
  const events = skipped.map((one) => ({ ...subjectOf(one), ...said }));
  await recordEvents(scope, events, { now_ms });
}

/** The enrollment waits until the lead has the address, or until a person skips the step or ends the enrollment. */
async function askPerson(scope: Scope, asked: readonly OutOfReach[], now_ms: number): Promise<void> {
  const { tx, org_id } = scope;
  const pause = { org_id, paused_at: new Date(now_ms), paused_reason: UNREACHABLE, paused_until: null };
  const rows = asked.map(({ step }): Partial<CampaignContactsRow> => {
    return { ...pause, id: step.id, wake: 'address_known' };
  });
  await sql.pauseEnrollments.run({ rows: rowsJson(rows) }, tx);
  const said = { event_type: 'paused', coordinator_action: 'pause', resolution: UNREACHABLE } as const;
  const events = asked.map((one) => ({ ...subjectOf(one), ...said }));
  await recordEvents(scope, events, { now_ms });
  const flags = asked.map(({ step, missing }): NewFlag => {
    const { id: subject, lead_id, campaign_slug: campaign, step_number } = step;
    const detail = { campaign, step_number, missing };
    return { kind: LEAD_UNREACHABLE, subject, lead_id, detail, ...FOR_THE_REP };
  });
  await raiseFlags(scope, flags, { now_ms });
}

function subjectOf({ step, missing }: OutOfReach): EventSubject {
  const { id: enrollment_id, lead_id, campaign_id, step_number, channel, sequence_type } = step;
  const { play_id, originating_proposal_id } = step;
  const subject = { lead_id, campaign_id, enrollment_id, step_number, channel };
  return { ...subject, sequence_type, play_id, originating_proposal_id, detail: { missing } };
}

function idsOf(steps: readonly OutOfReach[]): string[] {
  return steps.map(({ step }) => step.id);
}
