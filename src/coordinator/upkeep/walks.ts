import { HOUR_MS } from '../../core/durations.ts';
import { afterBusinessDays } from '../../core/gate/business_days.ts';
import type { Policy } from '../../core/gate/policy.ts';
import type { Tx } from '../../db/pool.ts';
import { lockFreeLeads } from '../../db/queries/facts.gen.ts';
import { listEnrolledLeads } from '../../db/queries/flag_causes.gen.ts';
import { listStandingSubjects } from '../../db/queries/flags.gen.ts';
import { getOrganization } from '../../db/queries/principals.gen.ts';
import type { FlagsRow } from '../../schema.gen.ts';
import { resolveFlags } from '../gate/flags.ts';
import { inOrg, type OrgWork } from '../gate/org_work.ts';
import type { Scope } from '../gate/scope.ts';

/** Several milliseconds of work; a million leads are a thousand pages. */
export const PAGE = 1000;
export const FIRST_ID = '00000000-0000-0000-0000-000000000000';
/** Passes all leads with an active or paused enrollment to `look`, page by page, each page in its own transaction. */
export async function walkEnrolledLeads(
  work: OrgWork,
  look: (scope: Scope, lead_ids: string[]) => Promise<void>,
): Promise<void> {
  await walk(work, FIRST_ID, async (scope, after) => {
    const rows = await listEnrolledLeads.run({ org_id: scope.org_id, after, limit: PAGE }, scope.tx);
    const lead_ids = rows.map((row) => row.lead_id);
    if (lead_ids.length > 0) await look(scope, lead_ids);
    return lead_ids;
  });
}

/** Since when at the latest something has lasted this many business days, and whether an instant is that long ago. */
export async function businessDaysAgo({ org_id, tx, clock }: Scope, days: number, policy: Policy) {
  const now_ms = clock.now_ms();
  const { time_zone } = (await getOrganization.one({ org_id }, tx))!;
  return {
    // This many business days are at least as many days, minus an hour for a clock change.
    at_latest: new Date(now_ms - (days * 24 - 2) * HOUR_MS),
    isOver: (from: Date) => afterBusinessDays(from.getTime(), days, time_zone, policy) <= now_ms,
  };
}

/** The subjects among these that still have the cause. */
export type StillThere = (scope: Scope, subjects: string[]) => Promise<Iterable<string>>;

/** Ends the flags of a kind whose cause has cleared, both open ones and those that a person ended. */
export async function endWhereGone(
  work: OrgWork,
  kind: FlagsRow['kind'],
  stillThere: StillThere,
): Promise<void> {
  await walkStanding(work, kind, async (scope, subjects) => {
    const there = new Set(await stillThere(scope, subjects));
    return subjects.filter((subject) => !there.has(subject));
  });
}

type StillThereById = { run(asked: { org_id: string; ids: string[] }, tx: Tx): Promise<{ id: string }[]> };

/** A check that ends warnings raised on an event, once their cause has cleared. */
export const endUnlessIn = (kind: FlagsRow['kind'], still_there: StillThereById) => (work: OrgWork) =>
  endWhereGone(work, kind, async ({ org_id, tx }, ids) =>
    (await still_there.run({ org_id, ids }, tx)).map((row) => row.id),
  );

/**
 * The same for flags about leads. Causes that seem gone are checked again under the leads' locks: otherwise the gate could
 * see the cause return, find the flag open, and lose it.
 */
export async function endWhereGoneFromLeads(
  work: OrgWork,
  kind: FlagsRow['kind'],
  stillThere: StillThere,
): Promise<void> {
  await walkStanding(work, kind, async (scope, subjects) => {
    const there = new Set(await stillThere(scope, subjects));
    const lead_ids = subjects.filter((subject) => !there.has(subject));
    if (lead_ids.length === 0) return [];
    const locked = await lockFreeLeads.run({ org_id: scope.org_id, lead_ids }, scope.tx);
    const locked_ids = locked.map((row) => row.id);
    const back = new Set(await stillThere(scope, locked_ids));
    return locked_ids.filter((id) => !back.has(id));
  });
}

async function walkStanding(
  work: OrgWork,
  kind: FlagsRow['kind'],
  goneOf: (scope: Scope, subjects: string[]) => Promise<string[]>,
): Promise<void> {
  await walk(work, '', async (scope, after) => {
    const { org_id, tx } = scope;
    const rows = await listStandingSubjects.run({ org_id, kind, after, limit: PAGE }, tx);
    const subjects = rows.map((row) => row.subject);
    if (subjects.length > 0) {
      await resolveFlags(scope, { kind, subjects: await goneOf(scope, subjects), resolution: 'cause_gone' });
    }
    return subjects;
  });
}

/** Pages by key until one is not full. */
export async function walk(
  work: OrgWork,
  first: string,
  page: (scope: Scope, after: string) => Promise<readonly string[]>,
): Promise<void> {
  for (let after = first; ; ) {
    const keys = await inOrg(work, (scope) => page(scope, after));
    if (keys.length < PAGE) return;
    after = keys.at(-1)!;
  }
}

type Due = { org_id: string; now: Date; limit: number };

/** Repeats work in transactions of their own, some tens of milliseconds long, until a batch is not full. */
export async function inBatches(
  work: OrgWork,
  limit: number,
  run: (due: Due, scope: Scope) => Promise<number>,
): Promise<void> {
  const now = work.clock.now();
  for (let done = limit; done === limit; ) {
    done = await inOrg(work, (scope) => run({ org_id: scope.org_id, now, limit }, scope));
  }
}
