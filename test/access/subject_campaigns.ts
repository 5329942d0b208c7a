import { coordinatorActor } from '../../src/coordinator/gate/scope.ts';
import { transaction } from '../../src/db/pool.ts';
import { completeCampaign } from '../../src/operations/campaigns/definition.ts';
import { importCampaigns } from '../../src/operations/campaigns/writing.ts';
import type { World } from '../world.ts';

export function campaignInput(slug: string, requires_personal_send = false) {
  const step = {
    step_number: 1,
    delay_days: 0,
    channel: 'email',
    content_type: 'follow_up',
    when_unreachable: 'skip',
  } as const;
  const template = { subject: 'Hello', body: 'Hello {{ lead.first_name }}' };
  const steps = [{ ...step, requires_personal_send, template_instructions: 'Say hello.', template }];
  const kind = { type: 'membership', owner_role: 'roles.sales', send_rule: 'approve_each' } as const;
  return { slug, name: `Campaign ${slug}`, client_id: 'b2bea', ...kind, on_exit: {}, steps };
}

export async function defineCampaigns(
  { db, org_id, clock }: World,
  plain: string,
  personal: string,
): Promise<void> {
  const definitions = [campaignInput(plain), campaignInput(personal, true)].map((shape) =>
    completeCampaign(shape),
  );
  await transaction(db, coordinatorActor(org_id), (tx) => importCampaigns(tx, org_id, clock, definitions));
}
