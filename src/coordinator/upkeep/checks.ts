import {
  countActivePlays,
  listPausedLeads,
  stillOutOfReach,
  stillUnassigned,
  unbuiltItems,
  unknownItems,
} from '../../db/queries/flag_causes.gen.ts';
import { escalateFlags, listUnansweredStalls } from '../../db/queries/flags.gen.ts';
import { type NewFlag, notify, raiseFlags, resolveFlags } from '../gate/flags.ts';
import { inOrg, type OrgWork } from '../gate/org_work.ts';
import { orgPolicy, type Scope } from '../gate/scope.ts';
import { modelBudget } from '../model/budget.ts';
import { MESSAGE_INVALID } from '../sending/invalid_messages.ts';
import {
  checkCapWarnings,
  checkConcurrency,
  checkRoutingErrors,
  checkStalls,
  rescueAbmWaits,
} from './lead_checks.ts';
import { checkMailboxes } from './mailbox_checks.ts';
import { forgetIdempotencyKeys } from './retention.ts';
import { checkDeadEnds, checkUnclaimedTasks } from './task_checks.ts';
import { businessDaysAgo, endUnlessIn, endWhereGone, FIRST_ID, inBatches, PAGE, walk } from './walks.ts';

/** The agent that recommends cadence changes: it is notified when people do not act. */
const CADENCE_INTELLIGENCE = 'AGT-303';
const ESCALATED_AT_ONCE = 500;

/** A scheduled check: raises flags for causes and ends flags without one, for one organization. */
export type FlagCheck = {
  name: string;
  /** The interval, by the product's clock. */
  every_minutes: 5 | 15 | 60;
  run: (work: OrgWork) => Promise<void>;
};

export const FLAG_CHECKS: readonly FlagCheck[] = [
  // The matrix applies at once: the gate applies it at each step, this check between two steps.
  { name: 'concurrency', every_minutes: 5, run: checkConcurrency },
  // Touches to a lead are usually a day apart, so the rep hears about the last one hours before it could be sent.
  { name: 'cap_warning', every_minutes: 15, run: checkCapWarnings },
  // Raised on the event; this check only ends it, so the list omits settled ones.
  { name: 'send_unknown', every_minutes: 15, run: endUnlessIn('send_unknown', unknownItems) },
  { name: 'message_invalid', every_minutes: 15, run: endUnlessIn(MESSAGE_INVALID, unbuiltItems) },
  { name: 'lead_unreachable', every_minutes: 15, run: endUnlessIn('lead_unreachable', stillOutOfReach) },
  { name: 'send_unassigned', every_minutes: 15, run: endUnlessIn('send_unassigned', stillUnassigned) },
  // Raised and ended when a mailbox pauses and resumes; this check catches what that missed.
  { name: 'mailbox_health', every_minutes: 15, run: checkMailboxes },
  // A role without a worker is stuck, and a dead end stays one until a person acts.
  { name: 'task_unclaimed', every_minutes: 15, run: checkUnclaimedTasks },
  { name: 'task_dead_end', every_minutes: 15, run: checkDeadEnds },
  // Raised when a call finds no budget; its day ends automatically.
  { name: 'model_budget', every_minutes: 15, run: checkModelBudget },
  // Not a flag, but the same kind of check: waits whose end was missed.
  { name: 'abm_waits', every_minutes: 5, run: rescueAbmWaits },
  // Counted in days: an hour more or less changes nothing, and these checks read the most rows.
  { name: 'stall', every_minutes: 60, run: checkStalls },
  { name: 'stall_escalation', every_minutes: 60, run: escalateStalls },
  { name: 'backlog', every_minutes: 60, run: checkBacklogs },
  { name: 'routing_error', every_minutes: 60, run: checkRoutingErrors },
  { name: 'active_play_drift', every_minutes: 60, run: checkPlayDrift },
  // Not a flag: deletes stored answers after a day.
  { name: 'idempotency_expiry', every_minutes: 60, run: forgetIdempotencyKeys },
];

/** Each day has its own warning, which ends with the day. */
async function checkModelBudget(work: OrgWork): Promise<void> {
  await endWhereGone(work, 'model_budget_spent', async (scope) => [(await modelBudget(scope)).day]);
}

/** An unanswered stall escalates to AGT-303 after this many business days, once. An acknowledgment counts as an answer. */
async function escalateStalls(work: OrgWork): Promise<void> {
  await inBatches(work, ESCALATED_AT_ONCE, (_, scope) => escalateOverdue(scope));
}

async function escalateOverdue(scope: Scope): Promise<number> {
  const { org_id, tx, clock } = scope;
  const { policy } = await orgPolicy(scope);
  const now_ms = clock.now_ms();
  const { at_latest: raised_until, isOver } = await businessDaysAgo(
    scope,
    policy.escalation_business_days,
    policy,
  );
  const stalls = await listUnansweredStalls.run({ org_id, raised_until, limit: ESCALATED_AT_ONCE }, tx);
  const overdue = stalls.filter(({ raised_at }) => isOver(raised_at));
  if (overdue.length === 0) return 0;
  const ids = overdue.map((row) => row.id);
  const escalated = await escalateFlags.run({ org_id, ids, now: new Date(now_ms) }, tx);
  const notes = escalated.map(({ id, lead_id, detail }) => {
    return { kind: 'stall_escalated', flag_id: id, lead_id, detail, to_agent: CADENCE_INTELLIGENCE };
  });
  await notify(scope, notes, { now_ms });
  return overdue.length;
}

/** A rep with this many paused leads, or leads with a paused enrollment: notifies the rep, the managers, and AGT-303. */
async function checkBacklogs(work: OrgWork): Promise<void> {
  const paused_leads = new Map<string, number>();
  await walk(work, FIRST_ID, async ({ org_id, tx }, after) => {
    const rows = await listPausedLeads.run({ org_id, after, limit: PAGE }, tx);
    for (const { owner_user_id } of rows) {
      if (owner_user_id !== null) paused_leads.set(owner_user_id, (paused_leads.get(owner_user_id) ?? 0) + 1);
    }
    return rows.map((row) => row.lead_id);
  });
  const limit = await inOrg(work, async (scope) => (await orgPolicy(scope)).policy.backlog_paused_leads);
  const backlogs = new Map([...paused_leads].filter(([, count]) => count >= limit));
  await endWhereGone(work, 'backlog', async () => backlogs.keys());
  const told = { for_role: 'slm', for_agent: CADENCE_INTELLIGENCE } as const;
  const flags = [...backlogs].map(([user_id, count]): NewFlag => {
    const detail = { paused_leads: count, backlog_paused_leads: limit };
    return { kind: 'backlog', subject: user_id, for_user_id: user_id, ...told, detail };
  });
  await inOrg(work, (scope) => raiseFlags(scope, flags));
}

async function checkPlayDrift(work: OrgWork): Promise<void> {
  await inOrg(work, async (scope) => {
    const { active_play_drift } = (await orgPolicy(scope)).policy;
    const { org_id, tx } = scope;
    const [{ play_count } = { play_count: 0 }] = await countActivePlays.run({ org_id }, tx);
    if (play_count <= active_play_drift) {
      const gone = { kind: 'active_play_drift', subjects: ['org'], resolution: 'cause_gone' } as const;
      return resolveFlags(scope, gone);
    }
    const detail = { active_plays: play_count, active_play_drift };
    return raiseFlags(scope, [{ kind: 'active_play_drift', subject: 'org', for_role: 'revops', detail }]);
  });
}
