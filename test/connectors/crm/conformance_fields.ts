import { expect, test } from 'vitest';
import type { CrmPlace, CrmReadAs } from '../../../src/connectors/crm/port.ts';
import { type CrmBench, done, prepared } from './crm_bench.ts';

const TIER = { object: 'person', slug: 'icp_tier' } as const;
const CHOSEN = { object: 'person', slug: 'is_chosen' } as const;
// HubSpot has one property of this kind for each object.
const OWNER = { object: 'person', slug: 'hubspot_owner_id' } as const;
const SEGMENT = { object: 'company', slug: 'segment' } as const;
const ADDED: readonly [CrmPlace, CrmReadAs][] = [
  [TIER, 'text'],
  [CHOSEN, 'boolean'],
  [OWNER, 'owner'],
  [SEGMENT, 'text'],
];

export function fieldCases(current: () => CrmBench): void {
  test('attributes of the users’ own are described with how they are read', async () => {
    const bench = current();
    for (const [place, reads_as] of ADDED) bench.addAttribute(place, reads_as);
    const { attributes } = await done(bench, () => bench.crm.describe());
    for (const [place, reads_as] of ADDED)
      expect(
        attributes.filter(({ object, slug }) => object === place.object && slug === place.slug),
      ).toMatchObject([{ reads_as, is_multiple: false }]);
  });

  test('records have the values of the attributes that were asked for, alone and in pages', async () => {
    const bench = current();
    await prepared(bench);
    for (const [place, reads_as] of ADDED) bench.addAttribute(place, reads_as);
    const { user, user_id } = bench;
    const person_id = user.createPerson('pat@acme.example');
    user.setField(TIER, person_id, 'T2');
    user.setField(CHOSEN, person_id, 'true');
    user.setField(OWNER, person_id, user_id);
    bench.advance(1_000);
    const empty_id = user.createPerson('kim@acme.example');
    const company_id = user.createCompany('Acme', 'acme.example');
    user.setField(SEGMENT, company_id, 'enterprise');
    const crm = bench.connect(
      undefined,
      ADDED.map(([place]) => place),
    );
    const reading = { ...bench, crm };
    const read = (object: 'person' | 'company', id: string) =>
      done(reading, async () => {
        const outcome = await crm.readRecord(object, id);
        if (outcome.kind === 'merged') throw new Error('merged');
        return outcome;
      });
    const chosen = { icp_tier: 'T2', is_chosen: 'true', hubspot_owner_id: user_id };
    expect(await read('person', person_id)).toMatchObject({ fields: chosen });
    const nothing = { icp_tier: null, is_chosen: null, hubspot_owner_id: null };
    expect(await read('person', empty_id)).toMatchObject({ fields: nothing });
    expect(await read('company', company_id)).toMatchObject({ fields: { segment: 'enterprise' } });
    const { records } = await done(reading, () => crm.pageRecords('person', null, 10));
    expect(records.map((record) => record.object === 'person' && record.fields)).toEqual([chosen, nothing]);
    expect(await done(bench, () => bench.crm.pageRecords('company', null, 10))).toMatchObject({
      records: [{ fields: {} }],
    });
    await crm.close();
  });
}
