import type { CrmDescription, CrmPlace, CrmReadAs } from '../../connectors/crm/port.ts';
import type { FieldError } from '../../errors.ts';
import { ICP_TIER_VALUES, type IcpTier } from '../../schema.gen.ts';

/** The columns that an admin may map: the objects whose attributes fit, and how their values are read. */
const FIELDS = {
  tier: { objects: ['person', 'company'], reads_as: 'text' },
  segment: { objects: ['person', 'company'], reads_as: 'text' },
  abm_active: { objects: ['company'], reads_as: 'boolean' },
  owner: { objects: ['person', 'company'], reads_as: 'owner' },
  imported: { objects: ['person'], reads_as: 'boolean' },
} as const satisfies Record<string, { objects: readonly CrmPlace['object'][]; reads_as: CrmReadAs }>;

export type CrmField = keyof typeof FIELDS;
export const CRM_FIELD_VALUES = Object.keys(FIELDS) as [CrmField, ...CrmField[]];

/** Attributes of the CRM as `person.icp_tier`. Those not mapped are not read. */
export type CrmFields = { [Field in CrmField]?: string | undefined };

export const CRM_PLACE = /^(person|company)\.[A-Za-z0-9_-]{1,100}$/;

/** The attributes that a connector reads. */
export function placesOf(fields: CrmFields): CrmPlace[] {
  return CRM_FIELD_VALUES.flatMap((field) => {
    const text = fields[field];
    return text === undefined ? [] : [placeOf(text)];
  });
}

function placeOf(text: string): CrmPlace {
  const [object, slug] = text.split('.') as [CrmPlace['object'], string];
  return { object, slug };
}

/** Every reason why an attribute cannot be read as it is mapped, with the path of the input. */
export function fieldFaults(
  fields: CrmFields,
  { attributes }: Pick<CrmDescription, 'attributes'>,
): FieldError[] {
  return CRM_FIELD_VALUES.flatMap((field) => {
    const text = fields[field];
    if (text === undefined) return [];
    const { object, slug } = placeOf(text);
    const { objects, reads_as } = FIELDS[field];
    const fault = (message: string) => [{ path: `fields.${field}`, message }];
    if (!objects.some((one) => one === object)) return fault(`must be of ${objects.join(' or ')}`);
    const found = attributes.find((one) => one.object === object && one.slug === slug);
    if (found === undefined) return fault(`the CRM has no attribute ${text}`);
    if (found.reads_as === reads_as && !found.is_multiple) return [];
    return fault(`${text} has the type ${found.type}, which is not read as ${NOUN[reads_as]}`);
  });
}

const NOUN = { text: 'one text', boolean: 'yes or no', owner: 'one user' } as const;

/** The mapped values of one record. `unread`: fields whose value says nothing here. */
export type FieldValues = {
  icp_tier: IcpTier | null;
  segment: string | null;
  abm_active: boolean | null;
  /** The CRM's user. */
  owner_id: string | null;
  /** Null: no attribute decides. */
  imported: boolean | null;
  unread: CrmField[];
};

const SEGMENT_CHARS_MAX = 100;

/** An empty value says nothing, so it is null and not unread. */
export function valuesOf(
  fields: CrmFields,
  object: CrmPlace['object'],
  values: Readonly<Record<string, string | null>>,
): FieldValues {
  const unread: CrmField[] = [];
  const read = <Value>(field: CrmField, parse: (text: string) => Value | null): Value | null => {
    const place = fields[field] === undefined ? null : placeOf(fields[field]);
    const text = place?.object === object ? (values[place.slug]?.trim() ?? '') : '';
    const value = text === '' ? null : parse(text);
    if (text !== '' && value === null) unread.push(field);
    return value;
  };
  return {
    icp_tier: read('tier', tierOf),
    segment: read('segment', (text) =>
      text.length <= SEGMENT_CHARS_MAX && !/\p{C}/u.test(text) ? text : null,
    ),
    abm_active: read('abm_active', booleanOf),
    owner_id: read('owner', (text) => text),
    // Without a value, the person is not chosen.
    imported:
      fields.imported === undefined || object !== 'person' ? null : (read('imported', booleanOf) ?? false),
    unread,
  };
}

/** Whether a person who is unknown here is imported. */
export const mayBeImported = ({ imported }: FieldValues) => imported !== false;

/** T1, t1, T-1, Tier 1, tier_1, or 1. */
function tierOf(text: string): IcpTier | null {
  const digit = /^(?:t(?:ier)?[\s_-]*)?([0-9])$/i.exec(text)?.[1];
  return ICP_TIER_VALUES.find((tier) => tier === `T${digit}`) ?? null;
}

function booleanOf(text: string): boolean | null {
  return text === 'true' ? true : text === 'false' ? false : null;
}
