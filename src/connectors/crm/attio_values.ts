import type { z } from 'zod';
import {
  type ATTIO_INPUT,
  ATTIO_OUTPUT,
  type AttioInputType,
  type AttioRecord,
  type AttioValueType,
  actor,
} from './attio_shapes.ts';
import type { CrmPlace } from './port.ts';
import type { CrmFieldTexts, CrmObject, CrmRecord } from './records.ts';

/** Attio's names of the standard objects. */
export const SLUG_OF = { person: 'people', company: 'companies', deal: 'deals' } as const satisfies Record<
  CrmObject,
  string
>;

/** The attributes that Touchline creates. */
export const REFERENCE = 'touchline_reference';
export const OPT_OUT = 'touchline_opt_out';

type Output<T extends AttioValueType> = z.output<(typeof ATTIO_OUTPUT)[T]>;
type Input<T extends AttioInputType> = z.input<(typeof ATTIO_INPUT)[T]>;

/** Values to write, without those that are not given. */
export function given(values: Record<string, readonly Input<AttioInputType>[] | undefined>) {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Record<string, Input<AttioInputType>[]>;
}

export const reference = (object: CrmObject, record_id: string) => ({
  target_object: SLUG_OF[object],
  target_record_id: record_id,
});

export const member = (owner_id: string) => ({
  referenced_actor_type: 'workspace-member' as const,
  referenced_actor_id: owner_id,
});

/** The id of an actor that is a program; null for a user, who may have edited our value or copied our note. */
export function machineOf(given: unknown): string | null {
  const { type, id } = actor.safeParse(given).data ?? {};
  return type === 'api-token' || type === 'app' ? (id ?? null) : null;
}

/** A record as the port has it. Values of another type than expected read as absent. */
export function readRecordOf(
  object: CrmObject,
  record: AttioRecord,
  fields: readonly CrmPlace[] = [],
): CrmRecord {
  const { record_id } = record.id;
  const { created_at } = record;
  const all = <T extends AttioValueType>(slug: string, type: T) => valuesOf(record, slug, type);
  const one = <T extends AttioValueType>(slug: string, type: T) => all(slug, type)[0] ?? null;
  if (object === 'company') {
    const domains = all('domains', 'domain').map(({ domain }) => domain);
    const name = one('name', 'text')?.value ?? null;
    return { object, record_id, created_at, name, domains, fields: textsOf(object, record, fields) };
  }
  if (object === 'person') {
    const name = one('name', 'personal-name');
    return {
      object,
      record_id,
      created_at,
      name: name && { first_name: name.first_name, last_name: name.last_name },
      email_addresses: all('email_addresses', 'email-address').map(({ email_address }) => email_address),
      phone_numbers: all('phone_numbers', 'phone-number').map(({ phone_number }) => phone_number),
      job_title: one('job_title', 'text')?.value ?? null,
      company_id: one('company', 'record-reference')?.target_record_id ?? null,
      is_opted_out: one(OPT_OUT, 'checkbox')?.value ?? false,
      fields: textsOf(object, record, fields),
    };
  }
  const amount = one('value', 'currency');
  const stage = one('stage', 'status')?.status;
  return {
    object,
    record_id,
    created_at,
    name: one('name', 'text')?.value ?? null,
    reference: one(REFERENCE, 'text')?.value ?? null,
    stage_id: typeof stage === 'object' ? stage.id.status_id : (stage ?? null),
    owner_id: one('owner', 'actor-reference')?.referenced_actor_id ?? null,
    amount:
      typeof amount?.currency_code === 'string'
        ? { value: amount.currency_value, currency: amount.currency_code }
        : null,
    person_ids: all('associated_people', 'record-reference').map((link) => link.target_record_id),
    company_id: one('associated_company', 'record-reference')?.target_record_id ?? null,
  };
}

function valuesOf<T extends AttioValueType>(record: AttioRecord, slug: string, type: T): Output<T>[] {
  const found = record.values[slug];
  const schema: z.ZodType = ATTIO_OUTPUT[type];
  return (Array.isArray(found) ? found : []).flatMap((value) => {
    const read = schema.safeParse(value);
    return read.success ? [read.data as Output<T>] : [];
  });
}

/** Values of types that the port names in `reads_as`; null if there are several. */
function textsOf(object: CrmObject, record: AttioRecord, fields: readonly CrmPlace[]): CrmFieldTexts {
  const own = fields.filter((place) => place.object === object);
  const textOf = (slug: string): string | null => {
    const [text] = valuesOf(record, slug, 'text');
    const [checked] = valuesOf(record, slug, 'checkbox');
    const [selected] = valuesOf(record, slug, 'select');
    const [user] = valuesOf(record, slug, 'actor-reference');
    return (
      text?.value ?? selected?.option.title ?? checked?.value.toString() ?? user?.referenced_actor_id ?? null
    );
  };
  const isSingle = (slug: string) => Array.isArray(record.values[slug]) && record.values[slug].length === 1;
  return Object.fromEntries(own.map(({ slug }) => [slug, isSingle(slug) ? textOf(slug) : null]));
}
