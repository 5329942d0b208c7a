import { expect, test } from 'vitest';
import { testDatabase } from '../database.ts';
import { createWorld } from '../world.ts';
import { absence, inboundOf, take, writtenLead } from './inbound_world.ts';

/* Effects of automatic replies, and which of them a person sees. */

const { db } = await testDatabase();

test('an absence without a Date counts its days from its receipt', async () => {
  const world = await createWorld(db);
  const written = await writtenLead(world);
  const { id } = await take(world, absence(written, 'Out of office until 4 December.', { Date: '' }));
  expect(await inboundOf(world, id)).toMatchObject({ return_date: '2026-12-05' });
});

test('a shorter absence after a longer one names no earlier day', async () => {
  const world = await createWorld(db);
  const written = await writtenLead(world);
  await take(world, absence(written, 'Out of office until 18 December 2026.'));
  await take(world, absence(written, 'Out of office until 4 December 2026.'));
  const read = await world.rows<{ until: Date | null }>(
    'cadence_event_log',
    `lead_id = '${written.lead_id}' AND event_type = 'reply_read' ORDER BY timestamp, id`,
  );
  expect(read.map(({ until }) => until?.toISOString().slice(0, 10) ?? null)).toEqual(['2026-12-22', null]);
});
