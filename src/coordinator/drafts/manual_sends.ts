import type { DraftingContextResult } from '../../db/queries/drafts.gen.ts';
import { notify, raiseFlags } from '../gate/flags.ts';
import type { Scope } from '../gate/scope.ts';

type ManualSend = Pick<
  DraftingContextResult,
  | 'queue_id'
  | 'lead_id'
  | 'campaign_name'
  | 'campaign_slug'
  | 'step_number'
  | 'channel'
  | 'assigned_to_user_id'
>;

/** Notifies the person of each manual send that is due with its text. RevOps is warned of those without a person. */
export async function announceManualSends(scope: Scope, sends: readonly ManualSend[]): Promise<void> {
  await notify(scope, sends.flatMap(noteOf));
  const unassigned = sends.filter(({ assigned_to_user_id }) => assigned_to_user_id === null);
  await raiseFlags(
    scope,
    unassigned.map(({ queue_id, lead_id, campaign_slug: campaign, step_number }) => ({
      ...{ kind: 'send_unassigned' as const, subject: queue_id, lead_id, queue_id },
      ...{ detail: { campaign, step_number }, for_role: 'revops' as const },
    })),
  );
}

export function noteOf({
  queue_id,
  lead_id,
  campaign_name,
  step_number,
  channel,
  assigned_to_user_id,
}: Omit<ManualSend, 'campaign_slug'>) {
  if (assigned_to_user_id === null) return [];
  const detail = { queue_id, campaign_name, step_number, channel };
  return [{ kind: 'manual_send', to_user_id: assigned_to_user_id, lead_id, detail }];
}
