import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { sqlState } from '../../src/db/errors.ts';
import { type Actor, type Connection, type Queryable, transaction } from '../../src/db/pool.ts';
import { approveDraft, markSent } from '../../src/operations/drafts/decisions.ts';
import { draftOperations, withdrawDraftApproval } from '../../src/operations/drafts/drafts.ts';
import type {
  CadenceEventLogRow,
  DraftApprovalsRow,
  SendAttemptsRow,
  StagedDraftsRow,
} from '../../src/schema.gen.ts';
import { untilBlocked } from '../blocked.ts';
import { testDatabase } from '../database.ts';
import {
  approve,
  approvedLeads,
  beginData,
  deliver,
  itemOf,
  record,
  reserve,
} from '../sending/send_world.ts';
import { createWorld, type World } from '../world.ts';

const { db } = await testDatabase();
const UNDO = { drafts: { undo_seconds: 10 } };
/** Approvals that are withdrawn one after another while the sender reserves and sends. */
const MEETINGS = 12;

/** A lead with one message that a person has approved. */
async function approved(policy: Record<string, unknown> = {}): Promise<{ world: World; lead_id: string }> {
  const world = await createWorld(db, { policy });
  const lead_id = await world.addLead();
  await world.request(lead_id, 'b2bea_membership_close');
  await world.work();
  await approve(world, lead_id);
  return { world, lead_id };
}

async function withdraw(world: World, lead_id: string) {
  const { draft } = await world.draftOf(lead_id);
  return withdrawDraftApproval.run({
    context: world.context,
    principal: world.person,
    input: { id: draft.id },
  });
}

function personOf({ org_id, person }: World): Actor {
  return { org_id, kind: 'human', id: person.kind === 'human' ? person.user_id : '' };
}

const TAKE_BACK = `UPDATE draft_approvals SET withdrawn_at = now(), withdrawn_by_user_id = $2 WHERE draft_id = $1`;
const ATTEMPT = `
  INSERT INTO send_attempts (org_id, id, queue_id, draft_id, mailbox_id, content_hash, message_id, stage, lease_until, started_at)
  SELECT q.org_id, gen_random_uuid(), q.id, d.id, m.id, d.content_hash, '<x@y>', 'intent', now(), now()
  FROM sales_send_queue q JOIN staged_drafts d ON d.org_id = q.org_id AND d.id = q.staged_draft_id
  JOIN mailboxes m ON m.org_id = q.org_id WHERE d.id = $1`;

/** The SQLSTATE with which a statement is refused, or null if it succeeds. */
async function refusal(run: () => Promise<unknown>): Promise<string | null> {
  try {
    await run();
    return null;
  } catch (error) {
    return sqlState(error) ?? String(error);
  }
}

const raw = (actor: Actor, run: (tx: Queryable) => Promise<unknown>) =>
  refusal(() => transaction(db.app, actor, run));

describe('an approval that is withdrawn', () => {
  it('returns the draft to review, and the same text may be approved again', async () => {
    const { world, lead_id } = await approved();
    const after = await withdraw(world, lead_id);
    expect(after).toMatchObject({ status: 'drafted', approved_at: null, undo_until: null });
    expect(await deliver(world, world.mail)).toBe(0);
    const [approval] = await world.rows<DraftApprovalsRow>('draft_approvals');
    expect(approval!.withdrawn_by_user_id).toBe(personOf(world).id);
    const events = await world.rows<CadenceEventLogRow>(
      'cadence_event_log',
      `event_type = 'approval_withdrawn'`,
    );
    expect(events).toMatchObject([{ lead_id, actor_kind: 'human', coordinator_action: 'withdraw' }]);
    // A repeated withdrawal is no error: a double press means one withdrawal.
    expect(await withdraw(world, lead_id)).toMatchObject({ status: 'drafted' });

    await approve(world, lead_id);
    await world.work();
    expect(world.sent).toHaveLength(1);
    expect(await world.rows('draft_approvals')).toHaveLength(2);
  });

  it('is refused while the message is leaving and after it left', async () => {
    const { world, lead_id } = await approved();
    const { draft } = await world.draftOf(lead_id);
    const [send] = await reserve(world);
    await expect(withdraw(world, lead_id)).rejects.toMatchObject({ code: 'already_leaving' });
    const takeBack = () => raw(personOf(world), (tx) => tx.query(TAKE_BACK, [draft.id, personOf(world).id]));
    expect(await takeBack()).toBe('TL051');
    expect(await beginData(world, send!)).toBe(true);
    expect(await takeBack()).toBe('TL051');
    await record(world, send!, { kind: 'sent', response: '250 ok' });
    expect(await takeBack()).toBe('TL051');
    await expect(withdraw(world, lead_id)).rejects.toMatchObject({ code: 'illegal_status_move' });
  });

  it('can be given again after an attempt that ended before the server received anything', async () => {
    const { world, lead_id } = await approved();
    const [send] = await reserve(world);
    await record(world, send!, { kind: 'deferred', response: '450 not now' });
    expect(await withdraw(world, lead_id)).toMatchObject({ status: 'drafted' });
  });

  it('is withdrawn by a person, in their own name, once, and is otherwise unchanged', async () => {
    const { world, lead_id } = await approved();
    const { draft } = await world.draftOf(lead_id);
    const person = personOf(world);
    const back = (actor: Actor, user_id: string | null) =>
      raw(actor, (tx) => tx.query(TAKE_BACK, [draft.id, user_id]));
    expect(await back({ ...person, kind: 'agent', id: 'roles.sales' }, person.id)).toBe('TL005');
    expect(await back({ ...person, kind: 'coordinator', id: 'AGT-302' }, person.id)).toBe('TL005');
    expect(await back({ ...person, id: crypto.randomUUID() }, person.id)).toBe('TL005');
    expect(await back(person, null)).toBe('TL005');
    for (const change of [
      `approved_at = approved_at - interval '1 day'`,
      `approved_by_user_id = gen_random_uuid()`,
      `withdrawn_at = NULL`,
    ]) {
      const changed = (tx: Queryable) =>
        tx.query(`UPDATE draft_approvals SET ${change} WHERE draft_id = $1`, [draft.id]);
      expect(await raw(person, changed), change).toBe('TL003');
    }
    expect(await back(person, person.id)).toBeNull();
    expect((await itemOf(world, lead_id)).status).toBe('drafted');
    expect(await back(person, person.id)).toBe('TL003');
    const again = (tx: Queryable) => tx.query(`DELETE FROM draft_approvals WHERE draft_id = $1`, [draft.id]);
    expect(await raw(person, again)).toBe('TL003');
    // A withdrawn approval has no effect by any path.
    expect(await raw(person, (tx) => tx.query(ATTEMPT, [draft.id]))).toBe('TL002');
    const move = (tx: Queryable) =>
      tx.query(`UPDATE sales_send_queue SET status = 'approved' WHERE staged_draft_id = $1`, [draft.id]);
    expect(await raw({ ...person, kind: 'coordinator', id: 'AGT-302' }, move)).toBe('TL002');
  });
});

describe('the undo time', () => {
  it('binds every sender and is shown to the approver', async () => {
    const { world, lead_id } = await approved(UNDO);
    const { draft } = await world.draftOf(lead_id);
    const get = draftOperations.find(({ name }) => name === 'get_draft')!;
    const told = await get.run({
      context: world.context,
      principal: world.person,
      input: { id: draft.id } as never,
    });
    expect(told).toMatchObject({ undo_until: new Date(world.clock.now_ms() + 10_000) });
    world.clock.advance(9_999);
    expect(await deliver(world, world.mail)).toBe(0);
    world.clock.advance(1);
    expect(await deliver(world, world.mail)).toBe(1);
    expect(world.sent).toHaveLength(1);
  });

  it('is real time when the clock runs fast', async () => {
    const { world } = await approved(UNDO);
    const fast = Object.assign(Object.create(world.clock), { speed: 60 });
    const hurried = { ...world, worker_context: { ...world.worker_context, clock: fast } };
    world.clock.advance(599_999);
    expect(await deliver(hurried, world.mail)).toBe(0);
    world.clock.advance(1);
    expect(await deliver(hurried, world.mail)).toBe(1);
  });

  it('does not delay manual sends', async () => {
    const world = await createWorld(db, { policy: UNDO });
    const lead_id = await world.addLead();
    await world.request(lead_id, 'b2bea_membership_close');
    await world.work();
    await db.query(`UPDATE sales_send_queue SET requires_personal_send = true WHERE lead_id = $1`, [lead_id]);
    const { draft } = await world.draftOf(lead_id);
    const input = { id: draft.id, content_hash: draft.content_hash, already_sent: false };
    const sent = await markSent.run({ context: world.context, principal: world.person, input });
    expect(sent).toMatchObject({ status: 'sent', undo_until: null });
    expect(await raw(personOf(world), (tx) => tx.query(TAKE_BACK, [draft.id, personOf(world).id]))).toBe(
      'TL051',
    );
  });
});

describe('withdrawing and sending at the same instant', () => {
  /** An open transaction of the application on a separate connection. */
  async function begun(actor: Actor): Promise<Connection> {
    const own = await db.app.checkout();
    await own.query('BEGIN');
    await own.query(
      `SELECT set_config('touchline.org', $1, true), set_config('touchline.actor_kind', $2, true),
              set_config('touchline.actor_id', $3, true)`,
      [actor.org_id, actor.kind, actor.id],
    );
    return own;
  }

  it('waits for an attempt that began first, and then sees it', async () => {
    const { world, lead_id } = await approved();
    const { draft } = await world.draftOf(lead_id);
    const person = personOf(world);
    const sender = await begun({ ...person, kind: 'coordinator', id: 'AGT-302' });
    await sender.query(ATTEMPT, [draft.id]);
    const back = raw(person, (tx) => tx.query(TAKE_BACK, [draft.id, person.id]));
    await untilBlocked(db);
    await sender.query('COMMIT');
    sender.release();
    expect(await back).toBe('TL051');
    expect((await itemOf(world, lead_id)).status).toBe('approved');
  });

  it('makes the attempt wait for a withdrawal that came first, and then begins nothing', async () => {
    const { world, lead_id } = await approved();
    const { draft } = await world.draftOf(lead_id);
    const person = personOf(world);
    const own = await begun(person);
    await own.query(TAKE_BACK, [draft.id, person.id]);
    const attempt = raw({ ...person, kind: 'coordinator', id: 'AGT-302' }, (tx) =>
      tx.query(ATTEMPT, [draft.id]),
    );
    await untilBlocked(db);
    await own.query('COMMIT');
    own.release();
    expect(await attempt).toBe('TL002');
    expect(await world.rows('send_attempts')).toEqual([]);
  });

  it('never does both, in any order', async () => {
    const world = await createWorld(db);
    await approvedLeads(world, MEETINGS);
    const drafts = await world.rows<StagedDraftsRow>('staged_drafts');
    const person = personOf(world);
    const [, ...back] = await Promise.all([
      deliver(world, world.mail),
      ...drafts.map(async ({ id }, at) => {
        await sleep(at * 10);
        return raw(person, (tx) => tx.query(TAKE_BACK, [id, person.id]));
      }),
    ]);
    const begun = await world.rows<SendAttemptsRow>('send_attempts', `stage <> 'abandoned'`);
    const sent = new Set(begun.map(({ draft_id }) => draft_id));
    const outcomes = drafts.map(({ id }, at) => [sent.has(id), back[at]]);
    for (const outcome of outcomes) {
      expect([
        [true, 'TL051'],
        [false, null],
      ]).toContainEqual(outcome);
    }
    expect(world.sent).toHaveLength(begun.length);
  });
});

it('an approved text that was withdrawn is approved again by its hash', async () => {
  const { world, lead_id } = await approved();
  await withdraw(world, lead_id);
  const { draft } = await world.draftOf(lead_id);
  const input = { id: draft.id, content_hash: draft.content_hash };
  const again = await approveDraft.run({ context: world.context, principal: world.person, input });
  expect(again).toMatchObject({ status: 'approved', approved_by_user_name: expect.any(String) });
});
