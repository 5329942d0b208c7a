import { describe, expect, it } from 'vitest';
import { coordinatorActor } from '../../src/coordinator/gate/scope.ts';
import { sqlState } from '../../src/db/errors.ts';
import { transaction } from '../../src/db/pool.ts';
import { actorOf } from '../../src/principal.ts';
import { tamper, verify } from '../audit/chain_world.ts';
import { testDatabase } from '../database.ts';
import { approve, beginData, deliver, record, reserve, scripted } from '../sending/send_world.ts';
import { type TaskWorld, taskWorld } from '../tasks/task_calls.ts';
import { EMAIL, livedIn, NAMES, placesOf } from './erasure_world.ts';
import { importFile } from './import_world.ts';

/* After an erasure no table contains anything about the person, and the logs are still as they were written. */

const { db } = await testDatabase();

const erase = (world: TaskWorld, id: string) =>
  world.call('erase_lead', world.person, { id, reason: 'They asked us to.' });

describe('erasing a lead', () => {
  it('leaves no personal data in any table, and both logs as they were written', async () => {
    const world = await taskWorld(db);
    const id = await livedIn(db, world);
    const before = (await verify(world)).head_hash;
    const tables = new Set(
      (await placesOf(db, [EMAIL, ...NAMES])).map((place) => place.split(':')[0]!.replace(/_\d.*/, '')),
    );
    for (const table of [
      'leads',
      'staged_drafts',
      'audit_log',
      'cadence_event_log',
      'suppressions',
      'idempotency_keys',
      'inbound_messages',
    ])
      expect([...tables].join(' '), table).toContain(table);
    const answer = await erase(world, id);
    expect(answer).toMatchObject({ id, changed: true });
    expect(answer.log_row_count).toBeGreaterThan(5);
    expect(await placesOf(db, [EMAIL, ...NAMES])).toEqual([]);
    expect(await verify(world, before)).toMatchObject({ ok: true, finding: null });
    expect(await verify(world)).toMatchObject({ ok: true });
    expect(await erase(world, id)).toMatchObject({ changed: false, log_row_count: answer.log_row_count });
    expect(await world.call('explain_lead', world.person, { id })).toMatchObject({});
    expect(await world.call('timeline_lead', world.person, { id })).toMatchObject({});
    const touches = await world.rows('touches', `lead_id = '${id}'`);
    expect(touches).toHaveLength(1);
  });

  it('cannot rewrite the logs: any other change to them is detected', async () => {
    const world = await taskWorld(db);
    const id = await livedIn(db, world);
    await erase(world, id);
    expect(await verify(world)).toMatchObject({ ok: true });
    const forged = async (...statements: string[]) => {
      const own = await db.checkout();
      const kept = await own.query<{ id: string; detail: unknown }>(
        `SELECT id, detail FROM cadence_event_log WHERE org_id = $1 AND detail IS NOT NULL LIMIT 1`,
        [world.org_id],
      );
      own.release();
      const row = kept.rows[0]!;
      await tamper(db, async (tx) => {
        for (const statement of statements) await tx.query(statement, [row.id]);
      });
      const { ok } = await verify(world);
      await tamper(db, async (tx) => {
        await tx.query(`UPDATE cadence_event_log SET detail = $2 WHERE id = $1`, [row.id, row.detail]);
        await tx.query(
          `UPDATE log_erasures SET hash = (SELECT event_hash_2(v) FROM cadence_event_log v WHERE v.id = $1) WHERE row_id = $1`,
          [row.id],
        );
      });
      expect(await verify(world)).toMatchObject({ ok: true });
      return ok;
    };
    const rehash = `UPDATE log_erasures SET hash = (SELECT event_hash_2(v) FROM cadence_event_log v WHERE v.id = $1) WHERE row_id = $1`;
    const said = `UPDATE cadence_event_log SET detail = '{"reason": "they agreed"}' WHERE id = $1`;
    expect(await forged(said)).toBe(false);
    expect(await forged(said, rehash)).toBe(false);
    await tamper(db, async (tx) => {
      await tx.query(
        `UPDATE cadence_event_log SET actor_id = 'someone' WHERE org_id = $1 AND detail IS NOT NULL`,
        [world.org_id],
      );
      await tx.query(
        `UPDATE log_erasures x SET hash = event_hash_2(v) FROM cadence_event_log v WHERE v.id = x.row_id AND x.org_id = $1`,
        [world.org_id],
      );
    });
    expect(await verify(world)).toMatchObject({ ok: false, finding: { what: 'changed' } });
  });

  it('first ends what is open, and reports a message of unknown delivery', async () => {
    const world = await taskWorld(db);
    const open = await world.addLead({ email: 'open@prospect.example' });
    await world.request(open, 'b2bea_membership_close');
    await world.work();
    await erase(world, open);
    expect(
      await world.rows('campaign_contacts', `lead_id = '${open}' AND status IN ('active', 'paused')`),
    ).toEqual([]);
    const lead_id = await world.addLead({ email: 'unknown@prospect.example' });
    await world.request(lead_id, 'b2bea_membership_close');
    await world.work();
    await approve(world, lead_id);
    const vanish = async (_: unknown, hooks: { beforeData?: () => Promise<boolean> }) => {
      await hooks.beforeData?.();
      return { kind: 'unknown' as const, response: 'gone' };
    };
    await deliver(world, scripted(vanish));
    const asked = { id: lead_id, reason: 'They asked us to.' };
    expect(await world.refused('erase_lead', world.person, asked)).toMatchObject({
      code: 'outcome_unknown',
      status: 409,
    });
    const [lead] = await world.rows<{ opt_out_flag: boolean; erased_at: Date | null }>(
      'leads',
      `id = '${lead_id}'`,
    );
    expect(lead).toMatchObject({ opt_out_flag: true, erased_at: null });
    const { item } = await world.draftOf(lead_id);
    await world.call('resolve_queue_item', world.person, { id: item.id, went: true });
    expect(await erase(world, lead_id)).toMatchObject({ changed: true });
  });

  it('waits for a message that is being handed over', async () => {
    const world = await taskWorld(db);
    const lead_id = await world.addLead({ email: 'leaving@prospect.example' });
    await world.request(lead_id, 'b2bea_membership_close');
    await world.work();
    await approve(world, lead_id);
    const [send] = await reserve(world);
    expect(await beginData(world, send!)).toBe(true);
    const asked = { id: lead_id, reason: 'They asked us to.' };
    expect(await world.refused('erase_lead', world.person, asked)).toMatchObject({
      code: 'already_leaving',
      status: 409,
    });
    await record(world, send!, { kind: 'sent', response: '250 ok' });
    expect(await erase(world, lead_id)).toMatchObject({ changed: true });
  });

  it('happens once, however many calls arrive at once', async () => {
    const world = await taskWorld(db);
    const id = await world.addLead({ email: 'once@prospect.example' });
    const answers = await Promise.all(Array.from({ length: 6 }, () => erase(world, id)));
    expect(answers.filter(({ changed }) => changed)).toHaveLength(1);
    expect(new Set(answers.map(({ erased_at }) => erased_at)).size).toBe(1);
  });

  it('prevents a new import by a hash whose key is stored elsewhere', async () => {
    const world = await taskWorld(db);
    const id = await world.addLead({ email: 'again@prospect.example' });
    await erase(world, id);
    const csv = 'email,first_name\nother@prospect.example,Other\nAgain@Prospect.example,Again\n';
    const answer = await importFile(world, csv);
    expect(answer).toMatchObject({
      created_count: 1,
      skipped_count: 1,
      errors: [{ line: 3, column: 'email', code: 'suppressed_erased', value: null }],
    });
    expect(await world.rows('leads', `email ILIKE 'again@%'`)).toEqual([]);
  });

  it('requires the role, and cannot be undone; the shell is never contacted or filled', async () => {
    const world = await taskWorld(db);
    const id = await world.addLead();
    const rep = await world.addPerson('rep');
    const sql = `SELECT erase_lead($1, $2, 'why', ARRAY[sha256('x')], now())`;
    const as = (who: Parameters<typeof transaction>[1], text: string, values: unknown[] = []) =>
      transaction(db.app, who, (tx) => tx.query(text, values)).then(() => null, sqlState);
    const user_id = (one: typeof rep) => (one.kind === 'human' ? one.user_id : null);
    const admin = actorOf(world.person);
    expect(await as(actorOf(world.brooke), sql, [id, user_id(world.person)])).toBe('TL005');
    expect(await as(coordinatorActor(world.org_id), sql, [id, user_id(world.person)])).toBe('TL005');
    expect(await as(actorOf(rep), sql, [id, user_id(rep)])).toBe('TL022');
    expect(await as(admin, sql, [id, user_id(rep)])).toBe('TL005');
    expect(await as(admin, `UPDATE leads SET erased_at = now() WHERE id = $1`, [id])).toMatch(
      /^(TL041|23514)$/,
    );
    const campaign = 'b2bea_membership_close';
    await world.request(id, campaign);
    expect(await as(admin, sql, [id, user_id(world.person)])).toBe('TL041');
    await erase(world, id);
    for (const change of [
      `erased_at = NULL`,
      `first_name = 'Z'`,
      `email = 'z@z.example'`,
      `opt_out_flag = false, opted_out_at = NULL`,
    ])
      expect(await as(admin, `UPDATE leads SET ${change} WHERE id = $1`, [id]), change).toBe('TL040');
    for (const table of ['lead_erasures', 'log_erasures', 'erased_addresses'])
      expect(await as(admin, `DELETE FROM ${table}`), table).toBe('42501');
    // Setting the flag does not make the session the owner.
    const pretending = `SET LOCAL touchline.erasing = 'on'`;
    for (const change of [
      `staged_drafts SET body = 'x'`,
      `draft_rejections SET reason = 'x'`,
      `touches SET channel = 'email'`,
    ]) {
      const state = await transaction(db.app, admin, async (tx) => {
        await tx.query(pretending);
        await tx.query(`UPDATE ${change}`);
      }).then(() => null, sqlState);
      if (state !== null) expect(state, change).toMatch(/^TL0(03|06|12)$/);
    }
    const refused = (name: Parameters<typeof world.refused>[0], input: object) =>
      world.refused(name, world.person, input);
    expect(await refused('opt_out_lead', { id, action: 'lift', reason: 'x' })).toMatchObject({
      code: 'lead_erased',
    });
    expect(await refused('patch_lead', { id, first_name: 'Z' })).toMatchObject({
      code: 'lead_erased',
      status: 409,
    });
    const asked = await world.call('request_sequence', world.person, {
      lead_id: id,
      campaign_slug: campaign,
    });
    expect(asked).toMatchObject({ outcome: 'block', reason: 'compliance_block' });
    await db.query(`UPDATE campaigns SET entry = 'open' WHERE org_id = $1`, [world.org_id]);
    const enroll = `INSERT INTO campaign_contacts SELECT (jsonb_populate_record(e, jsonb_build_object(
        'id', gen_random_uuid(), 'status', 'active', 'exited_at', null, 'exit_reason', null))).*
      FROM campaign_contacts e WHERE e.lead_id = $1`;
    expect(await as(coordinatorActor(world.org_id), enroll, [id])).toBe('TL040');
  });
});

describe('an export', () => {
  it('has all data kept about a person, and about no other person', async () => {
    const world = await taskWorld(db);
    const id = await livedIn(db, world);
    const other = await world.addLead({ email: 'other@prospect.example' });
    await world.request(other, 'b2bea_membership_close');
    await world.work();
    const answer = await world.call('export_lead', world.person, { id: EMAIL });
    expect(answer.truncated).toEqual([]);
    for (const kind of [
      'enrollments',
      'requests',
      'queue',
      'drafts',
      'attempts',
      'touches',
      'tasks',
      'flags',
      'notifications',
    ])
      expect(answer[kind].length, kind).toBeGreaterThan(0);
    for (const kind of ['events', 'audit', 'suppressions'])
      expect(answer[kind].length, kind).toBeGreaterThan(0);
    const text = JSON.stringify(answer).toLowerCase();
    for (const name of NAMES) expect(text, name).toContain(name);
    expect(text).not.toContain(other);
    expect(answer.lead.id).toBe(id);
  });
});
