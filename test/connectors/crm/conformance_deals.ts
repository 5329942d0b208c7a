import { expect, test } from 'vitest';
import { stored } from './conformance_records.ts';
import { type CrmBench, done, patiently, prepared } from './crm_bench.ts';

const MINUTE_MS = 60_000;

async function dealOf(bench: CrmBench, reference = 'deal-1') {
  const { stageOf, owner_id, currency } = await prepared(bench);
  const person_id = bench.user.createPerson('pat@acme.example');
  const company_id = bench.user.createCompany('Acme', 'acme.example');
  const amount = { value: 1200.5, currency };
  const deal = {
    reference,
    name: 'Acme',
    stage_id: stageOf('open'),
    owner_id,
    amount,
    person_ids: [person_id],
    company_id,
  };
  return { deal, stageOf, owner_id, currency, person_id, company_id };
}

export function dealCases(current: () => CrmBench): void {
  test('a deal is created once per reference, and an existing deal stays as it is', async () => {
    const bench = current();
    const { crm, user } = bench;
    const { deal, stageOf } = await dealOf(bench);
    const first = await done(bench, () => crm.ensureDeal(deal));
    const { reference, ...values } = deal;
    expect(await stored(bench, 'deal', first.record_id)).toMatchObject({ ...values, reference });
    user.moveDeal(first.record_id, stageOf('won'));
    const second = await done(bench, () => crm.ensureDeal({ ...deal, name: 'Another name' }));
    expect(second.record_id).toBe(first.record_id);
    const kept = await stored(bench, 'deal', first.record_id);
    expect(kept).toMatchObject({ name: 'Acme', stage_id: stageOf('won') });
    const other = await done(bench, () => crm.ensureDeal({ ...deal, reference: 'deal-2' }));
    expect(other.record_id).not.toBe(first.record_id);
  });

  test('concurrent calls create one deal', async () => {
    const bench = current();
    const { deal } = await dealOf(bench);
    const others = Array.from({ length: 5 }, () => bench.connect());
    const made = await Promise.all(others.map((crm) => done(bench, () => crm.ensureDeal(deal))));
    expect(new Set(made.map(({ record_id }) => record_id)).size).toBe(1);
    await Promise.all(others.map((crm) => crm.close()));
  });

  test('changes move the stage, amount, and owner; links of others stay', async () => {
    const bench = current();
    const { crm, user } = bench;
    const { deal, stageOf, currency, person_id } = await dealOf(bench);
    const { record_id } = await done(bench, () => crm.ensureDeal(deal));
    const theirs = user.createPerson('theirs@acme.example');
    user.linkPerson(record_id, theirs);
    const ours = user.createPerson('ours@acme.example');
    const amount = { value: 99, currency };
    const changes = { stage_id: stageOf('lost'), amount, person_ids: [person_id, ours] };
    for (const _ of [1, 2]) await done(bench, () => crm.changeDeal(record_id, changes));
    const changed = await stored(bench, 'deal', record_id);
    expect(changed).toMatchObject({ name: 'Acme', stage_id: stageOf('lost'), amount });
    expect([...changed.person_ids].sort()).toEqual([person_id, theirs, ours].sort());
  });

  test('another currency, an unknown stage, and an unknown owner are refused', async () => {
    const bench = current();
    const { crm } = bench;
    const { deal } = await dealOf(bench);
    const unknown = '11111111-1111-4111-8111-111111111111';
    const before = bench.writes();
    const foreign = { ...deal, amount: { value: 1, currency: 'JPY' } };
    expect(await patiently(bench, () => crm.ensureDeal(foreign))).toMatchObject({
      kind: 'refused',
      path: 'amount.currency',
    });
    for (const fault of [{ stage_id: unknown }, { owner_id: unknown }])
      expect(await patiently(bench, () => crm.ensureDeal({ ...deal, ...fault }))).toMatchObject({
        kind: 'refused',
      });
    expect(bench.writes()).toBe(before);
  });

  test('a deal without the reference attribute is refused', async () => {
    const bench = current();
    const { stages, owners } = await done(bench, () => bench.crm.describe());
    const { stage_id } = stages[0]!;
    const { owner_id } = owners[0]!;
    const deal = { reference: 'deal-1', name: 'Acme', stage_id, owner_id, person_ids: [] };
    expect(await patiently(bench, () => bench.crm.ensureDeal(deal))).toMatchObject({ kind: 'refused' });
    expect(bench.writes()).toBe(0);
  });

  test('changes of a missing deal are missing', async () => {
    const bench = current();
    const { deal, stageOf } = await dealOf(bench);
    const { record_id } = await done(bench, () => bench.crm.ensureDeal(deal));
    bench.user.deleteRecord('deal', record_id);
    const changed = await bench.crm.changeDeal(record_id, { stage_id: stageOf('won') });
    expect(changed).toMatchObject({ kind: 'missing' });
  });
}

export function activityCases(current: () => CrmBench): void {
  const note = (bench: CrmBench, person_id: string, reference: string) => ({
    person_id,
    title: 'Email sent',
    text: 'Step 1: a first line.\nA second line.',
    at: bench.now(),
    now: bench.now(),
    reference,
  });

  test('an activity is found by its reference, on its person only', async () => {
    const bench = current();
    const { crm, user } = bench;
    const person_id = user.createPerson('pat@acme.example');
    const other_id = user.createPerson('kim@acme.example');
    expect(await done(bench, () => crm.findActivity(person_id, 'touch-1'))).toBe(null);
    const made = await done(bench, () => crm.createActivity(note(bench, person_id, 'touch-1')));
    expect(await done(bench, () => crm.findActivity(person_id, 'touch-1'))).toEqual(made);
    for (const [id, reference] of [
      [other_id, 'touch-1'],
      [person_id, 'touch-'],
      [person_id, 'touch-11'],
      [person_id, 'ouch-1'],
    ] as const)
      expect(await done(bench, () => crm.findActivity(id, reference))).toBe(null);
  });

  test('an activity is found among many', async () => {
    const bench = current();
    const { crm, user } = bench;
    const person_id = user.createPerson('pat@acme.example');
    const made = [];
    for (let index = 0; index < 120; index += 1)
      made.push(await done(bench, () => crm.createActivity(note(bench, person_id, `touch-${index}`))));
    for (const index of [0, 60, 119])
      expect(await done(bench, () => crm.findActivity(person_id, `touch-${index}`))).toEqual(made[index]);
  });

  test('an activity dated ahead gets the present time', async () => {
    const bench = current();
    const person_id = bench.user.createPerson('pat@acme.example');
    const at = new Date(Date.parse(bench.now()) + MINUTE_MS).toISOString();
    const ahead = { ...note(bench, person_id, 'touch-1'), at };
    expect(await bench.crm.createActivity(ahead)).toMatchObject({ kind: 'ok' });
    const wrong = { ...ahead, now: at, reference: 'touch-2' };
    expect(await bench.crm.createActivity(wrong)).toMatchObject({ kind: 'refused' });
  });

  test('an activity of a missing person is missing', async () => {
    const bench = current();
    const person_id = bench.user.createPerson('pat@acme.example');
    bench.user.deleteRecord('person', person_id);
    expect(await bench.crm.createActivity(note(bench, person_id, 'touch-1'))).toMatchObject({
      kind: 'missing',
    });
    expect(bench.writes()).toBe(0);
  });

  test('an activity is deleted once', async () => {
    const bench = current();
    const { crm } = bench;
    const person_id = bench.user.createPerson('pat@acme.example');
    const { record_id } = await done(bench, () => crm.createActivity(note(bench, person_id, 'touch-1')));
    expect(await crm.deleteActivity(record_id)).toMatchObject({ kind: 'ok' });
    expect(await done(bench, () => crm.findActivity(person_id, 'touch-1'))).toBe(null);
    expect(await crm.deleteActivity(record_id)).toMatchObject({ kind: 'missing' });
  });

  test('a task for the owner is found by its reference', async () => {
    const bench = current();
    const { crm } = bench;
    const { deal, owner_id, person_id } = await dealOf(bench);
    const { record_id } = await done(bench, () => crm.ensureDeal(deal));
    const first = { object: 'deal', record_id } as const;
    const links = [first, { object: 'person', record_id: person_id }] as const;
    const now = bench.now();
    const task = { owner_id, text: 'Call Pat.', deadline_at: now, now, links, reference: 'task-1' };
    expect(await done(bench, () => crm.findTask(first, 'task-1'))).toBe(null);
    const made = await done(bench, () => crm.createTask({ ...task, links }));
    expect(await done(bench, () => crm.findTask(first, 'task-1'))).toEqual(made);
    expect(await done(bench, () => crm.findTask(first, 'task-11'))).toBe(null);
    const unknown = '11111111-1111-4111-8111-111111111111';
    expect(await crm.createTask({ ...task, owner_id: unknown })).toMatchObject({ kind: 'refused' });
  });
}
