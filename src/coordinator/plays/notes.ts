/** Notifies the people who shape plays of proposals, and the brain of their outcome. By ids, since texts can be deleted. */

import { listPlayMakers } from '../../db/queries/notifications.gen.ts';
import type { RetireReason } from '../../schema.gen.ts';
import { notify } from '../gate/flags.ts';
import type { Scope } from '../gate/scope.ts';

type Told = { play_id: string; writer_agent_id: string };

/** Far more users than ever shape plays in one organization. */
const TOLD_MAX = 1_000;

export async function notifyOfProposal(scope: Scope, { play_id, writer_agent_id }: Told): Promise<void> {
  const people = await listPlayMakers.run({ org_id: scope.org_id, limit: TOLD_MAX }, scope.tx);
  const note = { kind: 'play_proposed', detail: { play_id, writer_agent_id } };
  const notes = people.map(({ id }) => ({ ...note, to_user_id: id }));
  await notify(scope, notes);
}

export async function notifyOfActivation(scope: Scope, { play_id, writer_agent_id }: Told): Promise<void> {
  await notify(scope, [{ kind: 'play_activated', to_agent: writer_agent_id, detail: { play_id } }]);
}

/** Retired by a user or automatically, or rejected before activation. */
export async function notifyOfRetirement(
  scope: Scope,
  plays: readonly (Told & { retire_reason: RetireReason })[],
): Promise<void> {
  const notes = plays.map(({ play_id, writer_agent_id, retire_reason }) => {
    return { kind: 'play_retired', to_agent: writer_agent_id, detail: { play_id, retire_reason } };
  });
  await notify(scope, notes);
}
