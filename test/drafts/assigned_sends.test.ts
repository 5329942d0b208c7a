import { describe, expect, it } from 'vitest';
import { FLAG_CHECKS } from '../../src/coordinator/upkeep/checks.ts';
import { sqlState } from '../../src/db/errors.ts';
import type { Principal } from '../../src/principal.ts';

import type { FlagsRow, NotificationsRow, SalesSendQueueRow } from '../../src/schema.gen.ts';
import { runCheck } from '../../src/worker/checks.ts';
import { attackersOf } from '../database/attackers.ts';
import { testDatabase } from '../database.ts';
import { type TaskWorld, taskWorld } from '../tasks/task_calls.ts';

/* The one person of each manual send: assigned by the campaign, notified, and alone able to record the send. */

const { db } = await testDatabase();
const SLUG = 'b2bea_membership';
type Person = Extract<Principal, { kind: 'human' }>;

async function worldOf() {
  const world = await taskWorld(db);
  const set = (column: string, value: string) =>
    db.query(`UPDATE campaigns SET ${column} = '${value}' WHERE org_id = $1 AND slug = $2`, [
      world.org_id,
      SLUG,
    ]);
  await db.query(
    `UPDATE campaign_sequences SET requires_personal_send = true, delay_days = 0 WHERE org_id = $1
       AND campaign_id = (SELECT id FROM campaigns WHERE org_id = $1 AND slug = $2)`,
    [world.org_id, SLUG],
  );
  const person = async (name: string, ...roles: Person['roles']) => {
    const who = (await world.addPerson(...roles)) as Person;
    await db.query(`UPDATE users SET name = $2 WHERE id = $1`, [who.user_id, name]);
    return who;
  };
  const due = async (lead: Record<string, unknown> = {}) => {
    const lead_id = await world.addLead(lead);
    await world.request(lead_id, SLUG);
    await world.work();
    const { draft, item } = await world.draftOf(lead_id);
    return { lead_id, item, send: { id: draft.id, content_hash: draft.content_hash } };
  };
  const notes = () => world.rows<NotificationsRow>('notifications', `kind = 'manual_send'`);
  return { world, set, person, due, notes };
}

const next = async (world: TaskWorld, lead_id: string): Promise<SalesSendQueueRow> => {
  world.clock.advance(14 * 24 * 3_600_000);
  await world.work();
  return (await world.draftOf(lead_id)).item;
};

describe('a manual send', () => {
  it('is its owner’s, who alone marks it sent, and so are the later steps', async () => {
    const { world, person, due, notes } = await worldOf();
    const owner = await person('Olive Owner', 'rep');
    const other = await person('Robin Rep', 'rep');
    const { item, send, lead_id } = await due({ owner_user_id: owner.user_id });
    expect(item.assigned_to_user_id).toBe(owner.user_id);
    expect(await notes()).toMatchObject([{ to_user_id: owner.user_id, lead_id }]);
    const { items } = await world.call('list_notifications', owner, {});
    expect(items[0].says).toMatch(/^Step 1 of .* is due to be sent by you\./);
    expect(await world.refused('mark_sent', other, send)).toMatchObject({
      code: 'not_assigned',
      status: 403,
      message: 'Only Olive Owner sends this.',
    });
    const listed = async (who: Person) =>
      (await world.call('list_personal_sends', who, { scope: 'mine' })).items;
    expect(await listed(owner)).toMatchObject([
      { assigned_to_user_id: owner.user_id, assigned_to_name: 'Olive Owner' },
    ]);
    expect(await listed(other)).toEqual([]);
    const named = async () => (await world.call('list_personal_sends', other, { queue_id: item.id })).items;
    expect(await named()).toMatchObject([{ queue_id: item.id }]);
    const reassigned = await world.call('assign_personal_send', owner, {
      id: item.id,
      assigned_to_user_id: other.user_id,
    });
    expect(reassigned).toMatchObject({ assigned_to_user_id: other.user_id, assigned_to_name: 'Robin Rep' });
    expect(await notes()).toHaveLength(2);
    const audited = await world.rows<{ changes: object }>(
      'audit_log',
      `subject_table = 'sales_send_queue' AND changes ? 'assigned_to_user_id'`,
    );
    expect(audited).toHaveLength(1);
    expect(await listed(owner)).toEqual([]);
    expect(await world.refused('mark_sent', owner, send)).toMatchObject({ code: 'not_assigned' });
    await world.call('mark_sent', other, send);
    expect(await named()).toEqual([]);
    const later = await next(world, lead_id);
    expect(later).toMatchObject({ step_number: 2, assigned_to_user_id: other.user_id });
  });

  it('of an executive’s campaign is the executive’s, who approves and sends it in one step', async () => {
    const { world, set, person, due } = await worldOf();
    await db.query(`UPDATE users SET roles = '{admin}' WHERE org_id = $1`, [world.org_id]);
    const exec = await person('Eve Exec', 'exec');
    const owner = await person('Olive Owner', 'rep');
    await set('approvers', 'executive');
    const { item, send, lead_id } = await due({ owner_user_id: owner.user_id });
    expect(item.assigned_to_user_id).toBe(exec.user_id);
    // Another person sends it only with the executive's approval and the executive's assignment.
    await world.call('assign_personal_send', exec, { id: item.id, assigned_to_user_id: owner.user_id });
    expect(await world.refused('mark_sent', owner, send)).toMatchObject({ code: 'not_approver' });
    await world.call('approve_draft', exec, send);
    expect(await world.call('mark_sent', owner, send)).toMatchObject({ status: 'sent' });
    expect((await next(world, lead_id)).assigned_to_user_id).toBe(exec.user_id);
  });

  it('is the mailbox owner’s without a lead’s owner; without both, RevOps is warned until it is assigned', async () => {
    const { world, person, due, notes } = await worldOf();
    const rep = await person('Robin Rep', 'rep');
    const first = await due();
    expect(first.item.assigned_to_user_id).toBeNull();
    const flags = () => world.rows<FlagsRow>('flags', `kind = 'send_unassigned' AND resolved_at IS NULL`);
    expect(await flags()).toMatchObject([{ subject: first.item.id, for_role: 'revops' }]);
    expect(await notes()).toEqual([]);
    await world.call('assign_personal_send', rep, { id: first.item.id });
    expect(await flags()).toEqual([]);
    const second = await due();
    await world.call('mark_sent', rep, second.send);
    const check = FLAG_CHECKS.find(({ name }) => name === 'send_unassigned')!;
    await runCheck(world.worker_context, world.org_id, check);
    expect(await flags()).toEqual([]);
    const boxed = await world.addLead();
    await db.query(`UPDATE mailboxes SET owner_user_id = $2 WHERE org_id = $1`, [world.org_id, rep.user_id]);
    await db.query(
      `INSERT INTO lead_mailboxes (org_id, lead_id, mailbox_id, chosen_at) SELECT org_id, $2, id, created_at FROM mailboxes WHERE org_id = $1`,
      [world.org_id, boxed],
    );
    await world.request(boxed, SLUG);
    await world.work();
    expect((await world.draftOf(boxed)).item.assigned_to_user_id).toBe(rep.user_id);
  });

  it('of a notify_rep campaign notifies the rep', async () => {
    const { world, set, person, due, notes } = await worldOf();
    const owner = await person('Olive Owner', 'rep');
    await set('owner_role', 'AGT-301');
    await set('send_rule', 'notify_rep');
    await db.query(`UPDATE campaign_sequences SET requires_personal_send = false WHERE org_id = $1`, [
      world.org_id,
    ]);
    const { item } = await due({ owner_user_id: owner.user_id });
    expect(item).toMatchObject({ channel: 'email', assigned_to_user_id: owner.user_id });
    expect(await notes()).toHaveLength(1);
  });
});

describe('the database', () => {
  it('refuses another sender, an assignment by anything but a person, and one to a user who left', async () => {
    const { world, person, due } = await worldOf();
    const owner = await person('Olive Owner', 'rep');
    const auditor = await person('Ali Auditor', 'auditor');
    const { item, send } = await due({ owner_user_id: owner.user_id });
    await world.call('approve_draft', world.person, send);
    const { tried } = await attackersOf(db, world);
    await db.query(
      `INSERT INTO touches (org_id, id, lead_id, enrollment_id, queue_id, campaign_id, channel, sequence_type, touched_at,
         outcome, settled_at)
       SELECT org_id, gen_random_uuid(), lead_id, enrollment_id, id, campaign_id, channel, 'prospecting', $2,
         'marked_sent', $2 FROM sales_send_queue WHERE id = $1`,
      [item.id, world.clock.now()],
    );
    const sending = `UPDATE sales_send_queue SET status = 'sent', sent_at = $2 WHERE id = $1`;
    for (const code of Object.values(await tried([sending, [item.id, world.clock.now()]])))
      expect(['TL084', 'TL005', '42501']).toContain(code);
    const assigning = 'UPDATE sales_send_queue SET assigned_to_user_id = $2 WHERE id = $1';
    const said = await tried([assigning, [item.id, (world.person as Person).user_id]]);
    expect(said).toMatchObject({ admin: null, rep: null, coordinator: 'TL005', system: 'TL005' });
    expect(said.agent).toBe('TL005');
    expect(await tried([assigning, [item.id, auditor.user_id]], ['admin'])).toEqual({ admin: 'TL020' });
    const copy = `INSERT INTO sales_send_queue SELECT (jsonb_populate_record(q, jsonb_build_object('id', gen_random_uuid(),
      'enrollment_id', NULL, 'assigned_to_user_id', $2::uuid))).* FROM sales_send_queue q WHERE q.id = $1`;
    const born = await db.query(copy, [item.id, auditor.user_id]).catch(sqlState);
    expect(born).toBe('TL020');
    const email = await world.addLead();
    await world.request(email, 'dreamborn');
    await world.work();
    const { item: mailed } = await world.draftOf(email);
    expect(await tried([assigning, [mailed.id, owner.user_id]], ['admin'])).toEqual({ admin: '23514' });
  });

  it('records one send of 64 at once', async () => {
    const { world, person, due } = await worldOf();
    const owner = await person('Olive Owner', 'rep');
    const other = await person('Robin Rep', 'rep');
    const { item, send } = await due({ owner_user_id: owner.user_id });
    const told = await Promise.allSettled(
      Array.from({ length: 64 }, (_, at) =>
        at % 2 === 0
          ? world.call('mark_sent', at % 4 === 0 ? owner : other, send)
          : world.call('assign_personal_send', owner, {
              id: item.id,
              assigned_to_user_id: (at % 4 === 1 ? other : owner).user_id,
            }),
      ),
    );
    expect(told.some(({ status }) => status === 'fulfilled')).toBe(true);
    const [sent] = await world.rows<SalesSendQueueRow>('sales_send_queue', `id = '${item.id}'`);
    const approvals = await world.rows<{ approved_by_user_id: string }>('draft_approvals');
    if (sent!.status === 'sent') expect(approvals[0]!.approved_by_user_id).toBe(sent!.assigned_to_user_id);
    expect(await world.rows('touches')).toHaveLength(sent!.status === 'sent' ? 1 : 0);
  });
});
