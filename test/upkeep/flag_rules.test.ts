import { describe, expect, it } from 'vitest';
import { raiseFlags, resolveFlags } from '../../src/coordinator/gate/flags.ts';
import { type Actor, transaction } from '../../src/db/pool.ts';
import { newId } from '../../src/ids.ts';
import { flagOperations } from '../../src/operations/log/flags.ts';
import { notificationOperations } from '../../src/operations/log/notifications.ts';
import { testDatabase } from '../database.ts';
import { DAY_MS } from '../world.ts';
import { type FlagWorld, flagWorld } from './flag_world.ts';
import { acknowledge, flagAgent, flagPerson, resolve, runAs } from './people.ts';

const { db } = await testDatabase();

type Listed = { items: { id: string; kind: string; says: string; read_at?: string | null }[] };
const [listFlags] = flagOperations;
const [listNotifications, readNotification] = notificationOperations;

const MAILBOX = { kind: 'mailbox_health', subject: 'box-1', for_role: 'revops' } as const;
const gone = { kind: 'mailbox_health', subjects: ['box-1'], resolution: 'resumed' } as const;
const raise = (world: FlagWorld) => world.scoped((scope) => raiseFlags(scope, [MAILBOX]));

/** Runs raw SQL on a warning as this actor. */
function sql(world: FlagWorld, actor: Pick<Actor, 'kind' | 'id'>, set: string, values: unknown[] = []) {
  return transaction(db, { org_id: world.org_id, ...actor }, (tx) =>
    tx.query(`UPDATE flags SET ${set} WHERE org_id = $1`, [world.org_id, ...values]),
  );
}

describe('a warning in the database', () => {
  const insert = (world: FlagWorld, kind: string, subject: string) =>
    db.query(
      `INSERT INTO flags (org_id, id, kind, subject, raised_at) VALUES ($1, gen_random_uuid(), $2, $3, now())`,
      [world.org_id, kind, subject],
    );

  it('is the only open one of its kind and subject', async () => {
    const world = await flagWorld(db);
    await insert(world, 'stall', 'x');
    await insert(world, 'stall', 'y');
    await insert(world, 'backlog', 'x');
    await expect(insert(world, 'stall', 'x')).rejects.toMatchObject({ constraint: 'flags_cause_uniq' });
  });

  it('covers its cause even after a person ended it, and only a person ends it early', async () => {
    const world = await flagWorld(db);
    await raise(world);
    await expect(
      sql(world, { kind: 'coordinator', id: 'AGT-302' }, `resolved_at = now(), resolution = 'x'`),
    ).rejects.toMatchObject({ constraint: 'flags_silenced_by' });
    await expect(
      sql(world, { kind: 'coordinator', id: 'AGT-302' }, `cause_gone_at = now()`),
    ).rejects.toMatchObject({ constraint: 'flags_cause_gone' });
    const person = { kind: 'human', id: world.admin_id } as const;
    await sql(world, person, `resolved_at = now(), resolution = 'x', resolved_by_user_id = $2`, [
      world.admin_id,
    ]);
    await expect(insert(world, 'mailbox_health', 'box-1')).rejects.toMatchObject({
      constraint: 'flags_cause_uniq',
    });
  });

  it.each([
    ['acknowledges', 'acknowledged_at = now(), acknowledged_by_user_id = $2'],
    ['resolves', `resolved_at = now(), resolution = 'x', resolved_by_user_id = $2`],
  ])('cannot be %s in another’s name, least of all by agents and the coordinator', async (_name, set) => {
    const world = await flagWorld(db);
    const other = await world.addUser('rep');
    await raise(world);
    for (const actor of [
      { kind: 'human', id: other },
      { kind: 'agent', id: 'AGT-303' },
      { kind: 'coordinator', id: 'AGT-302' },
      { kind: 'system', id: null },
    ] as const) {
      await expect(sql(world, actor, set, [world.admin_id])).rejects.toMatchObject({ code: 'TL005' });
    }
    await sql(world, { kind: 'human', id: world.admin_id }, set, [world.admin_id]);
  });

  it('keeps its text, and cannot be reopened or given another meaning', async () => {
    const world = await flagWorld(db);
    await raise(world);
    const person = { kind: 'human', id: world.admin_id } as const;
    const seen =
      "acknowledged_at = now(), acknowledged_by_user_id = $2, escalated_at = now() + interval '1 year'";
    await sql(world, person, seen, [world.admin_id]);
    await world.scoped((scope) => resolveFlags(scope, gone));
    for (const set of [
      'acknowledged_at = NULL, acknowledged_by_user_id = NULL',
      `escalated_at = now() + interval '2 years'`,
      'resolved_at = NULL, resolution = NULL, cause_gone_at = NULL',
      `resolution = 'another'`,
      'cause_gone_at = NULL',
    ]) {
      await expect(sql(world, person, set), set).rejects.toMatchObject({ code: 'TL001' });
    }
    await expect(sql(world, person, `subject = 'box-2'`)).rejects.toMatchObject({ code: 'TL012' });
    await expect(
      db.query(
        `INSERT INTO flags (org_id, id, kind, subject, raised_at, resolved_at, resolution, cause_gone_at)
         VALUES ($1, gen_random_uuid(), 'stall', 'z', now(), now(), 'x', now())`,
        [world.org_id],
      ),
    ).rejects.toMatchObject({ code: 'TL001' });
  });

  it('notifies each recipient once', async () => {
    const world = await flagWorld(db);
    const user_id = await world.addUser('revops');
    await raise(world);
    const again = db.query(
      `INSERT INTO notifications (org_id, id, to_user_id, kind, created_at, flag_id)
       SELECT org_id, gen_random_uuid(), $2, 'again', now(), id FROM flags WHERE org_id = $1`,
      [world.org_id, user_id],
    );
    await expect(again).rejects.toMatchObject({ constraint: 'notifications_flag_uniq' });
  });
});

describe('raising and ending', () => {
  it('eight at once raise one warning and notify once', async () => {
    const world = await flagWorld(db);
    const revops = await world.addUser('revops');
    const raised = await Promise.all(Array.from({ length: 8 }, () => raise(world)));
    expect(raised.sort()).toEqual([0, 0, 0, 0, 0, 0, 0, 1]);
    expect(await world.told('mailbox_health')).toEqual([revops]);
  });

  it('many in reversed orders never deadlock', async () => {
    const world = await flagWorld(db);
    const many = Array.from({ length: 200 }, (_, at) => ({ ...MAILBOX, subject: `box-${at}` }));
    const counts = await Promise.all(
      [many, many.toReversed(), many, many.toReversed()].map((flags) =>
        world.scoped((scope) => raiseFlags(scope, flags)),
      ),
    );
    expect(counts.reduce((sum, count) => sum + count)).toBe(200);
  });

  it('a warning that a person ended is raised again only after its cause was gone', async () => {
    const world = await flagWorld(db);
    const revops = await world.addUser('revops');
    await raise(world);
    const [flag] = await world.flags('mailbox_health');
    await resolve(world, flagPerson(world, revops, 'revops'), flag!.id, 'we know');
    world.clock.advance(DAY_MS);
    expect(await raise(world)).toBe(0);
    await world.scoped((scope) => resolveFlags(scope, gone));
    expect(await world.flags('mailbox_health')).toMatchObject([
      { resolution: 'we know', resolved_by_user_id: revops, cause_gone_at: world.clock.now() },
    ]);
    expect(await raise(world)).toBe(1);
    expect(await world.told('mailbox_health')).toEqual([revops, revops]);
  });

  it('a check does the same: silent while the backlog stays, loud when it returns', async () => {
    const world = await flagWorld(db, { policy: { backlog_paused_leads: 1 } });
    const rep = await world.addUser('rep');
    const pause = (at: Date | null) =>
      db.query('UPDATE leads SET cadence_paused_at = $2, cadence_pause_reason = $3 WHERE org_id = $1', [
        world.org_id,
        at,
        at && 'test',
      ]);
    await world.addLead({ owner_user_id: rep });
    await pause(world.clock.now());
    await world.check('backlog');
    const [flag] = await world.flags('backlog');
    await resolve(world, flagPerson(world, rep, 'rep'), flag!.id);
    await world.check('backlog');
    expect(await world.flags('backlog')).toHaveLength(1);
    await pause(null);
    await world.check('backlog');
    await pause(world.clock.now());
    await world.check('backlog');
    expect(await world.flags('backlog')).toHaveLength(2);
    expect(await world.flags('backlog', 'resolved_at IS NULL')).toHaveLength(1);
  });
});

describe('the operations', () => {
  it('list open warnings, by kind, or those of the caller: by person, by role, by agent, by notification', async () => {
    const world = await flagWorld(db);
    const [rep, manager] = [await world.addUser('rep'), await world.addUser('slm')];
    const about = { subject: rep, for_user_id: rep, for_role: 'slm', for_agent: 'AGT-303' } as const;
    await world.scoped((scope) =>
      raiseFlags(scope, [MAILBOX, { kind: 'backlog', ...about, detail: { paused_leads: 12 } }]),
    );
    const list = async (principal: Parameters<typeof runAs>[1], input = {}) => {
      const { items } = await runAs<Listed>(world, principal, listFlags, input);
      return items.map((flag) => flag.kind).sort();
    };
    const mine = { mine: 'true' };
    expect(await list(flagPerson(world, rep, 'rep'))).toEqual(['backlog', 'mailbox_health']);
    expect(await list(flagPerson(world, rep, 'rep'), mine)).toEqual(['backlog']);
    expect(await list(flagPerson(world, manager, 'slm'), mine)).toEqual(['backlog']);
    expect(await list(flagPerson(world, manager, 'revops'), { kind: 'mailbox_health' })).toEqual([
      'mailbox_health',
    ]);
    expect(await list(flagAgent(world, 'AGT-303'), mine)).toEqual(['backlog']);
    expect(await list(flagAgent(world, 'AGT-202'), mine)).toEqual([]);
    // A notification stays with its recipient, even after a change of role.
    expect(await list(flagPerson(world, manager, 'auditor'), mine)).toEqual(['backlog']);
    await world.scoped((scope) => resolveFlags(scope, { ...gone, kind: 'backlog', subjects: [rep] }));
    expect(await list(flagPerson(world, rep), mine)).toEqual([]);
    expect(await list(flagPerson(world, rep), { open_only: 'false' })).toEqual(['backlog', 'mailbox_health']);
  });

  it('acknowledge and resolve once, in the caller’s name', async () => {
    const world = await flagWorld(db);
    const [rep, other] = [await world.addUser('rep'), await world.addUser('rep')];
    await raise(world);
    const [flag] = await world.flags('mailbox_health');
    expect(await acknowledge(world, flagPerson(world, rep, 'rep'), flag!.id)).toMatchObject({
      acknowledged_by_user_id: rep,
      resolved_at: null,
    });
    expect(await acknowledge(world, flagPerson(world, other, 'rep'), flag!.id)).toMatchObject({
      acknowledged_by_user_id: rep,
    });
    expect(await resolve(world, flagPerson(world, other, 'rep'), flag!.id, 'done')).toMatchObject({
      resolution: 'done',
      resolved_by_user_id: other,
      cause_gone_at: null,
    });
    for (const act of [acknowledge, resolve]) {
      await expect(act(world, flagPerson(world, rep, 'rep'), flag!.id)).rejects.toMatchObject({
        code: 'flag_resolved',
      });
      await expect(act(world, flagPerson(world, rep, 'rep'), newId(world.clock))).rejects.toMatchObject({
        code: 'not_found',
      });
      await expect(act(world, flagAgent(world, 'AGT-303'), flag!.id)).rejects.toMatchObject({
        code: 'not_human',
      });
    }
  });

  it('show users their own notifications only', async () => {
    const world = await flagWorld(db);
    const [rep, revops] = [await world.addUser('rep'), await world.addUser('revops')];
    await raise(world);
    const me = flagPerson(world, revops, 'revops');
    const [note] = (await runAs<Listed>(world, me, listNotifications, {})).items;
    expect(note).toMatchObject({ kind: 'mailbox_health', says: 'A mailbox has a problem.', read_at: null });
    const other = flagPerson(world, rep, 'rep');
    for (const someone of [other, flagAgent(world, 'AGT-303')]) {
      expect((await runAs<Listed>(world, someone, listNotifications, {})).items).toEqual([]);
      await expect(runAs(world, someone, readNotification, { id: note!.id })).rejects.toMatchObject({
        code: 'not_found',
      });
    }
    const read_at = world.clock.now().toISOString();
    expect(await runAs(world, me, readNotification, { id: note!.id })).toMatchObject({ read_at });
    world.clock.advance(DAY_MS);
    expect(await runAs(world, me, readNotification, { id: note!.id })).toMatchObject({ read_at });
    expect((await runAs<Listed>(world, me, listNotifications, {})).items).toEqual([]);
    const all = await runAs<Listed>(world, me, listNotifications, { unread_only: 'false' });
    expect(all.items).toHaveLength(1);
  });
});
