import { coordinatorActor } from '../../src/coordinator/gate/scope.ts';
import { transaction } from '../../src/db/pool.ts';
import { completeCampaign } from '../../src/operations/campaigns/definition.ts';
import { importCampaigns } from '../../src/operations/campaigns/writing.ts';
import type { TestDb } from '../database.ts';
import type { World } from '../world.ts';

type ByHand = {
  slug: string;
  channel: 'email' | 'linkedin';
  template: { subject?: string; body: string };
};

/** A campaign of one step that a person sends; as `by_hand`, an email. */
export async function defineByHand(
  db: TestDb,
  { org_id, clock }: Pick<World, 'org_id' | 'clock'>,
  {
    slug = 'by_hand',
    channel = 'email',
    template = { subject: 'Hello', body: 'Hi {{ lead.first_name }}' },
  }: Partial<ByHand> = {},
): Promise<void> {
  const kind = { type: 'membership', owner_role: 'roles.sales', send_rule: 'approve_each' } as const;
  const step = {
    step_number: 1,
    delay_days: 0,
    when_unreachable: 'skip',
    content_type: 'follow_up',
    requires_personal_send: true,
  } as const;
  const steps = [{ ...step, channel, template_instructions: 'Say hello.', template }];
  const definition = completeCampaign({ slug, name: slug, client_id: 'b2bea', ...kind, on_exit: {}, steps });
  await transaction(db, coordinatorActor(org_id), (tx) => importCampaigns(tx, org_id, clock, [definition]));
}
