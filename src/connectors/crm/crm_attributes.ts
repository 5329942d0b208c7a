import { refusedHere } from './crm_client.ts';
import type { Crm, CrmOutcome, CrmPlannedAttribute } from './port.ts';
import type { CrmObject } from './records.ts';

type Needed = Pick<CrmPlannedAttribute, 'object' | 'slug' | 'title' | 'type' | 'is_unique'>;

/** `fault` says why an attribute with the slug does not fit; null if it fits. */
type Found = { slug: string; fault: string | null };

/** Compares the attributes that Touchline needs with those of a CRM, and creates them. */
export function crmAttributes<N extends Needed>(
  needs: readonly N[],
  crm: {
    /** Attributes of the object; those with another slug are passed over. */
    find(needed: N): Promise<CrmOutcome<Found[]>>;
    create(needed: N): Promise<CrmOutcome<unknown>>;
    nameOf: Readonly<Record<CrmObject, string>>;
  },
): Pick<Crm, 'planAttributes' | 'createAttribute'> {
  const planAttributes = async (): Promise<CrmOutcome<CrmPlannedAttribute[]>> => {
    const plan: CrmPlannedAttribute[] = [];
    for (const needed of needs) {
      const all = await crm.find(needed);
      if (all.kind !== 'ok') return all;
      const { object, slug, title, type, is_unique } = needed;
      const found = all.value.find((one) => one.slug === slug);
      const state = found === undefined ? 'absent' : found.fault === null ? 'present' : 'unfit';
      const path = `${crm.nameOf[object]}.${slug}`;
      plan.push({ object, slug, title, type, is_unique, path, state, fault: found?.fault ?? null });
    }
    return { kind: 'ok', value: plan };
  };
  return {
    planAttributes,
    async createAttribute({ object, slug }) {
      const needed = needs.find((one) => one.object === object && one.slug === slug);
      if (needed === undefined)
        return refusedHere('attribute_unknown', slug, 'Touchline needs no such attribute.');
      const made = await crm.create(needed);
      if (made.kind === 'ok') return { kind: 'ok', value: null };
      if (made.kind !== 'refused') return made;
      // The slug may be taken since an earlier call whose answer was lost.
      const plan = await planAttributes();
      const is_present =
        plan.kind === 'ok' &&
        plan.value.some((one) => one.object === object && one.slug === slug && one.state === 'present');
      return is_present ? { kind: 'ok', value: null } : made;
    },
  };
}
