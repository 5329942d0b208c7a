import { expect, it } from 'vitest';
import { localDaysAfterMs } from '../../src/core/gate/schedule.ts';
import { approveDraft } from '../../src/operations/drafts/decisions.ts';
import { draftOperations } from '../../src/operations/drafts/drafts.ts';
import { explainOperations } from '../../src/operations/leads/explain.ts';
import { sendQueueOperations } from '../../src/operations/sending/send_queue.ts';
import type { CampaignContactsRow, SalesSendQueueRow } from '../../src/schema.gen.ts';
import { testDatabase } from '../database.ts';
import { approveDrafts } from '../sending/send_world.ts';
import { createWorld, type World } from '../world.ts';

const { db } = await testDatabase();
const [explain] = explainOperations;
const [listQueue] = sendQueueOperations;
const getDraft = draftOperations.find(({ name }) => name === 'get_draft')! as Extract<
  (typeof draftOperations)[number],
  { name: 'get_draft' }
>;
/** The shipped settings, as `touchline init` creates them. Mailbox limits are left out, since they are not predicted. */
const SHIPPED = { business_hours: {}, holidays: {} };
/** A Friday noon in London, two days before clocks go back there. */
const FRIDAY = Date.parse('2026-10-23T11:00:00Z');
const LEADS = [
  { time_zone: 'Europe/Vienna', country: 'Austria' },
  { time_zone: 'America/St_Johns', country: 'CA' },
  { time_zone: 'Asia/Kolkata', country: 'IN' },
  { time_zone: 'Pacific/Apia', country: 'WS' },
  { time_zone: 'Pacific/Pago_Pago', country: 'AS' },
  { time_zone: 'Australia/Lord_Howe', country: 'AU' },
];

it('a waiting message leaves at the time that the queue, explain, and the draft show, in every time zone', async () => {
  const world = await createWorld(db, { start_ms: FRIDAY, policy: SHIPPED });
  for (const place of LEADS) {
    const lead_id = await world.addLead(place);
    for (const slug of ['b2bea_membership', 'b2bea_world', 'dreamborn']) await world.request(lead_id, slug);
  }
  await world.work();
  await approveDrafts(world);
  await world.work();
  const predicted = new Map<string, Prediction>();
  for (let left = 0; left < LEADS.length * 3; ) {
    await world.work();
    const items = await world.rows<SalesSendQueueRow>('sales_send_queue', 'step_number = 1');
    for (const item of items) notePrediction(predicted, item, world.clock.now_ms());
    const waiting = items.filter(({ status }) => status === 'held' || status === 'approved');
    if (left === 0) await expectAgreement(world, waiting);
    left = items.length - waiting.length;
    if (waiting.length > 0) world.clock.set(Math.min(...waiting.map((item) => timeOf(item))));
  }
  const sent = await world.rows<SalesSendQueueRow>('sales_send_queue', `step_number = 1 AND status = 'sent'`);
  expect(sent).toHaveLength(LEADS.length * 3);
  const left = sent.map(({ id, sent_at }) => [id, sent_at!.toISOString()]);
  const said = sent.map(({ id }) => [id, new Date(predicted.get(id)?.at_ms ?? FRIDAY).toISOString()]);
  expect(left).toEqual(said);
});

type Prediction = { status: string; at_ms: number };
type Waiting = Pick<SalesSendQueueRow, 'id' | 'lead_id' | 'status' | 'held_until' | 'scheduled_at'>;

function timeOf({ status, held_until, scheduled_at }: Waiting): number {
  return (status === 'held' ? held_until! : scheduled_at).getTime();
}

/** A hold shows its time once. An item that is deferred to the same morning as another touch of its lead is held then. */
function notePrediction(predicted: Map<string, Prediction>, item: Waiting, now_ms: number): void {
  if (item.status !== 'held' && item.status !== 'approved') return;
  const at_ms = timeOf(item);
  expect(at_ms, `${item.status} at ${new Date(now_ms).toISOString()}`).toBeGreaterThan(now_ms);
  const before = predicted.get(item.id);
  if (before?.status === item.status) expect(at_ms).toBe(before.at_ms);
  predicted.set(item.id, { status: item.status, at_ms });
}

/** The first item of each lead: those behind it are deferred to the same morning and held there. */
async function expectAgreement(world: World, waiting: readonly Waiting[]): Promise<void> {
  const call = { context: world.context, principal: world.person };
  const { items: queue } = await listQueue.run({ ...call, input: { limit: 100 } });
  for (const item of waiting) {
    const time = new Date(timeOf(item)).toISOString();
    const listed = queue.find(({ id }) => id === item.id)!;
    expect((item.status === 'held' ? listed.held_until : listed.scheduled_at)?.toISOString()).toBe(time);
    const { next } = await explain.run({ ...call, input: { id: item.lead_id } } as never);
    expect(next.map(({ at }) => at)).toContain(time);
    const { draft } = await world.draftOf(item.lead_id);
    if (item.status === 'approved' && draft.queue_id === item.id) {
      const detail = await getDraft.run({ ...call, input: { id: draft.id } });
      expect(detail.leaves_at?.toISOString()).toBe(time);
    }
  }
}

it('an approval at night says when the message leaves', async () => {
  const start_ms = Date.parse('2026-11-28T01:30:00Z');
  const world = await createWorld(db, { start_ms, policy: { ...SHIPPED, drafts: { undo_seconds: 10 } } });
  const lead_id = await world.addLead();
  await world.request(lead_id, 'b2bea_membership');
  await world.work();
  const { draft } = await world.draftOf(lead_id);
  const call = { context: world.context, principal: world.person };
  const input = { id: draft.id, content_hash: draft.content_hash };
  const approved = await approveDraft.run({ ...call, input });
  expect(approved.leaves_at).toEqual(new Date('2026-11-30T08:00:00Z'));
});

it('the steps of a campaign keep their hour and their distance when clocks change', async () => {
  // The Friday before clocks in New York go forward, at 09:15, and the one before they go back.
  for (const start of ['2026-03-06T09:15', '2026-10-30T09:15']) {
    const zone = 'America/New_York';
    const start_ms = Temporal.PlainDateTime.from(start).toZonedDateTime(zone).epochMilliseconds;
    const world = await createWorld(db, { start_ms, policy: SHIPPED });
    const lead_id = await world.addLead({ time_zone: zone });
    await world.request(lead_id, 'b2bea_membership_close');
    await world.work();
    const [begun] = await world.rows<CampaignContactsRow>('campaign_contacts');
    expect(localOf(begun!.next_send_at!, zone)).toBe(`${later(start, 3)}T09:15`);
    // The approval is an hour and a half late, so the next step is equally late by wall time.
    world.clock.advance(90 * 60_000);
    await world.approve(lead_id);
    const [spaced] = await world.rows<CampaignContactsRow>('campaign_contacts');
    expect(localOf(spaced!.next_send_at!, zone)).toBe(`${later(start, 3)}T10:45`);
  }
});

it('the database and the core count local days alike', async () => {
  const world = await createWorld(db);
  const zones = ['America/New_York', 'Australia/Lord_Howe', 'Pacific/Apia', 'Africa/Cairo', 'Asia/Kolkata'];
  const cases = zones.flatMap((zone) =>
    Array.from({ length: 400 }, (_, at) => {
      const from_ms = Date.parse('2026-02-20T00:00:00Z') + at * 17 * 3_600_000 + (at % 4) * 900_000;
      return { zone, from_ms, days: at % 9 };
    }),
  );
  for (const zone of [...zones, 'Nowhere/Atall', '+02:00']) {
    const lead_id = await world.addLead({ time_zone: zone });
    const own = cases.filter((one) => one.zone === zone || !zones.includes(zone));
    const { rows } = await db.query<{ at_ms: string }>(
      `SELECT extract(epoch FROM local_days_after($1, $2, to_timestamp(c.from_ms / 1000.0), c.days)) * 1000 AS at_ms
       FROM jsonb_to_recordset($3) AS c (from_ms float8, days int)`,
      [world.org_id, lead_id, JSON.stringify(own)],
    );
    const counted = own.map(({ from_ms, days }) => localDaysAfterMs(from_ms, days, zone));
    expect(rows.map(({ at_ms }) => Number(at_ms))).toEqual(counted);
  }
});

function localOf(at: Date, time_zone: string): string {
  return at.toTemporalInstant().toZonedDateTimeISO(time_zone).toPlainDateTime().toString().slice(0, 16);
}

function later(date_time: string, days: number): string {
  return Temporal.PlainDate.from(date_time.slice(0, 10)).add({ days }).toString();
}
