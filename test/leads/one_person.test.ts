import { expect, test } from 'vitest';
import { approveDraft } from '../../src/operations/drafts/decisions.ts';
import { leadMergeOperations } from '../../src/operations/leads/merges.ts';
import type { StagedDraftsRow } from '../../src/schema.gen.ts';
import { testDatabase } from '../database.ts';
import { mailFrom, take } from '../inbound/inbound_world.ts';
import { scripted } from '../sending/send_world.ts';
import { createWorld, DAY_MS, type World } from '../world.ts';
import { readOf } from './explain_world.ts';
import { importFile } from './import_world.ts';

const { db } = await testDatabase();
const [merge] = leadMergeOperations;
const CAMPAIGNS = ['b2bea_membership', 'b2bea_membership_cs', 'b2bea_nurture', 'dreamborn'];
const OWN = [
  'ann@acme.example',
  'ann.doe@acme.example',
  'ann@home.example',
  'ann@club.example',
  'a.doe@club.example',
] as const;
/** The same name at two companies: only a person can know that it is one person. */
const FILE = `Email,First name,Last name,Company,Email 2,Email 3
${OWN[0]},Ann,Doe,Acme,${OWN[1]},${OWN[2]}
${OWN[3]},Ann,Doe,Club,${OWN[4]},
`;

test('a person with five addresses, imported twice and merged during a send, gets one message a day, and none after a no', async () => {
  let merged: string | null = null;
  const merging = () => readOf(world, merge, { id: kept, other_lead_id: gone });
  // The days on which a message reached the mail server.
  const journal: string[] = [];
  const mail = scripted(async () => {
    merged ??= await merging().then(() => 'merged', String);
    journal.push(world.clock.now().toISOString().slice(0, 10));
    return true as const;
  });
  const world = await createWorld(db, { mail });
  const imported = async (file: string) => {
    const { created_count, further_address_count } = await importFile(world, file);
    return [created_count, further_address_count];
  };
  expect(await imported(FILE)).toEqual([2, 3]);
  expect(await imported(FILE.replace('ann@acme', 'Ann@ACME'))).toEqual([0, 0]);
  const [kept, gone] = await Promise.all([OWN[0], OWN[3]].map((email) => leadWith(world, email)));
  for (const lead_id of [kept!, gone!]) for (const slug of CAMPAIGNS) await world.request(lead_id, slug);

  await world.work();
  await approve(world, kept!);
  await world.work();
  expect(merged).toMatch('is being sent');
  expect(journal).toHaveLength(1);
  // Approved for the same day, before anyone knew.
  await approve(world, gone!);
  await merging();
  for (let day = 0; day < 14; day += 1) await liveOneDay(world, kept!);
  expect(journal.length).toBeGreaterThan(3);
  expect(new Set(journal).size).toBe(journal.length);

  // From another address of the person than the one that was written to.
  const [last] = await world.rows<{ message_id: string }>(
    'send_attempts',
    'true ORDER BY started_at DESC LIMIT 1',
  );
  await take(
    world,
    mailFrom(OWN[4], 'Please remove me from your list.', { 'In-Reply-To': last!.message_id }),
  );
  const sent = journal.length;
  expect(await imported(FILE)).toEqual([0, 0]);
  for (const slug of CAMPAIGNS) await world.request(kept!, slug);
  for (let day = 0; day < 14; day += 1) await liveOneDay(world, kept!);
  expect(journal).toHaveLength(sent);
  const suppressed = await world.rows<{ value: string }>('suppressions', `source = 'opt_out'`);
  expect(suppressed.map(({ value }) => value).sort()).toEqual([...OWN].sort());
});

async function leadWith(world: World, email: string): Promise<string> {
  const [lead] = await world.rows<{ id: string }>('leads', `lower(email) = '${email}'`);
  return lead!.id;
}

/** A person approves every draft to the lead that waits. */
async function approve(world: World, lead_id: string): Promise<void> {
  const waiting = await world.rows<StagedDraftsRow>(
    'staged_drafts',
    `queue_id IN (SELECT id FROM sales_send_queue WHERE lead_id = '${lead_id}' AND status = 'drafted')`,
  );
  for (const { id, content_hash } of waiting) {
    await approveDraft.run({
      context: world.context,
      principal: world.person,
      input: { id, content_hash },
    });
  }
}

async function liveOneDay(world: World, lead_id: string): Promise<void> {
  await world.work();
  await approve(world, lead_id);
  await world.work();
  world.clock.advance(DAY_MS);
}
