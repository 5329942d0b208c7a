import { expect, it } from 'vitest';
import type { CadenceEventLogRow, DraftApprovalsRow } from '../../src/schema.gen.ts';
import { attackersOf } from '../database/attackers.ts';
import { testDatabase } from '../database.ts';
import { type TaskWorld, taskWorld } from '../tasks/task_calls.ts';

/* Unsent drafts follow their lead to a new address, and no message goes to an address that no approver saw. */

const { db } = await testDatabase();
const NEW = 'new@prospect.example';

async function drafted(prepare: (world: TaskWorld) => Promise<unknown> = async () => {}) {
  const world = await taskWorld(db);
  await prepare(world);
  const id = await world.addLead();
  await world.request(id, 'b2bea_membership');
  await world.work();
  return { world, id };
}

async function approved(world: TaskWorld, id: string) {
  const { draft } = await world.draftOf(id);
  return world.call('approve_draft', world.person, { id: draft.id, content_hash: draft.content_hash });
}

const changeTo = (world: TaskWorld, id: string, value: string) =>
  world.call('add_lead_address', world.person, { id, value, is_primary: true });

const CHANGES: [string, (world: TaskWorld, id: string) => Promise<unknown>][] = [
  ['a person', (world, id) => changeTo(world, id, NEW)],
  [
    'direct SQL',
    async (world, id) => {
      const { as } = await attackersOf(db, world);
      await as('rep', (tx) => tx.query(`UPDATE leads SET email = $2 WHERE id = $1`, [id, NEW]));
    },
  ],
];

it.each(CHANGES)(
  'an approved draft needs another approval when %s changes the address',
  async (_who, change) => {
    const { world, id } = await drafted();
    await approved(world, id);
    const before = (await world.draftOf(id)).draft;
    await change(world, id);
    await world.work();
    expect(world.sent).toEqual([]);
    const { draft, item } = await world.draftOf(id);
    const error = 'the address of the lead changed: approve the text for the new one';
    expect(item).toMatchObject({ status: 'drafted', error });
    const { subject, body, written_with } = before;
    expect(draft).toMatchObject({ version: 2, to_id: NEW, subject, body, written_with });
    const events = await world.rows<CadenceEventLogRow>(
      'cadence_event_log',
      `resolution = 'address_changed'`,
    );
    expect(events).toMatchObject([{ event_type: 'edited', lead_id: id, queue_id: item.id }]);
    await expect(
      world.call('approve_draft', world.person, { id: before.id, content_hash: before.content_hash }),
    ).rejects.toMatchObject({ code: 'draft_changed' });
    // sales_send_queue_approved
    const approving = db.query(`UPDATE sales_send_queue SET status = 'approved' WHERE id = $1`, [item.id]);
    await expect(approving).rejects.toMatchObject({ code: 'TL002' });
    await approved(world, id);
    await world.work();
    expect(world.sent.map(({ mail }) => mail.to.address)).toEqual([NEW]);
  },
);

it('a draft keeps its text and writer, and another spelling of the address changes nothing', async () => {
  const { world, id } = await drafted();
  const { draft } = await world.draftOf(id);
  const edit = { id: draft.id, content_hash: draft.content_hash, body: 'Written by hand.' };
  await world.call('edit_draft', world.person, edit);
  await changeTo(world, id, draft.to_id.toUpperCase());
  expect((await world.draftOf(id)).draft.version).toBe(2);
  await changeTo(world, id, NEW);
  const followed = (await world.draftOf(id)).draft;
  expect(followed).toMatchObject({ version: 3, to_id: NEW, body: edit.body, written_by_agent_id: null });
});

it('a manual send follows to another profile', async () => {
  const { world, id } = await drafted((made) =>
    db.query(
      `UPDATE campaign_sequences SET channel = 'linkedin', subject_template = NULL WHERE org_id = $1 AND step_number = 1`,
      [made.org_id],
    ),
  );
  const linkedin_url = 'https://linkedin.example/in/another';
  await world.call('patch_lead', world.person, { id, linkedin_url });
  expect((await world.draftOf(id)).draft).toMatchObject({ version: 2, to_id: linkedin_url });
});

it('a merge moves the address, and the draft follows it', async () => {
  const { world, id } = await drafted();
  await approved(world, id);
  const other_lead_id = await world.addLead({ email: NEW });
  await world.call('merge_leads', world.person, { id, other_lead_id });
  const [moved] = await world.rows<{ id: string }>('lead_addresses', `value = '${NEW}'`);
  await world.call('change_lead_address', world.person, { id: moved!.id, is_primary: true });
  expect(await world.draftOf(id)).toMatchObject({ item: { status: 'drafted' }, draft: { to_id: NEW } });
});

it('the approval of a template covers the new address', async () => {
  const { world, id } = await drafted((made) =>
    db.query(
      `UPDATE campaigns SET owner_role = 'AGT-304', send_rule = 'pre_approved' WHERE org_id = $1 AND slug = 'b2bea_membership'`,
      [made.org_id],
    ),
  );
  const steps = await world.rows<{ campaign_id: string; template_hash: string }>(
    'campaign_sequences',
    `step_number = 1 AND campaign_id = (SELECT id FROM campaigns c WHERE c.org_id = $1 AND slug = 'b2bea_membership')`,
  );
  const attack = await attackersOf(db, world);
  await attack.as('admin', async (tx) => {
    await tx.query(
      `INSERT INTO template_approvals (org_id, id, campaign_id, step_number, template_hash, approved_by_user_id, approved_at)
       VALUES ($1, gen_random_uuid(), $2, 1, $3, $4, $5)`,
      [
        world.org_id,
        steps[0]!.campaign_id,
        steps[0]!.template_hash,
        attack.actors.admin.id,
        world.clock.now(),
      ],
    );
    const { item } = await world.draftOf(id);
    await tx.query(`UPDATE sales_send_queue SET status = 'approved' WHERE id = $1`, [item.id]);
  });
  await changeTo(world, id, NEW);
  expect((await world.draftOf(id)).item.status).toBe('approved');
  await world.work();
  expect(world.sent.map(({ mail }) => mail.to.address)).toEqual([NEW]);
  expect(await world.rows<DraftApprovalsRow>('draft_approvals')).toEqual([]);
});
