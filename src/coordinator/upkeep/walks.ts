import { lockFreeLeads } from '../../db/queries/facts.gen.ts';
import { listEnrolledLeads } from '../../db/queries/flag_causes.gen.ts';
import { listStandingSubjects } from '../../db/queries/flags.gen.ts';
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
