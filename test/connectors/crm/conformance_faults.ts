import { expect, test } from 'vitest';
import { stored } from './conformance_records.ts';
import { type CrmBench, done, prepared } from './crm_bench.ts';

export function faultCases(current: () => CrmBench): void {
  limitCases(current);
  lossCases(current);
}

/** An activity is one request, in every CRM. */
const activity = (bench: CrmBench, person_id: string, reference: string) => ({
  person_id,
  title: 'Email',
  text: 'Sent',
  at: bench.now(),
  now: bench.now(),
  reference,
});

function limitCases(current: () => CrmBench): void {
  test('the limit of writes is an answer with an instant, and nothing is written', async () => {
    const bench = current();
    const { crm } = bench;
    const write = crm.limits.find(({ calls }) => calls === 'write' || calls === 'all')!;
    const person_id = bench.user.createPerson('pat@acme.example');
    const outcomes = [];
    for (let index = 0; index < write.count + 10; index += 1)
      outcomes.push(await crm.createActivity(activity(bench, person_id, `touch-${index}`)));
    const limited = outcomes.flatMap((outcome) => (outcome.kind === 'limited' ? [outcome] : []));
    const written = outcomes.filter(({ kind }) => kind === 'ok');
    expect([written.length, limited.length]).toEqual([write.count, 10]);
    expect(bench.writes()).toBe(written.length);
    for (const { per, until } of limited) {
      expect(per).toBe('burst');
      if (until !== null) expect(until > bench.now()).toBe(true);
    }
    bench.advance(write.window_ms);
    expect(await crm.upsertPerson({ email_addresses: ['late@acme.example'] })).toMatchObject({ kind: 'ok' });
  });

  test('a limited call is never an attempt', async () => {
    const bench = current();
    bench.setFaults({ limited: 100 });
    const outcomes = [
      await bench.crm.check(),
      await bench.crm.upsertPerson({ email_addresses: ['pat@acme.example'] }),
      await bench.crm.pageRecords('person', null, 10),
    ];
    expect(outcomes.map(({ kind }) => kind)).toEqual(['limited', 'limited', 'limited']);
    expect(bench.writes()).toBe(0);
  });
}

function lossCases(current: () => CrmBench): void {
  test('a server error is lost for a write and unreachable for a read', async () => {
    const bench = current();
    bench.setFaults({ failed: 100 });
    expect(await bench.crm.check()).toMatchObject({ kind: 'unreachable' });
    const person_id = bench.user.createPerson('pat@acme.example');
    const lost = await bench.crm.createActivity(activity(bench, person_id, 'touch-1'));
    expect(lost).toMatchObject({ kind: 'lost' });
  });

  test('a dropped connection is lost for a write and unreachable for a read', async () => {
    const bench = current();
    bench.setFaults({ dropped: 100 });
    expect(await bench.crm.check()).toMatchObject({ kind: 'unreachable' });
    const person_id = bench.user.createPerson('pat@acme.example');
    const kinds = [];
    for (let index = 0; index < 24; index += 1)
      kinds.push((await bench.crm.createActivity(activity(bench, person_id, `touch-${index}`))).kind);
    expect(new Set(kinds)).toEqual(new Set(['lost']));
    // Some were written before the drop, and some were not.
    expect(bench.writes()).toBeGreaterThan(0);
    expect(bench.writes()).toBeLessThan(24);
  });

  test('a CRM that does not listen is unreachable for every call', async () => {
    const bench = current();
    await bench.stop();
    expect(await bench.crm.check()).toMatchObject({ kind: 'unreachable' });
    const person = { email_addresses: ['pat@acme.example'] };
    expect(await bench.crm.upsertPerson(person)).toMatchObject({ kind: 'unreachable' });
  });

  test('under faults, a patient caller writes everything once', async () => {
    const bench = current();
    const { crm } = bench;
    const { stageOf, owner_id } = await prepared(bench);
    bench.setFaults({ limited: 10, dropped: 20, failed: 5 });
    const people: string[] = [];
    for (let index = 0; index < 20; index += 1) {
      const company = await done(bench, () => crm.upsertCompany({ domains: [`acme${index}.example`] }));
      const person = { email_addresses: [`p${index}@acme${index}.example`], company_id: company.record_id };
      const { record_id } = await done(bench, () => crm.upsertPerson(person));
      people.push(record_id);
      const deal = {
        reference: `deal-${index}`,
        name: `Deal ${index}`,
        stage_id: stageOf('open'),
        owner_id,
        person_ids: [record_id],
        company_id: company.record_id,
      };
      await done(bench, () => crm.ensureDeal(deal));
      const reference = `touch-${index}`;
      await done(
        bench,
        () => crm.createActivity(activity(bench, record_id, reference)),
        () => crm.findActivity(record_id, reference),
      );
    }
    const [person_id = ''] = people;
    const link = { object: 'person', record_id: person_id } as const;
    const now = bench.now();
    const links = [link] as const;
    const task = { owner_id, text: 'Call', deadline_at: null, now, links, reference: 'task-1' };
    for (const _ of [1, 2, 3]) {
      const look = () => crm.findTask(link, 'task-1');
      if ((await done(bench, look)) === null) await done(bench, () => crm.createTask(task), look);
    }
    const target_url = 'https://touchline.example/api/crm/events';
    const subscription = await done(bench, () => crm.ensureSubscription(target_url, null));
    bench.setFaults({});
    bench.takeDeliveries();
    bench.user.addEmailAddress(person_id, 'second@acme.example');
    const deliveries = bench.takeDeliveries();
    expect(deliveries.map((one) => crm.isAuthentic(one, subscription, bench.now()))).toEqual([true]);
    expect(await done(bench, () => crm.findTask(link, 'task-1'))).not.toBe(null);
    expect(new Set(people).size).toBe(20);
    for (const object of ['person', 'company', 'deal'] as const) {
      const page = await done(bench, () => crm.pageRecords(object, null, 100));
      expect(page.records).toHaveLength(20);
    }
    for (const [index, record_id] of people.entries()) {
      const found = await done(bench, () => crm.findActivity(record_id, `touch-${index}`));
      expect(found).not.toBe(null);
      // A second note with the reference would be found again.
      await done(bench, () => crm.deleteActivity(found!.record_id));
      expect(await done(bench, () => crm.findActivity(record_id, `touch-${index}`))).toBe(null);
      const { email_addresses } = await stored(bench, 'person', record_id);
      expect(email_addresses).toHaveLength(record_id === person_id ? 2 : 1);
    }
  });
}
