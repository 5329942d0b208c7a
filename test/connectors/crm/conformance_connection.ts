import { expect, test } from 'vitest';
import { type CrmBench, done, patiently } from './crm_bench.ts';

export function connectionCases(current: () => CrmBench): void {
  test('the check names the account and its scopes', async () => {
    const { crm, needed_scope } = current();
    const connection = await done(current(), () => crm.check());
    expect(connection.workspace_id).not.toBe('');
    expect(connection.workspace_name).not.toBe('');
    expect(connection.scopes).toContain(needed_scope);
    expect(connection.missing_scopes).toEqual([]);
  });

  test('the check names missing scopes', async () => {
    const { crm, dropScope, needed_scope } = current();
    dropScope(needed_scope);
    const connection = await done(current(), () => crm.check());
    expect(connection.missing_scopes).toEqual([needed_scope]);
  });

  test('a wrong key is refused and not repeated', async () => {
    const other = current().connect('wrong-key-7');
    const outcome = await other.check();
    expect(outcome).toMatchObject({ kind: 'refused', status: 401 });
    expect(JSON.stringify(outcome)).not.toContain('wrong-key-7');
    await other.close();
  });

  test('a call without its scope is refused', async () => {
    const { crm, dropScope, needed_scope } = current();
    dropScope(needed_scope);
    const refused = await crm.upsertPerson({ email_addresses: ['a@lead.example'] });
    expect(refused).toMatchObject({ kind: 'refused', status: 403 });
  });

  test('the description has attributes, stages with ends, and owners', async () => {
    const { crm } = current();
    const { attributes, stages, owners } = await done(current(), () => crm.describe());
    for (const object of ['person', 'company', 'deal'])
      expect(attributes.filter((one) => one.object === object).length).toBeGreaterThan(1);
    const ends = stages.map(({ end }) => end);
    expect(ends).toContain('won');
    expect(ends).toContain('lost');
    expect(ends).toContain('open');
    expect(new Set(stages.map(({ stage_id }) => stage_id)).size).toBe(stages.length);
    expect(owners.map(({ is_active }) => is_active)).toContain(true);
    expect(owners.every(({ email_address }) => email_address.includes('@'))).toBe(true);
  });

  test('planning writes nothing; creating can be repeated', async () => {
    const bench = current();
    const { crm } = bench;
    const plan = await done(bench, () => crm.planAttributes());
    expect(plan.map(({ state }) => state)).toEqual(plan.map(() => 'absent'));
    expect(plan).toContainEqual(expect.objectContaining({ object: 'deal', is_unique: true }));
    expect(bench.writes()).toBe(0);
    for (const planned of [...plan, ...plan]) await done(bench, () => crm.createAttribute(planned));
    expect(bench.writes()).toBe(plan.length);
    const again = await done(bench, () => crm.planAttributes());
    expect(again.map(({ state }) => state)).toEqual(plan.map(() => 'present'));
  });

  test('an unfit attribute is named with its path', async () => {
    const bench = current();
    bench.spoilReference();
    const plan = await done(bench, () => bench.crm.planAttributes());
    const unfit = plan.find(({ state }) => state === 'unfit')!;
    expect(unfit.path).toMatch(/touchline_reference$/);
    expect(unfit.fault).toMatch(/type/);
    expect(await patiently(bench, () => bench.crm.createAttribute(unfit))).toMatchObject({ kind: 'refused' });
  });

  test('an attribute that Touchline does not need is refused', async () => {
    const refused = await current().crm.createAttribute({ object: 'deal', slug: 'something_else' });
    expect(refused).toMatchObject({ kind: 'refused', status: null });
  });
}
