import { expect, test } from 'vitest';
import { approveDraft } from '../../src/operations/drafts/decisions.ts';
import { explainOperations } from '../../src/operations/leads/explain.ts';
import { leadOperations } from '../../src/operations/leads/leads.ts';
import { listLeadSuppressions } from '../../src/operations/leads/suppressions.ts';
import { mailboxOperations } from '../../src/operations/sending/mailboxes.ts';
import { sendQueueOperations } from '../../src/operations/sending/send_queue.ts';
import { testDatabase } from '../database.ts';
import { createWorld, DAY_MS, START, type World } from '../world.ts';
import { readOf } from './explain_world.ts';

/* The standing of a lead beside its timeline: suppressions, mailbox, and place in the queue. */

const { db } = await testDatabase();

const named = <Name extends string>(operations: readonly { name: string }[], name: Name) =>
  operations.find((one) => one.name === name);

type Suppressions = {
  items: { kind: string; since: string | null; text: string; lift: string; ends_by_lift: boolean }[];
};
const suppressions = (world: World, id: string) => readOf<Suppressions>(world, listLeadSuppressions, { id });

test('each suppression gives its date, source and author, and whether a lift ends it', async () => {
  const [world, other] = [await createWorld(db), await createWorld(db)];
  const id = await world.addLead({ email: 'Ann@x.example', abm_active: true });
  expect((await suppressions(world, id)).items).toMatchObject([{ kind: 'abm', ends_by_lift: false }]);
  await db.query(
    `INSERT INTO suppressions (org_id, id, kind, value, reason, source, created_at, until)
     VALUES ($1, gen_random_uuid(), 'address', 'ann@x.example', 'bounced', 'bounce', $2, NULL),
            ($1, gen_random_uuid(), 'domain', 'x.example', 'asked', 'earlier', $2, '2027-01-01T00:00Z'),
            ($3, gen_random_uuid(), 'address', 'ann@x.example', 'complained', 'complaint', $2, NULL)`,
    [world.org_id, new Date(START), other.org_id],
  );
  world.clock.advance(DAY_MS);
  await readOf(world, named(leadOperations, 'opt_out_lead'), { id, reason: 'on the phone' });
  const { items } = await suppressions(world, 'ann@x.example');
  expect(items.map(({ kind, since, ends_by_lift }) => [kind, since, ends_by_lift])).toEqual([
    ['opted_out', new Date(START + DAY_MS).toISOString(), true],
    ['address', new Date(START).toISOString(), false],
    ['domain', new Date(START).toISOString(), false],
    ['abm', null, false],
  ]);
  expect(items[0]!.text).toBe('Admin opted the lead out (“on the phone”). All enrollments ended.');
  expect(items[0]!.lift).toContain('Ended enrollments stay ended');
  expect(items[1]!.text).toBe('The mail server reported that this address does not exist: ann@x.example.');
  expect(items[1]!.lift).toBe(
    'It holds until RevOps or an admin lifts it in the suppression list. Lifting an opt-out does not change it.',
  );
  expect(items[2]!.lift).toMatch(/^It ends on Jan 1, 2027, or when RevOps or an admin lifts it in /);
  await expect(suppressions(other, id)).rejects.toMatchObject({ code: 'not_found', status: 404 });
});

test('a new lead has no mailbox, and later the one that sends to it', async () => {
  const [world, other] = [await createWorld(db), await createWorld(db)];
  const mailbox = (asking: World, id: string) =>
    readOf<Record<string, unknown>>(asking, named(mailboxOperations, 'get_lead_mailbox'), { id });
  const id = await world.addLead();
  expect(await mailbox(world, id)).toMatchObject({ lead_id: id, mailbox_id: null, address: null });
  await world.request(id, 'dreamborn');
  await world.work();
  await world.approve(id);
  expect(await mailbox(world, id)).toMatchObject({ address: 'justin@sender.example', reason: null });
  await expect(mailbox(other, id)).rejects.toMatchObject({ code: 'not_found', status: 404 });
});

test('leads are found by their own segment, else by their account’s', async () => {
  const [world, other] = [await createWorld(db), await createWorld(db)];
  const own = await world.addLead({ segment: 'smb', last_name: 'Smith' });
  const of_account = await world.addLead({ last_name: 'Smith', icp_tier: 'T1' });
  const overruled = await world.addLead({ segment: 'enterprise', last_name: 'Smith' });
  await other.addLead({ segment: 'smb', last_name: 'Smith' });
  await db.query(
    `UPDATE accounts a SET segment = 'smb' FROM leads l
     WHERE a.org_id = l.org_id AND a.id = l.account_id AND l.id = ANY ($1)`,
    [[of_account, overruled]],
  );
  const found = async (input: object) => {
    const list = named(leadOperations, 'list_leads');
    return (await readOf<{ items: { id: string }[] }>(world, list, input)).items.map(({ id }) => id).sort();
  };
  expect(await found({ segment: 'smb' })).toEqual([own, of_account].sort());
  expect(await found({ segment: 'smb', q: 'smith' })).toEqual([own, of_account].sort());
  expect(await found({ segment: 'smb', icp_tier: 'T1' })).toEqual([of_account]);
  expect(await found({ segment: 'smb', blocked: 'true' })).toEqual([]);
  expect(await found({ segment: 'no_such' })).toEqual([]);
});

test('held touches are listed by release time, each with its place in its lead’s queue', async () => {
  const world = await createWorld(db);
  const list = named(sendQueueOperations, 'list_send_queue');
  type Held = { items: { lead_id: string; held_place: number; held_count: number }[]; next_cursor: string };
  const held = (input: object = {}) =>
    readOf<Held>(world, list, { status: 'held', order: 'release', ...input });
  const [later, first] = [await world.addLead(), await world.addLead()];
  for (const lead_id of [later, first]) {
    for (const slug of ['b2bea_membership', 'dreamborn', 'b2bea_world']) await world.request(lead_id, slug);
    await world.work();
    for (const draft of await world.rows<{ id: string; content_hash: string }>(
      'staged_drafts',
      `queue_id IN (SELECT id FROM sales_send_queue WHERE lead_id = '${lead_id}')`,
    )) {
      await readOf(world, approveDraft, { id: draft.id, content_hash: draft.content_hash });
    }
  }
  await world.work();
  // The first lead's turn precedes the other's, and touches without a known time are last.
  await db.query(
    `UPDATE sales_send_queue SET held_until = held_until - interval '1 hour'
    WHERE org_id = $1 AND lead_id = $2 AND status = 'held'`,
    [world.org_id, first],
  );
  const all = await held();
  expect(all.items.length).toBeGreaterThanOrEqual(2);
  expect(all.items[0]).toMatchObject({ lead_id: first, held_place: 1 });
  const pages: unknown[] = [];
  let cursor: string | null = null;
  do {
    const page: Held = await held({ limit: 1, ...(cursor === null ? {} : { cursor }) });
    pages.push(...page.items);
    cursor = page.next_cursor;
  } while (cursor !== null);
  expect(pages).toEqual(all.items);
  await expect(readOf(world, list, { order: 'release' })).rejects.toMatchObject({
    code: 'input_invalid',
    errors: [{ path: 'order' }],
  });
});

type Timeline = { items: { kind: string; event_type: string; gates: { gate: string; says: string }[] }[] };
const timeline = (world: World, id: string, kind?: string) =>
  readOf<Timeline>(world, named(explainOperations, 'timeline_lead'), { id, kind });

test('a timeline is grouped by kind, each line with its gates', async () => {
  const world = await createWorld(db);
  const lead_id = await world.addLead({ abm_active: true });
  await world.request(lead_id, 'b2bea_nurture');
  await world.request(lead_id, 'dreamborn');
  const kinds = async (kind?: string) =>
    (await timeline(world, lead_id, kind)).items.map((row) => [row.kind, row.event_type]);
  expect(await kinds()).toEqual([
    ['sequences', 'enrolled'],
    ['not_sent', 'suppressed'],
  ]);
  expect(await kinds('not_sent')).toEqual([['not_sent', 'suppressed']]);
  const { items } = await timeline(world, lead_id, 'not_sent');
  expect(items[0]!.gates.map(({ gate, says }) => [gate, says])).toEqual([
    ['compliance', 'pass'],
    ['abm_backstop', 'block'],
  ]);
  expect(await kinds('answers')).toEqual([]);
});
