import { Readable } from 'node:stream';
import { expect, it } from 'vitest';
import { actingDb } from '../../src/db/acting.ts';
import { opportunityFileOperations } from '../../src/operations/leads/opportunity_file.ts';
import { actorOf } from '../../src/principal.ts';
import { testDatabase } from '../database.ts';
import { type TaskWorld, taskWorld } from '../tasks/task_calls.ts';

const { db } = await testDatabase();
const [importFile] = opportunityFileOperations;
const CAMPAIGN = 'b2bea_membership';

/** As a surface does: the body is a stream, and statements run in the caller's name. */
async function importText(world: TaskWorld, csv: string, dry_run = false) {
  const answer = await importFile.run({
    context: { ...world.context, db: actingDb(world.context.db, actorOf(world.person)) },
    principal: world.person,
    input: importFile.input.parse({ dry_run: String(dry_run) }),
    body: { stream: Readable.from([Buffer.from(csv)], { objectMode: false }), media_type: 'text/csv' },
  });
  return importFile.output.parse(answer);
}

const HEADER = 'Email,Deal name,Stage,Amount,Currency,Term,Create date,Close date,Lost reason,Owner,Deal ID';

it('creates opportunities with their lineage, and changes those whose deal is known', async () => {
  const world = await taskWorld(db);
  const lead_id = await world.addLead({ email: 'ann@acme.example' });
  await world.request(lead_id, CAMPAIGN);
  const [enrollment] = await world.rows<{ id: string }>('campaign_contacts');
  const today = world.clock.now().toISOString();
  const first = `${HEADER}\nann@acme.example,Acme,In Progress,"12,000.50",eur,24,${today},,,,D-1\n`;
  expect(await importText(world, first, true)).toMatchObject({ created_count: 1, updated_count: 0 });
  expect(await world.rows('opportunities')).toEqual([]);
  expect(await importText(world, first)).toMatchObject({ rows_read: 1, created_count: 1, error_count: 0 });
  const [made] = await world.rows('opportunities');
  expect(made).toMatchObject({
    ...{
      lead_id,
      name: 'Acme',
      stage: 'in_progress',
      amount_cents: 1_200_050,
      currency: 'EUR',
      term_months: 24,
    },
    ...{
      enrollment_id: enrollment!.id,
      source: 'file',
      crm_deal_id: 'D-1',
      created_by_user_id: world.person.user_id,
    },
  });
  const later = `email,name,stage,deal_id\nann@acme.example,Acme,won,D-1\nann@acme.example,Another,,\n`;
  expect(await importText(world, later)).toMatchObject({ created_count: 1, updated_count: 1 });
  const rows = await world.rows<{ name: string; stage: string; amount_cents: number | null }>(
    'opportunities',
  );
  expect(rows.map(({ name, stage, amount_cents }) => [name, stage, amount_cents]).toSorted()).toEqual([
    ['Acme', 'won', 1_200_050],
    ['Another', 'lead', null],
  ]);
});

it('leaves out invalid rows and lists them by line', async () => {
  const world = await taskWorld(db);
  await world.addLead({ email: 'ann@acme.example' });
  const rows = [
    'no@acme.example,Acme,,,,,,,,,',
    'ann@acme.example,,,,,,,,,,',
    'ann@acme.example,Acme,sold,,,,,,,,',
    'ann@acme.example,Acme,,twelve,EUR,,,,,,',
    'ann@acme.example,Acme,,12,,,,,,,',
    'ann@acme.example,Acme,won,,,,2098-01-01,,,,',
    'ann@acme.example,Acme,,,,,,,,no@user.example,',
    'ann@acme.example,Acme,lost,1.5,USD,,2020-01-31,2020-02-01,price,,D-2',
    'ann@acme.example,Acme,,,,,,,,,D-2',
  ];
  const answer = await importText(world, `${HEADER}\n${rows.join('\n')}\n`);
  expect(answer.errors.map(({ line, column }) => [line, column])).toEqual([
    [2, 'lead'],
    [3, 'name'],
    [4, 'stage'],
    [5, 'amount'],
    [6, 'currency'],
    [7, 'opened_at'],
    [8, 'owner'],
    [10, 'crm_deal_id'],
  ]);
  expect(answer).toMatchObject({ rows_read: 9, created_count: 1 });
  expect(await world.rows('opportunities')).toMatchObject([
    { stage: 'lost', lost_reason: 'price', amount_cents: 150, closed_at: new Date('2020-02-01T00:00:00Z') },
  ]);
  await expect(importText(world, 'name\nAcme\n')).rejects.toMatchObject({ code: 'csv_no_lead_column' });
});
