import { randomUUID } from 'node:crypto';
import { afterAll, expect, it } from 'vitest';
import type { MailSender } from '../../src/connectors/connector.ts';
import { smtpSender } from '../../src/connectors/smtp.ts';
import { sqlState, toAppError } from '../../src/db/errors.ts';
import { findLead } from '../../src/operations/leads/access.ts';
import { leadMergeOperations } from '../../src/operations/leads/merges.ts';
import { optOutLead } from '../../src/operations/leads/opt_out.ts';
import { all, attackersOf } from '../database/attackers.ts';
import { testDatabase } from '../database.ts';
import { machineMs } from '../faults/shared_clock.ts';
import { startStormSink } from '../faults/storm_sink.ts';
import { approveDrafts, beginData, reserve } from '../sending/send_world.ts';
import { createWorld, DAY_MS, type World } from '../world.ts';
import { readOf } from './explain_world.ts';
import { importFile } from './import_world.ts';

/* One person with several addresses, from the file to the mail server: what the server saw is the only witness. */

const { db } = await testDatabase();
const sink = await startStormSink(1, 60_000);
const smtp = smtpSender({
  url: `smtp://127.0.0.1:${sink.ports[0]}`,
  connection_timeout_ms: 5_000,
  socket_timeout_ms: 5_000,
});
afterAll(() => Promise.all([smtp.close(), sink.close()]));

const [merge] = leadMergeOperations;
const SALES = 'b2bea_membership_close';
const MARKETING = 'b2bea_membership';
const CONNECTIONS = 64;
const found = async (world: World, key: string) => (await findLead(world.context.db, world.org_id, key)).id;
const delivered = () => sink.journal.filter(({ end_ms }) => end_ms !== null);
const times = <T>(run: (at: number) => Promise<T>) =>
  Promise.allSettled(Array.from({ length: CONNECTIONS }, (_, at) => run(at)));
const won = (tries: readonly PromiseSettledResult<unknown>[]) =>
  tries.filter(({ status }) => status === 'fulfilled').length;

const codesOf = (tries: readonly PromiseSettledResult<unknown>[]) => [
  ...new Set(tries.map((one) => (one.status === 'rejected' ? sqlState(one.reason) : 'none'))),
];

/** Two workers run while every pending draft is approved; returns the messages that the server accepted. */
async function workDay(world: World, during: () => Promise<unknown> = async () => {}): Promise<number> {
  const before = delivered().length;
  await world.work();
  const drafted = await world.rows<{ lead_id: string }>('sales_send_queue', `status = 'drafted'`);
  const approvals = drafted.map(({ lead_id }) => world.approve(lead_id).catch(() => undefined));
  await Promise.all([...approvals, during(), world.work()]);
  return delivered().length - before;
}

it('one person has one message a day and none after an opt-out, through imports and merges during sends', {
  timeout: 120_000,
}, async () => {
  /** Runs once, when a message has passed the last check and the server waits for its text. */
  let duringSend: (() => Promise<unknown>) | null = null;
  const mail: MailSender = {
    ...smtp,
    send: (message, hooks) =>
      smtp.send(message, {
        ...hooks,
        beforeData: async () => {
          const may = (await hooks?.beforeData?.()) ?? true;
          const run = duringSend;
          duringSend = null;
          if (may) await run?.();
          return may;
        },
      }),
  };
  const world = await createWorld(db, { mail });
  const first = 'Email,Email 2,Tier\nann@a.example,ann@b.example,T2\n';
  await importFile(world, first);
  await importFile(world, first.replaceAll('ann@', 'ANN@'));
  await importFile(world, 'Email,Other emails,Tier\nann@c.example,"ann@d.example; ann@e.example",T2\n');
  expect(await world.rows('leads')).toHaveLength(2);
  const [kept, gone] = [await found(world, 'ann@b.example'), await found(world, 'Ann@E.example')];
  for (const id of [kept, gone]) for (const slug of [SALES, MARKETING]) await world.request(id, slug);
  const merging = () => readOf(world, merge, { id: kept, other_lead_id: gone });
  const refusals: unknown[] = [];
  duringSend = () => merging().catch((error) => refusals.push(toAppError(error)?.code));
  await workDay(world);
  expect(refusals).toEqual(['already_leaving']);

  world.clock.advance(4 * DAY_MS);
  let merged_ms = 0;
  const mergeSoon = async () => {
    for (let tries = 0; merged_ms === 0 && tries < 200; tries += 1) {
      await merging().then(
        () => {
          merged_ms = machineMs();
        },
        (error) => expect(['already_leaving', 'busy']).toContain(toAppError(error)?.code),
      );
    }
  };
  const before = delivered().length;
  await workDay(world, mergeSoon);
  expect(await world.rows('lead_merges')).toHaveLength(1);
  const [earlier, later] = [true, false].map(
    (is_earlier) =>
      delivered().filter(({ end_ms }, at) => at >= before && end_ms! < merged_ms === is_earlier).length,
  );
  // Until the merge, the file named two people. A touch of either leaves the day no room afterward.
  expect(later).toBeLessThanOrEqual(earlier! > 0 ? 0 : 1);

  const each_day: number[] = [];
  for (let day = 0; day < 8; day += 1) {
    world.clock.advance(DAY_MS);
    each_day.push(await workDay(world));
  }
  expect(Math.max(...each_day)).toBe(1);

  for (const slug of [SALES, MARKETING, 'b2bea_membership_cs']) await world.request(kept, slug);
  world.clock.advance(DAY_MS);
  let no_ms = 0;
  const optOut = async () => {
    await readOf(world, optOutLead, { id: 'ann@e.example', reason: 'answered from another address' });
    no_ms = machineMs();
  };
  await workDay(world, optOut);
  await importFile(world, 'Email,Email 2,Tier\nann@f.example,ann@d.example,T2\n');
  expect(await found(world, 'ann@f.example')).toBe(kept);
  for (let day = 0; day < 4; day += 1) {
    await world.request(kept, day % 2 === 0 ? SALES : MARKETING);
    world.clock.advance(DAY_MS);
    expect(await workDay(world)).toBe(0);
  }
  expect(sink.journal.filter(({ data_ms }) => data_ms !== null && data_ms > no_ms)).toEqual([]);
  expect(new Set(delivered().map(({ to }) => to.toLowerCase()))).toEqual(
    new Set(['ann@a.example', 'ann@c.example']),
  );
  const suppressed = await world.rows<{ value: string }>('suppressions', 'lifted_at IS NULL ORDER BY value');
  expect(suppressed.map(({ value }) => value)).toEqual([...'abcdef'].map((name) => `ann@${name}.example`));
});

it('refuses a second lead and a second enrollment of the person by direct SQL, for 64 connections at once', async () => {
  const world = await createWorld(db);
  const ann = await world.addLead({ email: 'ann@acme.example', crm_contact_id: 'crm-1' });
  await world.request(ann, MARKETING);
  const { as } = await attackersOf(db, world);
  const inserting = (columns: string, values: string) =>
    as('admin', (tx) =>
      tx.query(`INSERT INTO leads (org_id, id, ${columns}) VALUES ($1, gen_random_uuid(), ${values})`, [
        world.org_id,
      ]),
    );
  const letters = (text: string, at: number) =>
    [...text].map((one, place) => ((at >> (place % 6)) % 2 ? one.toUpperCase() : one)).join('');
  expect(won(await times((at) => inserting('email', `'${letters('ann', at)}@Acme.example'`)))).toBe(0);
  expect(won(await times((at) => inserting('email', `'${letters('newone', at)}@acme.example'`)))).toBe(1);
  const crm = (id: string) => (at: number) =>
    inserting('email, crm_contact_id', `'x${at}@${id}.example', '${id}'`);
  expect(won(await times(crm('crm-1')))).toBe(0);
  expect(won(await times(crm('crm-2')))).toBe(1);
  const again = await times(() =>
    as('coordinator', (tx) =>
      tx.query(
        `INSERT INTO campaign_contacts (org_id, id, contact_id, request_id, requested_by, lead_id, campaign_id, client_id, status, current_step, enrolled_at)
         SELECT org_id, gen_random_uuid(), contact_id, request_id, requested_by, lead_id, campaign_id, client_id, status, current_step, enrolled_at
         FROM campaign_contacts WHERE lead_id = $1`,
        [ann],
      ),
    ),
  );
  expect(codesOf(again)).toEqual(['23505']);
});

it('lets no message beyond the daily cap of the person, or without its touch, reach DATA: TL016', async () => {
  const world = await createWorld(db);
  const lead_id = await world.addLead();
  for (const slug of ['dreamborn', MARKETING]) await world.request(lead_id, slug);
  await world.work();
  await approveDrafts(world);
  const [send, ...others] = await reserve(world);
  expect(others).toEqual([]);
  expect(await beginData(world, send!)).toBe(true);
  const { as } = await attackersOf(db, world);
  const touch = `INSERT INTO touches (org_id, id, lead_id, enrollment_id, queue_id, campaign_id, channel, sequence_type, touched_at,
      outcome)
    SELECT q.org_id, gen_random_uuid(), q.lead_id, q.enrollment_id, q.id, q.campaign_id, q.channel, c.sequence_type, t.touched_at,
           'reserved'
    FROM sales_send_queue q JOIN campaigns c ON c.id = q.campaign_id JOIN touches t ON t.queue_id = $1
    WHERE q.lead_id = $2 AND q.id <> $1`;
  const attempt = `INSERT INTO send_attempts (org_id, id, queue_id, draft_id, mailbox_id, content_hash, message_id, stage, policy_version,
      lease_until, started_at, recipient_domain)
    SELECT q.org_id, $3, q.id, d.id, a.mailbox_id, d.content_hash, gen_random_uuid()::text, 'intent', a.policy_version, a.lease_until,
           a.started_at, a.recipient_domain
    FROM sales_send_queue q JOIN staged_drafts d ON d.id = q.staged_draft_id JOIN send_attempts a ON a.queue_id = $1
    WHERE q.lead_id = $2 AND q.id <> $1`;
  const tries = await times((at) =>
    as('coordinator', async (tx) => {
      const id = randomUUID();
      const about = [send!.item.id, lead_id];
      if (at % 2 === 0) expect((await tx.query(touch, about)).rowCount).toBe(1);
      expect((await tx.query(attempt, [...about, id])).rowCount).toBe(1);
      return (await tx.query(`UPDATE send_attempts SET stage = 'data' WHERE id = $1`, [id])).rowCount;
    }),
  );
  expect(codesOf(tries)).toEqual(['TL016']);
});

it('takes the day of a touch from its instant in the time zone of the lead', async () => {
  const world = await createWorld(db);
  const lead_id = await world.addLead({ time_zone: 'America/New_York' });
  await world.request(lead_id, MARKETING);
  await world.work();
  const { as, tried } = await attackersOf(db, world);
  const insert = (columns: string, values: string) =>
    `INSERT INTO touches (org_id, id, lead_id, enrollment_id, queue_id, campaign_id, channel, sequence_type, touched_at, outcome,
       time_zone${columns})
     SELECT q.org_id, gen_random_uuid(), q.lead_id, q.enrollment_id, q.id, q.campaign_id, q.channel, c.sequence_type,
       '2026-11-24T23:00Z', 'reserved', 'Pacific/Auckland'${values}
     FROM sales_send_queue q JOIN campaigns c ON c.id = q.campaign_id WHERE q.org_id = $1
     RETURNING local_day::text, time_zone`;
  const of_another_day = await tried(
    [insert(', local_day', `, '2026-10-25'`), [world.org_id]],
    ['coordinator'],
  );
  expect(of_another_day).toEqual({ coordinator: '428C9' });
  const reserved = await as('coordinator', (tx) => tx.query(insert('', ''), [world.org_id]));
  expect(reserved.rows).toEqual([{ local_day: '2026-11-24', time_zone: 'America/New_York' }]);
});

it('lets only the coordinator reserve a touch: TL004', async () => {
  const world = await createWorld(db);
  await world.request(await world.addLead(), MARKETING);
  await world.work();
  const { tried } = await attackersOf(db, world);
  const reserving = `INSERT INTO touches (org_id, id, lead_id, enrollment_id, queue_id, campaign_id, channel, sequence_type, touched_at,
      outcome)
    SELECT q.org_id, gen_random_uuid(), q.lead_id, q.enrollment_id, q.id, q.campaign_id, q.channel, c.sequence_type, now(), 'reserved'
    FROM sales_send_queue q JOIN campaigns c ON c.id = q.campaign_id WHERE q.org_id = $1`;
  const said = await tried([reserving, [world.org_id]]);
  expect(said).toMatchObject({ admin: 'TL004', rep: 'TL004', system: 'TL004', coordinator: null });
});

// touches_keep, touches_identity, touches_of_item, leads_last_touch_derived
it('lets no person settle a touch or move its time, and no one set the last touch of a lead', async () => {
  const world = await createWorld(db);
  const lead_id = await world.addLead();
  await world.request(lead_id, MARKETING);
  await world.work();
  const { as, tried } = await attackersOf(db, world);
  await as('coordinator', (tx) =>
    tx.query(
      `INSERT INTO touches (org_id, id, lead_id, enrollment_id, queue_id, campaign_id, channel, sequence_type, touched_at, outcome)
       SELECT q.org_id, gen_random_uuid(), q.lead_id, q.enrollment_id, q.id, q.campaign_id, q.channel, c.sequence_type, $2, 'reserved'
       FROM sales_send_queue q JOIN campaigns c ON c.id = q.campaign_id WHERE q.org_id = $1`,
      [world.org_id, world.clock.now()],
    ),
  );
  const people = ['admin', 'rep'] as const;
  const change = (set: string) => [`UPDATE touches SET ${set} WHERE org_id = $1`, [world.org_id]] as const;
  expect(await tried(change(`touched_at = touched_at + interval '3 days'`), people)).toEqual(
    all('TL004', people),
  );
  expect(await tried(change(`outcome = 'sent', settled_at = now()`), people)).toEqual(all('TL004', people));
  expect(await tried(change(`time_zone = 'Pacific/Honolulu'`), [...people, 'coordinator'])).toEqual(
    all('TL012', [...people, 'coordinator']),
  );
  const everyone = ['admin', 'rep', 'coordinator', 'system'] as const;
  const last = ['UPDATE leads SET last_touch_at = now() WHERE id = $1', [lead_id]] as const;
  expect(await tried(last, everyone)).toEqual(all('TL004', everyone));
  // leads_cadence_derived
  const others = ['admin', 'rep', 'system'] as const;
  for (const set of [`cadence_state = 'idle'`, 'current_step = 7', 'active_sequence_id = NULL']) {
    const attack = [`UPDATE leads SET ${set} WHERE id = $1`, [lead_id]] as const;
    expect(await tried(attack, others), set).toEqual(all('TL004', others));
  }
});
