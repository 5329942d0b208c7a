import { expect, test } from 'vitest';
import type { CrmPage } from '../../../src/connectors/crm/port.ts';
import type { CrmObject } from '../../../src/connectors/crm/records.ts';
import { type CrmBench, done, prepared } from './crm_bench.ts';

/** Pages through all records; `between` runs after each page. */
async function everyPage(
  bench: CrmBench,
  object: CrmObject,
  limit: number,
  between: () => void = () => undefined,
) {
  const ids: string[] = [];
  let cursor: string | null = null;
  do {
    const from: string | null = cursor;
    const page: CrmPage = await done(bench, () => bench.crm.pageRecords(object, from, limit));
    ids.push(...page.records.map(({ record_id }) => record_id));
    expect(page.records.length).toBeLessThanOrEqual(limit);
    expect(page.next_cursor?.length ?? 0).toBeLessThan(32_000);
    cursor = page.next_cursor;
    between();
  } while (cursor !== null);
  return ids;
}

const created = (bench: CrmBench, count: number, step_ms: number, name: string) =>
  Array.from({ length: count }, (_, index) => {
    bench.advance(step_ms);
    return bench.user.createPerson(`${name}${index}@acme.example`);
  });

export function pageCases(current: () => CrmBench): void {
  test('an object without records has one empty page', async () => {
    expect(await everyPage(current(), 'deal', 10)).toEqual([]);
  });

  test('every record is on one page, oldest first', async () => {
    const bench = current();
    const ids = created(bench, 25, 10, 'p');
    for (const limit of [1, 5, 10, 25, 100]) {
      let pages = 0;
      const countPage = () => {
        pages += 1;
      };
      expect(await everyPage(bench, 'person', limit, countPage)).toEqual(ids);
      expect(pages).toBe(Math.ceil(ids.length / limit));
    }
  });

  test('records of one instant are on one page each', async () => {
    const bench = current();
    const ids = [...created(bench, 30, 0, 'a'), ...created(bench, 3, 5, 'b'), ...created(bench, 20, 0, 'c')];
    for (const limit of [1, 7, 40]) {
      const found = await everyPage(bench, 'person', limit);
      expect([...found].sort()).toEqual([...ids].sort());
    }
  });

  test('an import of many records in one instant is paged without gaps', async () => {
    const bench = current();
    const ids = created(bench, 800, 0, 'import');
    const found = await everyPage(bench, 'person', 200);
    expect([...found].sort()).toEqual([...ids].sort());
  });

  test('deletions and creations between pages hide no other record', async () => {
    const bench = current();
    const ids = created(bench, 30, 10, 'p');
    const deleted = new Set<string>();
    let turn = 0;
    const found = await everyPage(bench, 'person', 5, () => {
      const [first] = ids.filter((id) => !deleted.has(id));
      bench.user.deleteRecord('person', first!);
      deleted.add(first!);
      turn += 1;
      if (turn < 4) created(bench, 1, 10, `late${turn}-`);
    });
    expect(new Set(found).size).toBe(found.length);
    for (const id of ids.filter((one) => !deleted.has(one))) expect(found).toContain(id);
  });

  test('pages have deals and companies with their values', async () => {
    const bench = current();
    await prepared(bench);
    const company_id = bench.user.createCompany('Acme', 'acme.example');
    const deal_id = bench.user.createDeal('Acme 2027');
    const companies = await done(bench, () => bench.crm.pageRecords('company', null, 10));
    expect(companies.records).toMatchObject([
      { record_id: company_id, name: 'Acme', domains: ['acme.example'] },
    ]);
    const deals = await done(bench, () => bench.crm.pageRecords('deal', null, 10));
    expect(deals.records).toMatchObject([{ record_id: deal_id, name: 'Acme 2027', reference: null }]);
  });

  test('an unreadable cursor is refused before any request', async () => {
    for (const cursor of ['', '{}', 'null', '[1]', 'x'.repeat(100)]) {
      const refused = await current().crm.pageRecords('person', cursor, 10);
      expect(refused).toMatchObject({ kind: 'refused', status: null, path: 'cursor' });
    }
  });
}
