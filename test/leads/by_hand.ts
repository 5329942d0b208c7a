import { coordinatorActor } from '../../src/coordinator/gate/scope.ts';
import { transaction } from '../../src/db/pool.ts';
import { completeCampaign } from '../../src/operations/campaigns/definition.ts';
import { importCampaigns } from '../../src/operations/campaigns/writing.ts';
import type { TestDb } from '../database.ts';
import type { World } from '../world.ts';

/** The campaign `by_hand`: one email that a person sends. */
export async function defineByHand(db: TestDb, world: World): Promise<void> {
  const kind = { type: 'membership', owner_role: 'roles.sales', send_rule: 'approve_each' } as const;
  const step = {
    step_number: 1,
    delay_days: 0,
    when_unreachable: 'skip',
    content_type: 'follow_up',
    channel: 'email',
    requires_personal_send: true,
    template_instructions: 'Say hello.',
    template: { subject: 'Hello', body: 'Hi {{ lead.first_name }}' },
  } as const;
  const definition = completeCampaign({
    ...kind,
    slug: 'by_hand',
    name: 'by_hand',
    client_id: 'b2bea',
    on_exit: {},
    steps: [step],
  });
  await transaction(db, coordinatorActor(world.org_id), (tx) =>
    importCampaigns(tx, world.org_id, world.clock, [definition]),
  );
}
