import { expect, test } from 'vitest';
import type { StagedDraftsRow } from '../../src/schema.gen.ts';
import { testDatabase } from '../database.ts';
import { createWorld } from '../world.ts';
import { absence, answer, inboundOf, leadOf, mailFrom, take, writtenLead } from './inbound_world.ts';

const { db } = await testDatabase();

test('our own sentences are not the reply’s, even if no program marked them', async () => {
  const world = await createWorld(db);
  const written = await writtenLead(world);
  const [draft] = await world.rows<StagedDraftsRow>('staged_drafts', `queue_id = '${written.queue_id}'`);
  const { id } = await take(world, answer(written, `Thanks, I will have a look.\n${draft!.body}`));
  const { text } = await inboundOf(world, id);
  expect(text).toContain('Thanks, I will have a look.');
  const sentence = draft!.body.split(/[.?!]\s/).find((one) => one.split(' ').length > 5)!;
  expect(text).not.toContain(sentence);
});

test('a subject of ours never makes a reply an automatic one', async () => {
  const world = await createWorld(db);
  const written = await writtenLead(world);
  const headers = { 'In-Reply-To': written.message_id, Subject: 'Re: Automatic reply: out of office' };
  const { id } = await take(world, mailFrom(written.email, 'What does it cost?', headers));
  expect(await inboundOf(world, id)).toMatchObject({ kind: 'reply', intent: 'question', handled_at: null });
});

test('a person’s no counts under the headers of a machine, and a machine’s words pause nothing', async () => {
  const world = await createWorld(db);
  const written = await writtenLead(world);
  const marks = { Subject: 'Re: Hello' };
  const { id } = await take(world, absence(written, 'Please remove me from your mailing list.', marks));
  expect(await inboundOf(world, id)).toMatchObject({ kind: 'unsubscribe' });
  expect(await leadOf(world, written.lead_id)).toMatchObject({ unsubscribe_flag: true });
});
