import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCatcher } from '../src/connectors/catcher.ts';
import type { MailCatcher, MailSender } from '../src/connectors/connector.ts';
import { smtpSender } from '../src/connectors/smtp.ts';
import { approveDraft, editDraft, markSent, rejectDraft } from '../src/operations/drafts/decisions.ts';
import { confirmUnsubscribe } from '../src/operations/leads/unsubscribe.ts';
import { loadSample } from '../src/setup/sample.ts';
import { testDatabase } from './database.ts';
import { replaysEveryDecision } from './gate/replay.ts';
import { scale } from './scale.ts';
import { createWorld, DAY_MS, HOUR_MS, START, type World } from './world.ts';

/* Weeks of the shipped closing campaign, all eight in the long run, over the 300 sample leads: real database, real SMTP, a
   clock that moves by hours. A simulated person approves, edits, rejects and is sometimes away; some leads unsubscribe by
   the link in their mail. Then an auditor reads only the catcher's journal and the sample file. */

/** The last two steps are due in the second half. */
const WEEKS = scale(2, 8);
const { db } = await testDatabase();

type Draft = {
  id: string;
  content_hash: string;
  body: string;
  requires_personal_send: boolean;
  age_hours: number;
};
type Caught = { received_at: string; envelope: { to: string[] }; message_id: string; raw: string };

let world: World;
let catcher: MailCatcher;
let mail: MailSender;
let dir: string;
const unsubscribed_at = new Map<string, number>();

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'touchline-simulation-'));
  const lateBound: MailSender = {
    send: (message, hooks) => mail.send(message, hooks),
    verify: () => mail.verify(),
    close: () => mail.close(),
  };
  world = await createWorld(db, { mail: lateBound });
  catcher = await startCatcher({ clock: world.clock, dir });
  mail = smtpSender({ url: catcher.url, connection_timeout_ms: 5_000, socket_timeout_ms: 5_000 });
  await loadSample(world.context, world.person, 'b2bea_membership_close');
  await askForTheOthers();
  await simulate(randomNumbers(20261124));
}, 240_000);

afterAll(async () => {
  await mail.close();
  await catcher.close();
  await rm(dir, { recursive: true, force: true });
});

/** The sample requests no T3 leads. Here a user always does, and the gate has to explain its refusal. */
async function askForTheOthers(): Promise<void> {
  const left = await world.rows<{ id: string }>(
    'leads l',
    'NOT EXISTS (SELECT 1 FROM sequence_requests r WHERE r.org_id = l.org_id AND r.lead_id = l.id) ORDER BY id',
  );
  for (const { id } of left) await world.request(id, 'b2bea_membership_close');
}

async function simulate(random: () => number): Promise<void> {
  const end_ms = START + WEEKS * 7 * DAY_MS + DAY_MS;
  while (world.clock.now_ms() < end_ms) {
    await world.work();
    // Away every fourth day: drafts pile up and are sent late.
    const is_away = Math.floor((world.clock.now_ms() - START) / DAY_MS) % 4 === 3;
    if (!is_away) await decideDrafts(random);
    await world.work();
    await someoneUnsubscribes(random);
    world.clock.advance(HOUR_MS * (1 + Math.floor(random() * 9)));
  }
  await world.work();
}

async function decideDrafts(random: () => number): Promise<void> {
  const { rows } = await db.query<Draft>(
    `SELECT d.id, d.content_hash, d.body, q.requires_personal_send,
            extract(epoch FROM $2::timestamptz - d.created_at)::float8 / 3600 AS age_hours
     FROM sales_send_queue q JOIN staged_drafts d ON d.org_id = q.org_id AND d.id = q.staged_draft_id
     WHERE q.org_id = $1 AND q.status = 'drafted' ORDER BY q.scheduled_at`,
    [world.org_id, world.clock.now()],
  );
  const call = { context: world.context, principal: world.person };
  for (const draft of rows) {
    const input = { id: draft.id, content_hash: draft.content_hash };
    const dice = random();
    if (draft.requires_personal_send) {
      await markSent.run({ ...call, input: { ...input, already_sent: false } }).catch(expectGateRefused);
    } else if (dice < 0.02) {
      await rejectDraft.run({ ...call, input: { id: draft.id, reason: 'not for this one' } });
    } else if (dice < 0.05) {
      const edited = await editDraft.run({
        ...call,
        input: { ...input, body: `${draft.body}\n\nP.S. See you soon.` },
      });
      await approveDraft.run({ ...call, input: { id: edited.id, content_hash: edited.content_hash } });
    } else {
      await approveDraft.run({ ...call, input });
    }
  }
}

function expectGateRefused(error: unknown): void {
  expect(error).toMatchObject({ code: 'gate_refused' });
}

async function someoneUnsubscribes(random: () => number): Promise<void> {
  if (random() > 0.06) return;
  const { items } = await catcher.messages({ limit: 30 });
  const message = items[Math.floor(random() * items.length)];
  const header = message?.headers.find(({ name }) => name.toLowerCase() === 'list-unsubscribe');
  const token = header?.value.match(/\/u\/([\w-]+)>/)?.[1];
  if (token === undefined || message === undefined) return;
  await confirmUnsubscribe(world.worker_context, token);
  const address = message.envelope.to[0]!;
  if (!unsubscribed_at.has(address)) unsubscribed_at.set(address, world.clock.now_ms());
}

describe('weeks of the shipped campaign', () => {
  it('run, and the auditor finds no error in the journal', async () => {
    const journal = await readJournal();
    expect(journal.length).toBeGreaterThan(scale(250, 700));
    const zones = await sampleZones();
    const by_address = Map.groupBy(journal, (message) => message.envelope.to[0]!);
    const faults: string[] = [];
    for (const [address, messages] of by_address) {
      const times = messages.map((message) => Date.parse(message.received_at)).sort((a, b) => a - b);
      for (const [at, time] of times.entries()) {
        if (at >= 3 && time - times[at - 3]! < 168 * HOUR_MS)
          faults.push(`${address}: 4 in 168 h at ${time}`);
      }
      const zone = zones.get(address)!;
      const days = times.map((time) =>
        new Intl.DateTimeFormat('en-CA', { timeZone: zone, dateStyle: 'short' }).format(time),
      );
      if (new Set(days).size !== days.length) faults.push(`${address}: two on one local day`);
      const stopped_ms = unsubscribed_at.get(address);
      if (stopped_ms !== undefined && times.at(-1)! > stopped_ms)
        faults.push(`${address}: after the unsubscribe`);
    }
    expect(faults).toEqual([]);
    expect(unsubscribed_at.size).toBeGreaterThan(scale(2, 3));
  });

  it('send nothing without a person’s approval of that text, and nothing twice', async () => {
    const journal = await readJournal();
    const { rows } = await db.query<{ message_id: string; approved_at: Date; body: string }>(
      `SELECT a.message_id, p.approved_at, d.body FROM send_attempts a
       JOIN draft_approvals p ON p.org_id = a.org_id AND p.draft_id = a.draft_id AND p.content_hash = a.content_hash
       JOIN staged_drafts d ON d.org_id = a.org_id AND d.id = a.draft_id`,
    );
    const approvals = new Map(rows.map((row) => [row.message_id, row]));
    expect(new Set(journal.map((message) => message.message_id)).size).toBe(journal.length);
    for (const message of journal) {
      const approval = approvals.get(message.message_id);
      expect(approval, message.message_id).toBeDefined();
      expect(approval!.approved_at.getTime()).toBeLessThanOrEqual(Date.parse(message.received_at));
    }
  });

  it('give every lead an outcome, and a reason to each lead that was left out', async () => {
    const { rows } = await db.query<{
      email: string;
      asked: number;
      admitted: number;
      reasons: string[] | null;
      open: number;
    }>(
      `SELECT l.email,
              (SELECT count(*) FROM sequence_requests r WHERE r.org_id = l.org_id AND r.lead_id = l.id) AS asked,
              (SELECT count(*) FROM campaign_contacts e WHERE e.org_id = l.org_id AND e.lead_id = l.id) AS admitted,
              (SELECT array_agg(r.reason::text) FROM sequence_requests r
               WHERE r.org_id = l.org_id AND r.lead_id = l.id AND r.status IN ('blocked', 'refused')) AS reasons,
              (SELECT count(*) FROM campaign_contacts e
               WHERE e.org_id = l.org_id AND e.lead_id = l.id AND e.status IN ('active', 'paused')) AS open
       FROM leads l WHERE l.org_id = $1`,
      [world.org_id],
    );
    expect(rows).toHaveLength(300);
    expect(rows.filter((row) => row.asked === 0)).toEqual([]);
    expect(rows.filter((row) => row.admitted === 0 && row.reasons === null)).toEqual([]);
    const admitted = rows.filter((row) => row.admitted > 0);
    expect(admitted.length).toBeGreaterThan(150);
    expect(admitted.length).toBeLessThan(300);
  });
});

async function readJournal(): Promise<Caught[]> {
  const text = await readFile(join(dir, 'caught.jsonl'), 'utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Caught);
}

/** A lead's zone from the sample file; leads without one use the org's. */
async function sampleZones(): Promise<Map<string, string>> {
  const csv = await readFile(new URL('../samples/leads.csv', import.meta.url), 'utf8');
  const rows = parse(csv, { columns: true }) as { email: string; time_zone: string }[];
  return new Map(rows.map((row) => [row.email, row.time_zone || 'Europe/London']));
}

/** Mulberry32: the same numbers for the same seed. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

replaysEveryDecision(db, ['requested', 'dispatched', 'sent']);
