/** Ends warnings that are raised on an event, once their cause has cleared. */
import type { Tx } from '../../db/pool.ts';
import { stillOutOfReach, unbuiltItems, unknownItems } from '../../db/queries/flag_causes.gen.ts';
import type { FlagsRow } from '../../schema.gen.ts';
import type { OrgWork } from '../gate/org_work.ts';
import { modelBudget } from '../model/budget.ts';
import { MESSAGE_INVALID } from '../sending/invalid_messages.ts';
import { endWhereGone } from './walks.ts';

type StillThere = { run(asked: { org_id: string; ids: string[] }, tx: Tx): Promise<{ id: string }[]> };

const endUnlessIn = (kind: FlagsRow['kind'], still_there: StillThere) => (work: OrgWork) =>
  endWhereGone(work, kind, async ({ org_id, tx }, ids) =>
    (await still_there.run({ org_id, ids }, tx)).map((row) => row.id),
  );

/** Clears once a person has confirmed the delivery. */
export const checkUnknownSends = endUnlessIn('send_unknown', unknownItems);

/** Clears once the text has changed, or a person has resumed or ended the enrollment. */
export const checkInvalidMessages = endUnlessIn(MESSAGE_INVALID, unbuiltItems);

/** Clears once the enrollment no longer waits for the address. */
export const checkUnreachable = endUnlessIn('lead_unreachable', stillOutOfReach);

/** Each day has its own warning, which ends with the day. */
export async function checkModelBudget(work: OrgWork): Promise<void> {
  await endWhereGone(work, 'model_budget_spent', async (scope) => [(await modelBudget(scope)).day]);
}
