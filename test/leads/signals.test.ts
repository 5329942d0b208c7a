import { cp, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sqlState } from '../../src/db/errors.ts';
import { migrate } from '../../src/db/migrate.ts';
import { openOwnerPool } from '../../src/db/open.ts';
import { type Actor, transaction } from '../../src/db/pool.ts';
import { PERMISSIONS } from '../../src/operations/permissions.ts';
import { actorOf, type Principal } from '../../src/principal.ts';
import type { AgentKind, LeadSignalsRow, LeadsRow } from '../../src/schema.gen.ts';
import { testDatabase } from '../database.ts';
import { type TaskWorld, taskWorld } from '../tasks/task_calls.ts';
import { DAY_MS, HOUR_MS, START } from '../world.ts';
import { importFile } from './import_world.ts';

/* Signals are facts about the past with a source; the conflict matrix depends on them alone. */

const CONNECTIONS = 64;
const { db } = await testDatabase({ max: CONNECTIONS });
const SIDES = ['sales', 'marketing'] as const;

const agentOf = (world: TaskWorld, agent_id: string, agent_kind: AgentKind): Principal => ({
  ...{ kind: 'agent', org_id: world.org_id, agent_id, agent_kind, name: agent_id },
});

const as = (who: Actor, text: string, values: unknown[] = []) =>
  transaction(db.app, who, (tx) => tx.query(text, values)).then(() => null, sqlState);

const insert = `INSERT INTO lead_signals (org_id, id, lead_id, side, source, occurred_at, recorded_at)
  SELECT org_id, gen_random_uuid(), id, $2, 'webinar', $3, $4 FROM leads WHERE id = $1`;

async function leadOf(world: TaskWorld, lead_id: string): Promise<LeadsRow> {
  const [lead] = await world.rows<LeadsRow>('leads', `id = '${lead_id}'`);
  return lead!;
}

describe('a signal', () => {
  it('is recorded with its source, and the lead shows the newest of each side', async () => {
    const world = await taskWorld(db);
    const id = await world.addLead();
    const at = (hours: number) => new Date(START - hours * HOUR_MS).toISOString();
    const record = (input: object, who: Principal = world.person) =>
      world.call('record_signal', who, { id, ...input });
    const first = { side: 'sales', source: 'demo_request', detail: 'Asked for a demo.', occurred_at: at(2) };
    expect(await record(first)).toMatchObject({
      ...{ ...first, occurred_at: expect.any(String), recorded_by_kind: 'human', lead_id: id },
      recorded_by_id: world.person.kind === 'human' ? world.person.user_id : '',
    });
    await record({ side: 'sales', occurred_at: at(5) });
    await record({ side: 'marketing', source: 'webinar' }, agentOf(world, 'AGT-304', 'system'));
    expect(await leadOf(world, id)).toMatchObject({
      sales_signal_at: new Date(START - 2 * HOUR_MS),
      marketing_signal_at: new Date(START),
    });
    const page = await world.call('list_signals', world.person, { id, limit: 2 });
    expect(page.items).toMatchObject([
      { side: 'marketing', source: 'webinar', recorded_by_kind: 'agent', recorded_by_id: 'AGT-304' },
      { side: 'sales', source: 'demo_request' },
    ]);
    const rest = await world.call('list_signals', world.person, { id, cursor: page.next_cursor });
    expect(rest).toMatchObject({ items: [{ source: 'manual', detail: null }], next_cursor: null });
    expect(await record({ side: 'sales', source: 'import' }).catch((error) => error)).toMatchObject({
      code: 'input_invalid',
    });
    expect(await world.refused('record_signal', world.brooke, { id, side: 'sales' })).toMatchObject({
      errors: [{ path: 'source' }],
    });
    const ahead = { id, side: 'sales', occurred_at: new Date(START + 2 * HOUR_MS).toISOString() };
    expect(await world.refused('record_signal', world.person, ahead)).toMatchObject({
      ...{ code: 'signal_in_future', status: 422, errors: [{ path: 'occurred_at' }] },
    });
  });

  it('is the newest of all, however many are recorded at once', async () => {
    const world = await taskWorld(db);
    const id = await world.addLead();
    const times = Array.from({ length: CONNECTIONS }, (_, at) => new Date(START - ((at * 37) % 64) * 1_000));
    const all = times.map((at) => as(actorOf(world.person), insert, [id, 'sales', at, new Date(START)]));
    expect(new Set(await Promise.all(all))).toEqual(new Set([null]));
    expect(await leadOf(world, id)).toMatchObject({ sales_signal_at: new Date(START) });
  });

  it('stays as recorded, whoever writes, and its derived columns cannot be set', async () => {
    const world = await taskWorld(db);
    const { org_id } = world;
    const id = await world.addLead({ sales_signal_at: new Date(START - DAY_MS) });
    const actors = [
      actorOf(world.person),
      ...['AGT-202', 'AGT-901', 'roles.sales'].map((agent) => ({
        org_id,
        kind: 'agent' as const,
        id: agent,
      })),
      { org_id, kind: 'coordinator' as const, id: 'AGT-302' },
      { org_id, kind: 'system' as const, id: 'setup' },
    ];
    for (const actor of actors) {
      for (const change of [
        'UPDATE lead_signals SET occurred_at = now()',
        'DELETE FROM lead_signals',
        'TRUNCATE lead_signals',
      ])
        expect(await as(actor, change), `${actor.id}: ${change}`).toBe('42501');
      for (const value of [`'9999-01-01'`, 'NULL', `'2026-11-01'`]) {
        const set = `UPDATE leads SET sales_signal_at = ${value} WHERE id = $1`;
        expect(await as(actor, set, [id]), `${actor.id}: ${set}`).toBe(
          actor.kind === 'agent' ? 'TL005' : 'TL061',
        );
      }
    }
    const born = `INSERT INTO leads (org_id, id, email, marketing_signal_at) VALUES ($1, gen_random_uuid(), 'a@b.example', now())`;
    expect(await as(actors[0]!, born, [org_id])).toBe('TL061');
    for (const change of [
      'UPDATE lead_signals SET detail = NULL',
      'DELETE FROM lead_signals',
      'TRUNCATE lead_signals',
    ])
      expect(await db.query(change).then(() => null, sqlState), change).toBe('TL003');
    expect(await leadOf(world, id)).toMatchObject({ sales_signal_at: new Date(START - DAY_MS) });
  });

  it('belongs to an agent’s own side, as the permission table says, by SQL and by the operation', async () => {
    const world = await taskWorld(db);
    const id = await world.addLead();
    const { agents, own_side = [] } = PERMISSIONS.record_signal;
    const asked = await world.rows<{ id: string; kind: AgentKind; side: string | null }>('agents');
    expect(asked.filter(({ kind, side }) => kind === 'role' && side !== null).length).toBeGreaterThan(1);
    for (const agent of asked) {
      for (const side of SIDES) {
        const may = agents.includes(agent.kind) && (!own_side.includes(agent.kind) || agent.side === side);
        const who = agentOf(world, agent.id, agent.kind);
        const at = new Date(START);
        expect(await as(actorOf(who), insert, [id, side, at, at]), `${agent.id}: ${side}`).toBe(
          may ? null : 'TL064',
        );
        const asking = { id, side, source: 'webinar' };
        if (may) await world.call('record_signal', who, asking);
        else {
          expect(await world.refused('record_signal', who, asking)).toMatchObject({
            ...{ code: 'field_forbidden', errors: [{ path: 'side' }] },
          });
        }
      }
    }
  });

  it('from an agent names its source: only people report manual ones', async () => {
    const world = await taskWorld(db);
    const id = await world.addLead();
    const who = agentOf(world, 'AGT-304', 'system');
    expect(await world.refused('record_signal', who, { id, side: 'sales', source: 'manual' })).toMatchObject({
      code: 'input_invalid',
      errors: [{ path: 'source' }],
    });
    const manual = insert.replace(`'webinar'`, `'manual'`);
    const at = new Date(START);
    expect(await as(actorOf(who), manual, [id, 'sales', at, at])).toBe('TL064');
    expect(await as(actorOf(world.person), manual, [id, 'sales', at, at])).toBeNull();
  });

  it('is imported with a file, once, and never dated in the future', async () => {
    const world = await taskWorld(db);
    const day = new Date(START + DAY_MS).toISOString().slice(0, 10);
    const csv = [
      'email,sales_signal_at,marketing_signal_at',
      'a@x.example,2026-11-02,',
      'b@x.example,2026-11-02T10:00:00Z,2026-11-03',
      'c@x.example,9999-01-01,',
      'd@x.example,,2026-11-24T12:00:01Z',
      // At noon in London this day has begun in Kiritimati.
      `e@x.example,${day},`,
    ].join('\n');
    const answer = await importFile(world, csv);
    expect(answer.errors.map(({ line, code }) => `${line} ${code}`)).toEqual([
      '4 instant_in_future',
      '5 instant_in_future',
    ]);
    expect(answer).toMatchObject({ created_count: 3, updated_count: 0 });
    const signals = await world.rows<LeadSignalsRow>('lead_signals', 'true ORDER BY occurred_at');
    expect(signals.map(({ source, side, occurred_at }) => [source, side, occurred_at])).toEqual([
      ['import', 'sales', new Date('2026-11-02')],
      ['import', 'sales', new Date('2026-11-02T10:00:00Z')],
      ['import', 'marketing', new Date('2026-11-03')],
      ['import', 'sales', new Date(START)],
    ]);
    world.clock.advance(HOUR_MS);
    const again = 'email,sales_signal_at\na@x.example,2026-11-02\nb@x.example,2026-11-04\n';
    expect(await importFile(world, again)).toMatchObject({ updated_count: 1, unchanged_count: 1 });
    expect(await world.rows('lead_signals')).toHaveLength(5);
    const forged = insert.replace(`'webinar'`, `'import'`);
    const at = new Date(START);
    expect(await as(actorOf(world.person), forged, [signals[0]!.lead_id, 'sales', at, at])).toBe('23514');
  });

  it('of an erased person keeps no text, and none is added', async () => {
    const world = await taskWorld(db);
    const id = await world.addLead();
    await world.call('record_signal', world.person, { id, side: 'sales', detail: 'Likes brindlewicks.' });
    const exported = await world.call('export_lead', world.person, { id });
    expect(exported.signals).toMatchObject([{ detail: 'Likes brindlewicks.' }]);
    await world.call('erase_lead', world.person, { id, reason: 'asked' });
    expect(await world.rows('lead_signals')).toMatchObject([{ detail: null, source: 'manual' }]);
    expect(JSON.stringify(await world.rows('audit_log'))).not.toContain('brindlewick');
    const at = new Date(START - DAY_MS);
    expect(await as(actorOf(world.person), insert, [id, 'sales', at, at])).toBe('TL040');
  });

  it('is dated by the server where the clock is the server’s', async () => {
    const world = await taskWorld(db);
    const id = await world.addLead();
    await db.query('DELETE FROM simulated_clock');
    try {
      const actor = { org_id: world.org_id, kind: 'agent', id: 'AGT-202' } as const;
      for (const ahead of ['9999-01-01', new Date(Date.now() + DAY_MS)])
        expect(await as(actor, insert, [id, 'sales', ahead, '9999-12-31'])).toBe('TL062');
      expect(
        await as(actor, insert, [id, 'sales', new Date(Date.now() + HOUR_MS / 2), '9999-12-31']),
      ).toBeNull();
      const [{ occurred_at, recorded_at } = {} as LeadSignalsRow] =
        await world.rows<LeadSignalsRow>('lead_signals');
      expect(occurred_at).toEqual(recorded_at);
      expect(Math.abs(recorded_at.getTime() - Date.now())).toBeLessThan(HOUR_MS);
    } finally {
      await db.query('INSERT INTO simulated_clock (since) VALUES (now())');
    }
  });
});

it('is created from an older version’s columns, unless its time is in the future', async () => {
  const { db: admin, owner_url } = await testDatabase({ empty: true });
  const dir = await mkdtemp(join(tmpdir(), 'before-signals-'));
  const sql = new URL('../../db/', import.meta.url).pathname;
  await mkdir(join(dir, 'migrations'));
  const all = (await readdir(join(sql, 'migrations'))).sort();
  const older = all.slice(
    0,
    all.findIndex((name) => name.endsWith('_lead_signals.sql')),
  );
  for (const name of older) await cp(join(sql, 'migrations', name), join(dir, 'migrations', name));
  const owner = await openOwnerPool({ url: owner_url, max: 2 });
  try {
    await migrate(owner, { dir });
    const org_id = crypto.randomUUID();
    await admin.query(
      `INSERT INTO organizations (org_id, slug, name, time_zone, postal_address, sender_name, sender_address)
       VALUES ($1, 'old', 'Old', 'Europe/London', 'x', 'x', 'x@x.example')`,
      [org_id],
    );
    await admin.query(
      `INSERT INTO leads (org_id, id, email, sales_signal_at, marketing_signal_at)
       VALUES ($1, gen_random_uuid(), 'a@x.example', '2026-01-02', '9999-01-01'),
              ($1, gen_random_uuid(), 'b@x.example', NULL, '2026-01-03'),
              ($1, gen_random_uuid(), 'c@x.example', NULL, NULL)`,
      [org_id],
    );
    await admin.query(
      `INSERT INTO agents (org_id, id, kind, display_name) VALUES ($1, 'roles.sales', 'role', 'B')`,
      [org_id],
    );
    await migrate(owner);
    const { rows: leads } = await admin.query(
      'SELECT email, sales_signal_at, marketing_signal_at FROM leads ORDER BY email',
    );
    expect(leads).toEqual([
      { email: 'a@x.example', sales_signal_at: new Date('2026-01-02'), marketing_signal_at: null },
      { email: 'b@x.example', sales_signal_at: null, marketing_signal_at: new Date('2026-01-03') },
      { email: 'c@x.example', sales_signal_at: null, marketing_signal_at: null },
    ]);
    const { rows: signals } = await admin.query(
      'SELECT side, source, recorded_by_kind FROM lead_signals ORDER BY occurred_at',
    );
    expect(signals).toEqual([
      { side: 'sales', source: 'before_signals', recorded_by_kind: 'system' },
      { side: 'marketing', source: 'before_signals', recorded_by_kind: 'system' },
    ]);
    const { rows: agents } = await admin.query('SELECT side FROM agents');
    expect(agents).toEqual([{ side: 'sales' }]);
  } finally {
    await owner.close();
    await rm(dir, { recursive: true });
  }
});
