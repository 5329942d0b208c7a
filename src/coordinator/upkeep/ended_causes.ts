/** Ends warnings that are raised on an event, once their cause has cleared. */
import { stillOutOfReach, unbuiltItems, unknownItems } from '../../db/queries/flag_causes.gen.ts';
import type { OrgWork } from '../gate/org_work.ts';
import { modelBudget } from '../model/budget.ts';
import { MESSAGE_INVALID } from '../sending/invalid_messages.ts';
import { endWhereGone } from './walks.ts';

/** Clears once a person has confirmed the delivery. */
export async function checkUnknownSends(work: OrgWork): Promise<void> {
  await endWhereGone(work, 'send_unknown', async ({ org_id, tx }, ids) => {
    const rows = await unknownItems.run({ org_id, ids }, tx);
    return rows.map((row) => row.id);
  });
}

/** Clears once the text has changed, or a person has resumed or ended the enrollment. */
export async function checkInvalidMessages(work: OrgWork): Promise<void> {
  await endWhereGone(work, MESSAGE_INVALID, async ({ org_id, tx }, ids) => {
    const rows = await unbuiltItems.run({ org_id, ids }, tx);
    return rows.map((row) => row.id);
  });
}

/** Clears once the enrollment no longer waits for the address. */
export async function checkUnreachable(work: OrgWork): Promise<void> {
  await endWhereGone(work, 'lead_unreachable', async ({ org_id, tx }, ids) => {
    const rows = await stillOutOfReach.run({ org_id, ids }, tx);
    return rows.map((row) => row.id);
  });
}

/** Each day has its own warning, which ends with the day. */
export async function checkModelBudget(work: OrgWork): Promise<void> {
  await endWhereGone(work, 'model_budget_spent', async (scope) => [(await modelBudget(scope)).day]);
}
