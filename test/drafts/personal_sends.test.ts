import { expect, it } from 'vitest';
import { personalSendOperations } from '../../src/operations/drafts/personal_sends.ts';
import { testDatabase } from '../database.ts';
import { replaysEveryDecision } from '../gate/replay.ts';
import { defineByHand } from '../leads/by_hand.ts';
import { taskWorld } from '../tasks/task_calls.ts';
import { START } from '../world.ts';

/* A manual send is listed with everything it needs, and leaves the list once it was sent. */

const { db } = await testDatabase();

const BODY = 'Hi {{ lead.first_name }},\n\nhow are you?';
const EMAIL = { template: { subject: 'Hello & welcome', body: BODY } };
const LINKEDIN = { slug: 'by_linkedin', channel: 'linkedin', template: { body: BODY } } as const;

it('a manual send is listed with its text, link, and reason, the longest due first, until it is marked sent', async () => {
  const world = await taskWorld(db);
  const rep = await world.addPerson('rep');
  await defineByHand(db, world, EMAIL);
  await defineByHand(db, world, LINKEDIN);
  const mailed = await world.addLead({ first_name: 'Pat', email: 'pat@prospect.example' });
  const linked = await world.addLead({ linkedin_url: 'https://www.linkedin.com/in/sam' });
  const unlinked = await world.addLead({ linkedin_url: 'https://de.linkedin.com/in/sam' });
  const machine = await world.addLead();
  await world.request(mailed, 'by_hand');
  await world.work();
  world.clock.advance(60_000);
  await world.request(linked, 'by_linkedin');
  await world.request(unlinked, 'by_linkedin');
  await world.request(machine, 'b2bea_membership_close');
  await world.work();
  const { items, next_cursor } = await world.call('list_personal_sends', rep, {});
  expect(next_cursor).toBeNull();
  expect(items).toHaveLength(3);
  expect(items[0]).toMatchObject({
    lead_id: mailed,
    channel: 'email',
    due_since: new Date(START).toISOString(),
    why: 'A person sends this step.',
    body: 'Hi Pat,\n\nhow are you?',
    open_url:
      'mailto:pat@prospect.example?subject=Hello%20%26%20welcome&body=Hi%20Pat%2C%0D%0A%0D%0Ahow%20are%20you%3F',
    open_note: null,
  });
  const of = (lead_id: string) => items.find((one: { lead_id: string }) => one.lead_id === lead_id);
  expect(of(linked)).toMatchObject({
    open_url: 'https://www.linkedin.com/in/sam',
    why: 'LinkedIn lets no program send.',
  });
  expect(of(unlinked)).toMatchObject({
    open_url: null,
    open_note: expect.stringContaining('no LinkedIn profile'),
  });
  const [operation] = personalSendOperations;
  const text = operation.text!({ items, next_cursor });
  expect(text).toContain(`touchline mark sent ${items[0].id} --content-hash ${items[0].content_hash}`);
  expect(text).toContain('  Hi Pat,\n\n  how are you?');
  const first = await world.call('list_personal_sends', rep, { limit: 1 });
  const rest = await world.call('list_personal_sends', rep, { limit: 2, cursor: first.next_cursor });
  expect([...first.items, ...rest.items]).toEqual(items);
  const { id, content_hash } = items[0];
  await world.call('mark_sent', rep, { id, content_hash });
  expect((await world.call('list_personal_sends', rep, {})).items).toHaveLength(2);
  expect(operation.text!({ items: [], next_cursor: null })).toContain('No manual sends');
});

it('a manual send may not bypass the gate, and the refusal says why', async () => {
  const world = await taskWorld(db);
  const rep = await world.addPerson('rep');
  await defineByHand(db, world, EMAIL);
  const lead_id = await world.addLead();
  await world.request(lead_id, 'by_hand');
  await world.work();
  const [one] = (await world.call('list_personal_sends', rep, {})).items;
  const domain = 'prospect.example';
  await db.query(
    `INSERT INTO suppressions (org_id, id, kind, value, reason, source) VALUES ($1, gen_random_uuid(), 'domain', $2, 'asked', 'earlier')`,
    [world.org_id, domain],
  );
  const asked = { id: one.id, content_hash: one.content_hash };
  expect(await world.refused('mark_sent', rep, asked)).toMatchObject({
    code: 'gate_refused',
    extra: { reason: 'compliance_block', trace: expect.any(Array) },
  });
});

replaysEveryDecision(db, ['requested', 'dispatched', 'sent']);
