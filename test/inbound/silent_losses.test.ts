import { expect, test } from 'vitest';
import type { CadenceEventLogRow, InboundMessagesRow } from '../../src/schema.gen.ts';
import { testDatabase } from '../database.ts';
import { corpus } from '../mail/corpus/messages.ts';
import { scale } from '../scale.ts';
import { createWorld } from '../world.ts';
import { take, writtenLead } from './inbound_world.ts';
import { cases } from './labeled/cases.ts';
import { rendered as renderedAnswer } from './labeled/rendering.ts';
import { reports } from './reports/cases.ts';
import { rendered as renderedReport } from './reports/rendering.ts';

/* Every message that names ours has an effect, is left to a person, or states why it has none. */

const { db } = await testDatabase();
const OUR_ID = '0b6f1d2c9a@mail.ours.example';

test('no message that names ours is lost', { timeout: 300_000 }, async () => {
  const world = await createWorld(db);
  const written = await writtenLead(world);
  const own_id = written.message_id.slice(1, -1);
  const answers = cases.map((of) => renderedAnswer(of).source);
  const all = [...corpus.map(({ source }) => source), ...reports.map(renderedReport), ...answers];
  const sources = all.filter((_, at) => at % scale(6, 1) === 0);
  for (const source of sources) {
    const raw = source.toString('latin1').replaceAll(OUR_ID, own_id);
    await take(world, Buffer.from(raw, 'latin1'));
  }
  const rows = await world.rows<InboundMessagesRow>('inbound_messages', 'queue_id IS NOT NULL');
  const events = await world.rows<CadenceEventLogRow>('cadence_event_log', `detail ? 'inbound_id'`);
  const recorded = new Set(events.map(({ detail }) => (detail as { inbound_id: string }).inbound_id));
  const lost = rows.filter(
    ({ id, handled_at, reason }) => handled_at !== null && reason === null && !recorded.has(id),
  );
  expect(lost.map(({ kind, subject }) => `${kind}: ${subject}`)).toEqual([]);
  expect(rows.length).toBeGreaterThan(sources.length / 2);
});
