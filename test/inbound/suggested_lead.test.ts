import { expect, test } from 'vitest';
import { actingDb } from '../../src/db/acting.ts';
import { definitions } from '../../src/operations/definitions.ts';
import { actorOf } from '../../src/principal.ts';
import type { InboundMessagesRow } from '../../src/schema.gen.ts';
import { testDatabase } from '../database.ts';
import { createWorld, type World } from '../world.ts';
import { answer, enrollmentsOf, inboundOf, leadOf, take, writtenLead } from './inbound_world.ts';

const { db } = await testDatabase();

type Name = (typeof definitions)[number]['name'];

/** Runs an operation as a person of the org. */
async function run<Answer>(world: World, name: Name, input: object): Promise<Answer> {
  const operation = definitions.find((one) => one.name === name)!;
  const context = { ...world.context, db: actingDb(world.context.db, actorOf(world.person)) };
  const call = { context, principal: world.person, input: operation.input.parse(input) };
  return (await operation.run(call as never)) as Answer;
}

test('a request for a lead who left the company says so, until another address is the primary one', async () => {
  const world = await createWorld(db);
  const { lead_id, ...written } = await writtenLead(world);
  await take(world, answer({ lead_id, ...written }, 'I left the company in June.'));
  type Said = { text: string; left_company_at: string | null };
  const ask = () =>
    run<Said>(world, 'request_sequence', { lead_id, campaign_slug: 'b2bea_membership', dry_run: true });
  const left_company_at = expect.any(String);
  expect(await ask()).toMatchObject({
    left_company_at,
    text: expect.stringMatching(
      /The lead wrote on [A-Z][a-z]{2} \d+ that they left or are the wrong person\.$/,
    ),
  });
  expect((await run<Said>(world, 'get_lead', { id: lead_id })).left_company_at).not.toBeNull();
  const other = { id: lead_id, value: 'jane@new.example', is_primary: true };
  await run(world, 'add_lead_address', other);
  expect((await ask()).left_company_at).toBeNull();
});

test('a reply that a person handles as the wrong person marks the lead, until the person decides otherwise', async () => {
  const world = await createWorld(db);
  const written = await writtenLead(world);
  const { id } = await take(world, answer(written, 'I no longer look after this, sorry.'));
  type Notes = { items: { kind: string; is_done: boolean; says: string }[] };
  const notes = async () =>
    (await run<Notes>(world, 'list_notifications', {})).items.filter(({ kind }) => kind === 'reply_waiting');
  expect(await notes()).toMatchObject([{ is_done: false }]);
  await run(world, 'handle_inbound', { id, intent: 'wrong_person' });
  type Lead = { left_company_at: string | null };
  const lead = () => run<Lead>(world, 'get_lead', { id: written.lead_id });
  expect((await lead()).left_company_at).not.toBeNull();
  expect(await notes()).toMatchObject([
    { is_done: true, says: expect.stringMatching(/paused\. Already done\.$/) },
  ]);
  await run(world, 'handle_inbound', { id, intent: 'other' });
  expect((await lead()).left_company_at).toBeNull();
});

test('a person adds the suggested person as a lead, once, with the lead’s account', async () => {
  const world = await createWorld(db);
  const written = await writtenLead(world);
  const text = 'I left the company in June. Please ask Bob van Miller, bob@prospect.example.';
  const { id } = await take(world, answer(written, text));
  const added = await run<InboundMessagesRow & { is_new: boolean }>(world, 'add_suggested_lead', { id });
  expect(added).toMatchObject({ is_new: true, intent: 'wrong_person', intent_source: 'person' });
  expect(added.handled_at).not.toBeNull();
  const [own, bob] = [await leadOf(world, written.lead_id), await leadOf(world, added.suggested_lead_id!)];
  expect(bob).toMatchObject({ email: 'bob@prospect.example', first_name: 'Bob', account_id: own.account_id });
  expect(await enrollmentsOf(world, bob.id)).toEqual([]);
  expect(await world.rows('flags', `kind = 'reply_waiting' AND resolved_at IS NULL`)).toEqual([]);
  const again = { id, email: 'other@prospect.example' };
  expect(await run(world, 'add_suggested_lead', again)).toMatchObject({
    ...{ is_new: false, suggested_lead_id: bob.id },
  });
  const listed = await run<{ items: unknown[] }>(world, 'list_inbound', {
    ...{ lead_id: written.lead_id, suggesting: 'true' },
  });
  expect(listed.items).toMatchObject([{ id, suggested_email: 'bob@prospect.example' }]);
});

test('a wrong person is no refusal: the exit is that of a lead who left, and no campaign follows', async () => {
  const world = await createWorld(db);
  const written = await writtenLead(world);
  const { id } = await take(world, answer(written, 'Not my area. Please ask Bob, bob@prospect.example.'));
  await run(world, 'handle_inbound', { id, intent: 'wrong_person' });
  expect(await enrollmentsOf(world, written.lead_id)).toMatchObject([
    { status: 'rejected', exit_reason: 'left_company' },
  ]);
});

test('an existing lead is linked, an erased person is not added, and erasing them removes the suggestion', async () => {
  const world = await createWorld(db);
  const written = await writtenLead(world);
  const bob = await world.addLead({ email: 'bob@prospect.example' });
  const { id } = await take(world, answer(written, 'Not my area. Please ask Bob, bob@prospect.example.'));
  expect(await run(world, 'add_suggested_lead', { id })).toMatchObject({
    ...{ is_new: false, suggested_lead_id: bob },
  });
  await run(world, 'erase_lead', { id: bob, reason: 'They asked us to.' });
  expect(await inboundOf(world, id)).toMatchObject({
    ...{ suggested_name: null, suggested_email: null, suggested_lead_id: null },
  });
  await expect(run(world, 'add_suggested_lead', { id })).rejects.toMatchObject({
    code: 'suggestion_missing',
  });
  const late = await take(world, answer(written, 'Again: ask Bob, bob@prospect.example, not me.'));
  expect(await inboundOf(world, late.id)).toMatchObject({ suggested_email: null });
  const named = await take(world, answer(written, 'I am not the right person. Please ask Jim.'));
  await expect(
    run(world, 'add_suggested_lead', { id: named.id, email: 'bob@prospect.example' }),
  ).rejects.toMatchObject({ code: 'lead_erased' });
  await expect(run(world, 'add_suggested_lead', { id: named.id })).rejects.toMatchObject({
    code: 'mail_address_invalid',
  });
});
