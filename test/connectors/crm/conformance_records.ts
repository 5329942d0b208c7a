import { expect, test } from 'vitest';
import type { CrmObject, CrmRecord } from '../../../src/connectors/crm/records.ts';
import { type CrmBench, done, patiently, prepared, settled } from './crm_bench.ts';

type Of<O extends CrmObject> = Extract<CrmRecord, { object: O }>;

/** A record that must exist. */
export async function stored<O extends CrmObject>(
  bench: CrmBench,
  object: O,
  record_id: string,
): Promise<Of<O>> {
  const record = await done(bench, async () => {
    const outcome = await bench.crm.readRecord(object, record_id);
    if (outcome.kind === 'merged') throw new Error(JSON.stringify(outcome));
    return outcome;
  });
  return record as Of<O>;
}

export function recordCases(current: () => CrmBench): void {
  companyCases(current);
  personCases(current);
  deletionCases(current);
}

function companyCases(current: () => CrmBench): void {
  test('a company is created once and found by any of its domains', async () => {
    const bench = current();
    const { crm } = bench;
    await prepared(bench);
    const domains = ['acme.example', 'acme-group.example'];
    const first = await done(bench, () => crm.upsertCompany({ name: 'Acme', domains }));
    settled(bench);
    const second = await done(bench, () => crm.upsertCompany({ domains: ['acme-group.example'] }));
    expect(second.record_id).toBe(first.record_id);
    const company = await stored(bench, 'company', first.record_id);
    expect(company.name).toBe('Acme');
    expect([...company.domains].sort()).toEqual([...domains].sort());
  });

  test('a company is found by its first domain at once', async () => {
    const bench = current();
    const { crm } = bench;
    await prepared(bench);
    const first = await done(bench, () => crm.upsertCompany({ domains: ['acme.example'] }));
    const domains = ['acme.example', 'acme-group.example'];
    const second = await done(bench, () => crm.upsertCompany({ domains }));
    const others = Array.from({ length: 3 }, () => bench.connect());
    const third = await Promise.all(others.map((crm) => done(bench, () => crm.upsertCompany({ domains }))));
    for (const { record_id } of [second, ...third]) expect(record_id).toBe(first.record_id);
    await Promise.all(others.map((crm) => crm.close()));
  });

  test('concurrent calls create one company and one person', async () => {
    const bench = current();
    await prepared(bench);
    const others = Array.from({ length: 5 }, () => bench.connect());
    const domains = ['acme.example'];
    const companies = await Promise.all(
      others.map((crm) => done(bench, () => crm.upsertCompany({ domains }))),
    );
    expect(new Set(companies.map(({ record_id }) => record_id)).size).toBe(1);
    const email_addresses = ['pat@acme.example'];
    const people = await Promise.all(
      others.map((crm) => done(bench, () => crm.upsertPerson({ email_addresses }))),
    );
    expect(new Set(people.map(({ record_id }) => record_id)).size).toBe(1);
    await Promise.all(others.map((crm) => crm.close()));
  });

  test('domains of two companies are refused and change neither', async () => {
    const bench = current();
    const { crm, user } = bench;
    await prepared(bench);
    const ids = [user.createCompany('One', 'one.example'), user.createCompany('Two', 'two.example')];
    settled(bench);
    const domains = ['one.example', 'two.example'];
    const before = bench.writes();
    expect(await patiently(bench, () => crm.upsertCompany({ domains }))).toMatchObject({ kind: 'refused' });
    expect(bench.writes()).toBe(before);
    for (const id of ids) expect((await stored(bench, 'company', id)).domains).toHaveLength(1);
  });

  test('domains that others added stay', async () => {
    const bench = current();
    const { crm, user } = bench;
    await prepared(bench);
    const record_id = user.createCompany('Acme', 'acme.example');
    user.addDomain(record_id, 'users.example');
    settled(bench);
    await done(bench, () => crm.upsertCompany({ domains: ['acme.example', 'ours.example'] }));
    await done(bench, () => crm.upsertCompany({ record_id, domains: ['by-id.example'] }));
    const { domains } = await stored(bench, 'company', record_id);
    expect([...domains].sort()).toEqual(['acme.example', 'by-id.example', 'ours.example', 'users.example']);
  });

  test('a company without a domain is refused with its path', async () => {
    const refused = await current().crm.upsertCompany({ name: 'Acme', domains: [] });
    expect(refused).toMatchObject({ kind: 'refused', status: null, path: 'domains' });
    expect(current().writes()).toBe(0);
  });

  test('a malformed domain is refused', async () => {
    const bench = current();
    const refused = await patiently(bench, () => bench.crm.upsertCompany({ domains: ['not a domain'] }));
    expect(refused).toMatchObject({ kind: 'refused' });
    expect(bench.writes()).toBe(0);
  });
}

function personCases(current: () => CrmBench): void {
  test('a person is created once and found by any address', async () => {
    const bench = current();
    const { crm } = bench;
    const email_addresses = ['pat@acme.example', 'pat.lee@acme.example'];
    const name = { first_name: 'Pat', last_name: 'Lee' };
    const first = await done(bench, () => crm.upsertPerson({ email_addresses, name, job_title: 'CTO' }));
    const second = await done(bench, () => crm.upsertPerson({ email_addresses: ['pat.lee@acme.example'] }));
    expect(second.record_id).toBe(first.record_id);
    const person = await stored(bench, 'person', first.record_id);
    expect(person).toMatchObject({ name, job_title: 'CTO', is_opted_out: false });
    expect([...person.email_addresses].sort()).toEqual([...email_addresses].sort());
  });

  test('addresses that others added stay, with and without the id', async () => {
    const bench = current();
    const { crm, user } = bench;
    const record_id = user.createPerson('pat@acme.example');
    user.addEmailAddress(record_id, 'private@home.example');
    await done(bench, () => crm.upsertPerson({ email_addresses: ['pat@acme.example', 'new@acme.example'] }));
    await done(bench, () => crm.upsertPerson({ record_id, email_addresses: ['by-id@acme.example'] }));
    const { email_addresses } = await stored(bench, 'person', record_id);
    const wanted = ['by-id@acme.example', 'new@acme.example', 'pat@acme.example', 'private@home.example'];
    expect([...email_addresses].sort()).toEqual(wanted);
  });

  test('phone numbers that others added stay', async () => {
    const bench = current();
    const { crm, user } = bench;
    const record_id = user.createPerson('pat@acme.example');
    user.addPhoneNumber(record_id, '+12025550101');
    const ours = { email_addresses: ['pat@acme.example'], phone_numbers: ['+12025550102'] };
    await done(bench, () => crm.upsertPerson(ours));
    await done(bench, () => crm.upsertPerson({ ...ours, record_id }));
    const { phone_numbers } = await stored(bench, 'person', record_id);
    expect([...phone_numbers].sort()).toEqual(['+12025550101', '+12025550102']);
  });

  test('fields that are not given stay', async () => {
    const bench = current();
    const { crm, user } = bench;
    const record_id = user.createPerson('pat@acme.example', 'Head of Rye');
    await done(bench, () => crm.upsertPerson({ email_addresses: ['pat@acme.example'] }));
    await done(bench, () => crm.upsertPerson({ record_id, email_addresses: ['pat@acme.example'] }));
    expect((await stored(bench, 'person', record_id)).job_title).toBe('Head of Rye');
  });

  test('an upsert of what the CRM has already writes nothing', async () => {
    const bench = current();
    const record_id = bench.user.createPerson('pat@acme.example');
    await done(bench, () => bench.crm.upsertPerson({ record_id, email_addresses: ['PAT@acme.example'] }));
    expect(bench.writes()).toBe(0);
  });

  test('addresses of two people are refused and change neither', async () => {
    const bench = current();
    const { crm, user } = bench;
    const ids = [user.createPerson('one@acme.example'), user.createPerson('two@acme.example')];
    const email_addresses = ['one@acme.example', 'two@acme.example'];
    expect(await patiently(bench, () => crm.upsertPerson({ email_addresses }))).toMatchObject({
      kind: 'refused',
    });
    const [record_id = ''] = ids;
    const by_id = await patiently(bench, () => crm.upsertPerson({ record_id, email_addresses }));
    expect(by_id).toMatchObject({ kind: 'refused' });
    for (const id of ids) expect((await stored(bench, 'person', id)).email_addresses).toHaveLength(1);
  });

  test('a person is linked to a company', async () => {
    const bench = current();
    const { crm } = bench;
    await prepared(bench);
    const company = await done(bench, () => crm.upsertCompany({ domains: ['acme.example'] }));
    const person = { email_addresses: ['pat@acme.example'], company_id: company.record_id };
    const { record_id } = await done(bench, () => crm.upsertPerson(person));
    expect((await stored(bench, 'person', record_id)).company_id).toBe(company.record_id);
  });

  test('a link to a deleted company is not written', async () => {
    const bench = current();
    const { crm, user } = bench;
    const company_id = user.createCompany('Acme', 'acme.example');
    user.deleteRecord('company', company_id);
    const person = { email_addresses: ['pat@acme.example'], company_id };
    const { kind } = await patiently(bench, () => crm.upsertPerson(person));
    expect(['missing', 'refused']).toContain(kind);
    expect(bench.writes()).toBe(0);
  });

  test('the opt-out mark is set and removed', async () => {
    const bench = current();
    const { crm, user } = bench;
    await prepared(bench);
    const record_id = user.createPerson('pat@acme.example');
    for (const is_opted_out of [true, true, false]) {
      await done(bench, () => crm.setOptOut(record_id, is_opted_out));
      expect((await stored(bench, 'person', record_id)).is_opted_out).toBe(is_opted_out);
    }
  });
}

function deletionCases(current: () => CrmBench): void {
  test('a deleted record is missing for every call', async () => {
    const bench = current();
    const { crm, user } = bench;
    await prepared(bench);
    const record_id = user.createPerson('pat@acme.example');
    expect(await done(bench, () => crm.deleteRecord('person', record_id))).toBe(null);
    const person = { record_id, email_addresses: ['pat@acme.example'] };
    for (const call of [
      () => crm.readRecord('person', record_id),
      () => crm.deleteRecord('person', record_id),
      () => crm.setOptOut(record_id, true),
      () => crm.upsertPerson(person),
    ])
      expect(await call()).toMatchObject({ kind: 'missing' });
  });

  test('a record is not found under another object', async () => {
    const bench = current();
    const record_id = bench.user.createPerson('pat@acme.example');
    expect(await bench.crm.readRecord('company', record_id)).toMatchObject({ kind: 'missing' });
  });

  test('an id that the CRM never gives is refused before any request', async () => {
    const bench = current();
    for (const record_id of ['', '..', 'a/b', '../../self', 'a b', 'x?y=1'])
      expect(await bench.crm.readRecord('person', record_id)).toMatchObject({
        kind: 'refused',
        status: null,
      });
  });

  test('a merged record is missing or names the survivor', async () => {
    const bench = current();
    const { crm, user } = bench;
    const [one, two] = [user.createPerson('one@acme.example'), user.createPerson('two@acme.example')];
    const survivor = user.merge('person', one, two);
    for (const id of [one, two].filter((vanished) => vanished !== survivor)) {
      const read = await crm.readRecord('person', id);
      expect(read.kind === 'merged' ? read.merged_into : read.kind).toBe(
        read.kind === 'merged' ? survivor : 'missing',
      );
    }
    const { email_addresses } = await stored(bench, 'person', survivor);
    expect([...email_addresses].sort()).toEqual(['one@acme.example', 'two@acme.example']);
  });
}
