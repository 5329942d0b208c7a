import * as sql from '../../db/queries/enrollments.gen.ts';
import type { CancelItemsOfLeadsResult } from '../../db/queries/send_queue.gen.ts';
import type { AgentTasksRow, EnrollmentStatus } from '../../schema.gen.ts';
import { findCampaignsForRequest, hasSteps } from '../gate/campaigns.ts';
import { enrollmentSubject, type NewEvent, recordEvents } from '../gate/events.ts';
import { lockClaimed } from '../gate/facts.ts';
import { EXEC_ROLE, newTask } from '../gate/new_task.ts';
import { bookMeetings } from '../gate/notes.ts';
import type { NewRequest } from '../gate/request_batch.ts';
import { type Batch, orgPolicy, type Scope } from '../gate/scope.ts';
import { requestSequences } from '../gate/sequence_requests.ts';
import { cancelOpenTouches } from '../gate/stops.ts';

/** The keys that a campaign's on_exit map may have, each with the status of the ended enrollment. */
export const EXIT_STATUS = {
  converted: 'converted',
  meeting: 'converted',
  registered: 'converted',
  no_engagement: 'timed_out',
  rejected: 'rejected',
} as const satisfies Record<string, EnrollmentStatus>;

export type ExitReason = keyof typeof EXIT_STATUS;

/** A value of an on_exit map: the next campaign, nothing, or a hand-off that a person routes. */
export type OnExitTarget = string | null | { gate: 'exec'; suggest: string | null };

/** Exit reasons outside the on_exit map; nothing follows them. */
const ENDS_WITHOUT_MAP = {
  campaign_archived: 'rejected',
  left_company: 'rejected',
  unreachable: 'timed_out',
} as const;

/**
 * Ends enrollments whose last touch is done without engagement (specification, execution rules). If the campaign has gained
 * steps since, the enrollment continues with them instead. Returns the number of enrollments found.
 */
export async function exitFinished(scope: Scope, { limit, set_aside, claimed }: Batch): Promise<number> {
  const { tx, org_id } = scope;
  const finished = await sql.claimFinishedEnrollments.run({ org_id, limit, set_aside }, tx);
  if (finished.length === 0) return 0;
  const done = await lockClaimed(scope, finished, claimed);
  const longer = done.filter((row) => row.added_step !== null);
  if (longer.length > 0) {
    const { keep_spacing } = (await orgPolicy(scope)).policy;
    const ids = longer.map((row) => row.id);
    const steps = longer.map((row) => row.added_step!);
    await sql.continueEnrollments.run({ org_id, ids, steps, keep_spacing }, tx);
  }
  const ids = done.filter((row) => row.added_step === null).map((row) => row.id);
  await exitSequences(scope, ids, 'no_engagement');
  return finished.length;
}

/**
 * Ends enrollments, cancels their open touches, and follows each campaign's on_exit map: the next campaign is requested
 * through the gate like any other; a gated hand-off becomes a `meeting_booked` task for the executive; with `is_gated`,
 * every hand-off does. Call under the leads' locks, as the coordinator. Returns the enrollments that ended.
 */
export async function exitSequences(
  scope: Scope,
  enrollment_ids: readonly string[],
  exit_reason: ExitReason | keyof typeof ENDS_WITHOUT_MAP,
  { is_gated = false }: { is_gated?: boolean } = {},
): Promise<string[]> {
  if (enrollment_ids.length === 0) return [];
  const { tx, org_id } = scope;
  const now = scope.clock.now();
  const status = { ...EXIT_STATUS, ...ENDS_WITHOUT_MAP }[exit_reason];
  const exited = await sql.exitEnrollments.run(
    { org_id, ids: [...enrollment_ids], status, exit_reason, now },
    tx,
  );
  if (exited.length === 0) return [];
  const items = await cancelOpenTouches(scope, {
    lead_ids: exited.map((row) => row.lead_id),
    enrollment_ids: exited.map((row) => row.id),
    error: `enrollment ended: ${exit_reason}`,
  });
  const canceled = Map.groupBy(items, ({ enrollment_id }) => enrollment_id);
  const events: NewEvent[] = [];
  const tasks: Partial<AgentTasksRow>[] = [];
  const followed: { row: sql.ExitEnrollmentsResult; slug: string }[] = [];
  for (const row of exited) {
    const mapped = nextAfter(row.on_exit, exit_reason);
    const target = is_gated ? gated(mapped) : mapped;
    events.push(...exitEvents(row, { exit_reason, target, items: canceled.get(row.id) ?? [] }));
    if (typeof target === 'string') followed.push({ row, slug: target });
    else if (target !== null) {
      const payload = { from_campaign: row.slug, suggested_campaign: target.suggest };
      const { lead_id, id: enrollment_id } = row;
      tasks.push(
        newTask(scope, { type: 'meeting_booked', role: EXEC_ROLE, lead_id, enrollment_id, payload }),
      );
    }
  }
  const requests = await nextRequests(scope, followed);
  await recordEvents(scope, events);
  await bookMeetings(scope, tasks);
  if (requests.length > 0) await requestSequences(scope, requests);
  return exited.map((row) => row.id);
}

type ExitFacts = { exit_reason: string; target: OnExitTarget; items: readonly CancelItemsOfLeadsResult[] };

function exitEvents(row: sql.ExitEnrollmentsResult, { exit_reason, target, items }: ExitFacts): NewEvent[] {
  const subject = enrollmentSubject(row);
  const detail = { next: target } as unknown as NonNullable<NewEvent['detail']>;
  const resolution = exit_reason;
  return [
    { ...subject, event_type: 'exited', coordinator_action: 'exit', resolution, detail },
    ...items.map(({ id: queue_id, step_number, channel }): NewEvent => {
      const item = { step_number, channel, queue_id };
      return { ...subject, ...item, event_type: 'canceled', coordinator_action: 'cancel', resolution };
    }),
  ];
}

async function nextRequests(
  scope: Scope,
  followed: readonly { row: sql.ExitEnrollmentsResult; slug: string }[],
): Promise<NewRequest[]> {
  const slugs = followed.map(({ slug }) => slug);
  const campaigns = await findCampaignsForRequest(scope, slugs);
  return followed.flatMap(({ row, slug }) => {
    const campaign = campaigns.get(slug);
    if (campaign === undefined || campaign.status !== 'active' || !hasSteps(campaign)) return [];
    if (campaign.play_closed !== null) return [];
    const { id: enrollment_id, sequence_type, lead_id, owner_role: requested_by, goal, notes } = row;
    const entry = { right: 'exit', task_id: null } as const;
    return [
      { lead_id, campaign, requested_by, goal, notes, entry, exited: { enrollment_id, sequence_type } },
    ];
  });
}

function gated(target: OnExitTarget): OnExitTarget {
  return typeof target === 'string' || target === null ? { gate: 'exec', suggest: target } : target;
}

/** If the map has no entry for meetings, a person decides, so that no lead who wants to meet is lost. */
function nextAfter(on_exit: unknown, exit_reason: string): OnExitTarget {
  const target = (on_exit as Record<string, OnExitTarget | undefined>)[exit_reason];
  if (target === undefined && exit_reason === 'meeting') return gated(null);
  return target ?? null;
}
