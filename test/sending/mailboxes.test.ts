import { describe, expect, it } from 'vitest';
import type { SendOutcome } from '../../src/connectors/connector.ts';
import { coordinatorActor } from '../../src/coordinator/gate/scope.ts';
import { sqlState } from '../../src/db/errors.ts';
import { type Queryable, transaction } from '../../src/db/pool.ts';
import { mailboxOperations } from '../../src/operations/sending/mailboxes.ts';
import type { CadenceEventLogRow, FlagsRow, SendAttemptsRow, TouchesRow } from '../../src/schema.gen.ts';
import { testDatabase } from '../database.ts';
import { createWorld, HOUR_MS, type World } from '../world.ts';
import { approvedLeads, deliver, itemOf, mailboxOf, scripted } from './send_world.ts';

const { db } = await testDatabase();
const MINUTE_MS = 60_000;

const BLOCKED: SendOutcome = {
  kind: 'rejected',
  smtp_code: 550,
  enhanced_code: '5.7.1',
  response: '550 5.7.1 you are blocked',
  scope: 'sender',
  stage: 'rcpt',
};
const LOGIN_REFUSED: SendOutcome = {
  kind: 'rejected',
  smtp_code: 535,
  response: '535 wrong password',
  scope: 'sender',
  stage: 'open',
};
const AWAY: SendOutcome = { kind: 'deferred', unreachable: true, response: 'connect ECONNREFUSED' };

async function refusal(run: () => Promise<unknown>): Promise<string | null> {
  try {
    await run();
    return null;
  } catch (error) {
    return sqlState(error) ?? String(error);
  }
}

/** Runs an operation by name, as the world's person. */
async function operate(world: World, name: string, input: Record<string, unknown>) {
  const operation = mailboxOperations.find((one) => one.name === name)!;
  const call = { context: world.context, principal: world.person, input: operation.input.parse(input) };
  return operation.run(call as never);
}

async function resume(world: World): Promise<void> {
  await operate(world, 'resume_mailbox', { id: (await mailboxOf(world)).id });
}

const openFlags = (world: World) =>
  world.rows<FlagsRow>('flags', `kind = 'mailbox_health' AND resolved_at IS NULL`);
const outcomes = async (world: World) =>
  (await world.rows<TouchesRow>('touches')).map(({ outcome }) => outcome).sort();

describe('a mailbox that the server refuses', () => {
  it('is paused, not the lead; the rest of the batch is released; all are sent once a person resumes it', async () => {
    const world = await createWorld(db);
    const [first, second, third] = await approvedLeads(world, 3);
    const refusing = scripted(() => BLOCKED);
    await deliver(world, refusing);
    const mailbox = await mailboxOf(world);
    expect(mailbox).toMatchObject({ paused_by: 'server', paused_reason: '550 5.7.1 you are blocked' });
    const attempts = await world.rows<SendAttemptsRow>('send_attempts', 'true ORDER BY stage');
    expect(attempts.map(({ stage }) => stage)).toEqual(['rejected', 'abandoned', 'abandoned']);
    expect(attempts.every(({ mailbox_id }) => mailbox_id === mailbox.id)).toBe(true);
    expect(await outcomes(world)).toEqual(['void', 'void', 'void']);
    for (const lead_id of [first, second, third]) {
      expect(await itemOf(world, lead_id!)).toMatchObject({ status: 'approved', attempt_count: 0 });
    }
    expect(await world.rows('leads', 'cadence_paused_at IS NOT NULL')).toEqual([]);
    expect(await world.rows('suppressions')).toEqual([]);
    expect(await openFlags(world)).toMatchObject([{ subject: mailbox.id, for_role: 'revops' }]);
    const told = await world.rows<CadenceEventLogRow>('cadence_event_log', `resolution = 'mailbox_paused'`);
    expect(told.map(({ lead_id }) => lead_id)).toEqual([first]);

    world.clock.advance(2 * HOUR_MS);
    const well = scripted(() => true);
    expect(await deliver(world, well)).toBe(0);
    expect(await world.rows('send_attempts')).toHaveLength(3);

    await resume(world);
    expect(await openFlags(world)).toEqual([]);
    await deliver(world, well);
    expect(well.messages).toHaveLength(3);
    expect((await itemOf(world, first!)).status).toBe('sent');
  });

  it('gives a text that is refused again a second attempt, and no third', async () => {
    const world = await createWorld(db);
    const [first, second] = await approvedLeads(world, 2);
    const choosy = scripted(async (message) => {
      const { draft } = await world.draftOf(first!);
      return message.to.address === draft.to_id ? BLOCKED : true;
    });
    for (let chances = 0; chances < 2; chances += 1) {
      await deliver(world, choosy);
      expect((await mailboxOf(world)).paused_by).toBe('server');
      await resume(world);
    }
    expect(await itemOf(world, first!)).toMatchObject({
      status: 'failed',
      error: '550 5.7.1 you are blocked',
    });
    await deliver(world, choosy);
    expect((await itemOf(world, second!)).status).toBe('sent');
  });

  it('charges no message with a refused login, however often', async () => {
    const world = await createWorld(db);
    const [lead_id] = await approvedLeads(world, 1);
    for (let tries = 0; tries < 4; tries += 1) {
      await deliver(
        world,
        scripted(() => LOGIN_REFUSED),
      );
      await resume(world);
    }
    expect(await itemOf(world, lead_id!)).toMatchObject({ status: 'approved', attempt_count: 0 });
    expect(await world.rows('flags', `kind = 'mailbox_health'`)).toHaveLength(4);
  });

  it('stops a message that is already at the server, until just before DATA', async () => {
    const world = await createWorld(db);
    const [lead_id] = await approvedLeads(world, 1);
    const { id } = await mailboxOf(world);
    const mail = scripted(async (): Promise<true> => {
      await operate(world, 'pause_mailbox', { id, reason: 'wrong footer' });
      return true;
    });
    await deliver(world, mail);
    expect(mail.messages).toEqual([]);
    expect(await itemOf(world, lead_id!)).toMatchObject({ status: 'approved', attempt_count: 0 });
    expect(await outcomes(world)).toEqual(['void']);
    expect(await mailboxOf(world)).toMatchObject({ paused_by: 'person', paused_reason: 'wrong footer' });
    expect(await openFlags(world)).toEqual([]);
  });
});

describe('an unreachable server', () => {
  it('makes the mailbox wait 1, 5, 15, 60 minutes; no message is charged; single messages test the connection', async () => {
    const world = await createWorld(db);
    const lead_ids = await approvedLeads(world, 3);
    let asked = 0;
    const away = scripted(() => {
      asked += 1;
      return AWAY;
    });
    const waited: number[] = [];
    for (const probe of [1, 2, 3, 4, 5]) {
      await deliver(world, away);
      expect(await deliver(world, away)).toBe(0);
      expect(asked).toBe(probe);
      expect(await openFlags(world)).toHaveLength(probe >= 3 ? 1 : 0);
      const { retry_at } = await mailboxOf(world);
      waited.push((retry_at!.getTime() - world.clock.now_ms()) / MINUTE_MS);
      world.clock.set(retry_at!.getTime());
    }
    expect(waited).toEqual([1, 5, 15, 60, 60]);
    // The first batch reserved all three, each later one only the message that it tried.
    expect(await world.rows('send_attempts')).toHaveLength(3 + 4);
    const retried = await world.rows<CadenceEventLogRow>('cadence_event_log', `event_type = 'retried'`);
    expect(retried.map(({ resolution, lead_id }) => [resolution, lead_id])).toEqual(
      Array(5).fill(['server_unreachable', lead_ids[0]]),
    );
    for (const lead_id of lead_ids) {
      expect(await itemOf(world, lead_id)).toMatchObject({
        status: 'approved',
        attempt_count: 0,
        error: null,
      });
    }
    const back = scripted(() => true);
    expect([await deliver(world, back), await deliver(world, back)]).toEqual([1, 2]);
    expect(back.messages).toHaveLength(3);
    expect(await mailboxOf(world)).toMatchObject({ unreachable_count: 0, retry_at: null });
    expect(await world.rows('flags', `resolution = 'cause_gone'`)).toHaveLength(1);
  });

  it('is retried at once when a person resumes the mailbox', async () => {
    const world = await createWorld(db);
    await approvedLeads(world, 1);
    await deliver(
      world,
      scripted(() => AWAY),
    );
    const back = scripted(() => true);
    expect(await deliver(world, back)).toBe(0);
    await resume(world);
    expect(await deliver(world, back)).toBe(1);
  });
});

describe('the database', () => {
  it('accepts no attempt and no DATA from a paused mailbox', async () => {
    const world = await createWorld(db);
    const [lead_id] = await approvedLeads(world, 1);
    const { id } = await mailboxOf(world);
    const { draft, item } = await world.draftOf(lead_id!);
    const attempt = (tx: Queryable = db) =>
      tx.query(
        `INSERT INTO send_attempts (org_id, id, queue_id, draft_id, mailbox_id, content_hash, message_id, stage,
           lease_until, started_at)
         VALUES ($1, gen_random_uuid(), $2, $3, $4, $5, '<x@y>', 'intent', now(), now())`,
        [world.org_id, item.id, draft.id, id, draft.content_hash],
      );
    const pause = () => operate(world, 'pause_mailbox', { id, reason: 'test' });
    await pause();
    expect(await refusal(attempt)).toBe('TL013');
    await resume(world);
    await attempt();
    await pause();
    const data = `UPDATE send_attempts SET stage = 'data' WHERE org_id = $1`;
    expect(await refusal(() => db.query(data, [world.org_id]))).toBe('TL013');
  });

  it('makes a pause and an attempt take turns', async () => {
    const world = await createWorld(db);
    await approvedLeads(world, 1);
    const { id, org_id } = await mailboxOf(world);
    const pausing = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    const paused = transaction(db, { org_id, kind: 'system', id: 'test' }, async (tx) => {
      await tx.query(
        `UPDATE mailboxes SET paused_at = now(), paused_reason = 'x', paused_by = 'server' WHERE id = $1`,
        [id],
      );
      pausing.resolve();
      await release.promise;
    });
    await pausing.promise;
    const mail = scripted(() => true);
    const delivered = deliver(world, mail);
    await new Promise((resolve) => setTimeout(resolve, 100));
    release.resolve();
    await paused;
    expect(await delivered).toBe(0);
    expect(mail.messages).toEqual([]);
  });

  it('keeps the identity of a mailbox, why it is paused, and who may resume it', async () => {
    const [world, other] = [await createWorld(db), await createWorld(db)];
    const { id, org_id } = await mailboxOf(world);
    const set = (what: string) => () =>
      db.query(`UPDATE mailboxes SET ${what} WHERE org_id = $1 AND id = $2`, [org_id, id]);
    expect(await refusal(set(`address = 'other@sender.example'`))).toBe('TL012');
    expect(await refusal(set(`paused_at = now()`))).toBe('23514');
    expect(await refusal(set(`paused_at = now(), paused_reason = 'x', paused_by = 'person'`))).toBe('23514');
    expect(await refusal(set(`unreachable_count = 1`))).toBe('23514');
    expect(await refusal(set(`dkim_domain = 'sender.example'`))).toBe('23514');
    const signs = (domain: string) =>
      `dkim_domain = '${domain}', dkim_selector = 's', dkim_private_key = decode(repeat('00', 40), 'hex'),
       dkim_public_key = 'AAAA'`;
    expect(await refusal(set(signs('evil.example')))).toBe('23514');
    expect(await refusal(set(signs('ender.example')))).toBe('23514');
    expect(await refusal(set(signs('sender.example')))).toBeNull();
    await set(`paused_at = now(), paused_reason = 'x', paused_by = 'server'`)();
    const wake = (tx: Queryable) =>
      tx.query(
        `UPDATE mailboxes SET paused_at = NULL, paused_reason = NULL, paused_by = NULL WHERE id = $1`,
        [id],
      );
    expect(await refusal(() => transaction(db, coordinatorActor(org_id), wake))).toBe('TL005');
    const agent = { org_id, kind: 'agent', id: 'roles.sales' } as const;
    expect(await refusal(() => transaction(db, agent, wake))).toBe('TL005');
    expect(await refusal(() => db.query(`DELETE FROM organizations WHERE org_id = $1`, [org_id]))).toBe(
      '23503',
    );

    await resume(world);
    await operate(world, 'patch_mailbox', { id, dkim: null });
    const [lead_id] = await approvedLeads(world, 1);
    await deliver(
      world,
      scripted(() => true),
    );
    expect((await itemOf(world, lead_id!)).status).toBe('sent');
    const move = `UPDATE send_attempts SET mailbox_id = $2 WHERE org_id = $1`;
    const strange = (await mailboxOf(other)).id;
    expect(await refusal(() => db.query(move, [org_id, strange]))).toBe('TL012');
  });
});
