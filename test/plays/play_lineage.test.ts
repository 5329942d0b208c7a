import { expect, it } from 'vitest';
import { sqlState } from '../../src/db/errors.ts';
import { newId } from '../../src/ids.ts';
import { enrollmentOperations } from '../../src/operations/campaigns/enrollments.ts';
import { optOutLead } from '../../src/operations/leads/opt_out.ts';
import { testDatabase } from '../database.ts';
import { DAY_MS } from '../world.ts';
import { createPlayRunWorld } from './play_run_world.ts';

/* From the brain's proposal to the event: rows of a play carry its lineage, and no other row does. */

const { db } = await testDatabase();
const TABLES = [
  'sequence_requests',
  'campaign_contacts',
  'sales_send_queue',
  'touches',
  'cadence_event_log',
] as const;

type Lineage = { play_id: string | null; originating_proposal_id: string | null; campaign_id: string | null };

/** A sent touch of the play and one of another campaign; and a second lead of the play. */
async function livedWorld() {
  const world = await createPlayRunWorld(db);
  const segment = await world.addSegment();
  const lead_id = await world.addLead({ segment });
  const second = await world.addLead({ segment, icp_tier: 'T1' });
  const other = await world.addLead();
  const play_id = await world.activePlay(segment);
  await world.request(other, 'b2bea_membership');
  await world.work();
  await world.approveTouch(lead_id);
  await world.approveTouch(other);
  return { world, lead_id, second, other, play_id };
}

it('every row of the play carries the play and its proposal, and no other row has either', async () => {
  const { world, lead_id, second, play_id } = await livedWorld();
  expect(world.sent).toHaveLength(2);
  // People's actions on it belong to the play as well: pausing, resuming, an opt-out.
  const [pause, resume] = ['pause_enrollment', 'resume_enrollment'].map(
    (name) => enrollmentOperations.find((operation) => operation.name === name)!,
  );
  const [enrollment] = await world.rows<{ id: string }>('campaign_contacts', `lead_id = '${second}'`);
  for (const operation of [pause!, resume!]) {
    const input = operation.input.parse({ id: enrollment!.id, reason: 'a while' });
    await operation.run({ context: world.context, principal: world.person, input: input as never });
  }
  const opt_out = optOutLead.input.parse({ id: second, reason: 'asked' });
  await optOutLead.run({ context: world.context, principal: world.person, input: opt_out });
  world.clock.advance(5 * DAY_MS);
  await world.work();
  const { originating_proposal_id } = await world.read(play_id);
  const { id: campaign_id } = await world.campaign(play_id);
  for (const table of TABLES) {
    const rows = await world.rows<Lineage>(table);
    const own = rows.filter((row) => row.campaign_id === campaign_id);
    const others = rows.filter((row) => row.campaign_id !== campaign_id);
    expect(own.length, table).toBeGreaterThan(0);
    expect(others.length, table).toBeGreaterThan(0);
    for (const row of own) expect(row, table).toMatchObject({ play_id, originating_proposal_id });
    for (const row of others)
      expect(row, table).toMatchObject({ play_id: null, originating_proposal_id: null });
  }
  const sent = await world.rows('cadence_event_log', `lead_id = '${lead_id}' AND event_type = 'sent'`);
  expect(sent).toMatchObject([{ play_id, originating_proposal_id }]);
});

it('no statement writes another lineage into any of the five tables', async () => {
  const { world, lead_id, other, play_id } = await livedWorld();
  const second_play = await world.playIn('active');
  await world.compile(second_play);
  const foreign = await world.read(second_play);
  const none = { play_id: null, originating_proposal_id: null };
  const another = { play_id: second_play, originating_proposal_id: foreign.originating_proposal_id };
  const own = await world.read(play_id);
  const of_the_play = { play_id, originating_proposal_id: own.originating_proposal_id };
  const copies: Record<(typeof TABLES)[number], Record<string, unknown>> = {
    sequence_requests: { status: 'refused', reason: 'illegal_transition', enrollment_id: null },
    campaign_contacts: { status: 'active', current_step: 1, open_queue_id: null },
    sales_send_queue: { status: 'pending', step_number: 7, staged_draft_id: null, sent_at: null },
    touches: { outcome: 'reserved', settled_at: null },
    cadence_event_log: {},
  };
  // A completed one, so that a copy is refused for its lineage and for no other reason.
  await db.query(
    `UPDATE campaign_contacts SET status = 'converted', exited_at = now(), exit_reason = 'converted', next_send_at = NULL
     WHERE org_id = $1`,
    [world.org_id],
  );
  const tried: string[] = [];
  for (const table of TABLES) {
    const names = await writtenColumns(table);
    for (const [whose, from, lineages] of [
      ['the play', lead_id, [none, another]],
      ['another campaign', other, [of_the_play]],
    ] as const) {
      for (const lineage of lineages) {
        const columns = {
          id: newId(world.clock),
          exited_at: null,
          exit_reason: null,
          ...copies[table],
          ...lineage,
        };
        const copying = world.as(
          'coordinator',
          `INSERT INTO ${table} (${names}) SELECT ${names} FROM jsonb_populate_record(NULL::${table}, (
             SELECT to_jsonb(t) FROM ${table} t WHERE lead_id = $1 AND campaign_id IS NOT NULL ORDER BY id DESC LIMIT 1)
             || $2::jsonb)`,
          [from, JSON.stringify(columns)],
        );
        tried.push(`${table} of ${whose}: ${await copying.then(() => 'written', sqlState)}`);
      }
    }
  }
  expect(tried).toHaveLength(15);
  expect(tried.filter((line) => !line.endsWith(': TL012'))).toEqual([]);
});

/** All columns but the generated ones. */
async function writtenColumns(table: string): Promise<string> {
  const { rows } = await db.query<{ name: string }>(
    `SELECT attname AS name FROM pg_attribute
     WHERE attrelid = $1::regclass AND attnum > 0 AND attgenerated = '' AND NOT attisdropped`,
    [table],
  );
  return rows.map((row) => row.name).join(', ');
}
