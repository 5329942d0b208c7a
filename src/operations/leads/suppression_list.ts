/** The suppression list: addresses, domains, and phone numbers that are never contacted, whichever lead has them. */
import { z } from 'zod';
import { subdomainBounds } from '../../coordinator/upkeep/suppressions.ts';
import type { Queryable } from '../../db/pool.ts';
import * as sql from '../../db/queries/suppressions.gen.ts';
import { AppError, type FieldError } from '../../errors.ts';
import { newId } from '../../ids.ts';
import { SUPPRESSION_KIND_VALUES, SUPPRESSION_SOURCE_VALUES } from '../../schema.gen.ts';
import { id, instant, noun, nullableInstant, reason, requirePerson } from '../fields.ts';
import { operation, transact } from '../operation.ts';
import { NEWEST_FIRST, pagedList } from '../page.ts';
import { ownFault, readSuppressedValue, type SuppressedValue, suppressionEnd } from './suppressed_values.ts';

/** More values come as a file. */
const VALUES_MAX = 1_000;
/** Matches of a search that are looked at. */
const FOUND_MAX = 1_000;
/** Leads of one value that are counted. */
const COUNTED_MAX = 10_000;

const suppression = noun('Suppression', {
  id,
  kind: z.enum(SUPPRESSION_KIND_VALUES),
  value: z.string().describe('the address, a phone number (E.164), or a domain, which covers its subdomains'),
  reason: z.string(),
  source: z
    .enum(SUPPRESSION_SOURCE_VALUES)
    .describe(
      'crm: the CRM opted out a person who is not imported; earlier: added before sources were recorded',
    ),
  until: nullableInstant.describe('null: never ends'),
  created_at: instant,
  added_by_name: z.string().nullable(),
  is_lifted: z.boolean(),
  lifted_at: nullableInstant,
  lifted_by_name: z.string().nullable().describe('null with lifted_at: its end has passed'),
  lift_reason: z.string().nullable(),
});

const list = pagedList({
  name: 'list_suppressions',
  summary: 'List suppressed addresses, domains, and phone numbers, newest first.',
  path: '/suppressions',
  cli: {
    command: 'suppressions list',
    columns: 'value reason source until created_at added_by_name id',
    empty: 'No suppressions. Add some: touchline suppressions add VALUE --reason REASON',
  },
  filters: {
    q: z.string().trim().toLowerCase().max(320).optional().describe('start of an address, domain, or number'),
    kind: z.enum(SUPPRESSION_KIND_VALUES).optional(),
    source: z.enum(SUPPRESSION_SOURCE_VALUES).optional(),
    is_lifted: z.stringbool().default(false).describe('true: lifted ones instead of those in force'),
  },
  item: suppression,
  order: NEWEST_FIRST,
  rows: ({ page: { q, ...filter }, db }) => suppressionsOf(db, q, filter),
});

type Filter = Parameters<typeof sql.listSuppressions.run>[0];

function suppressionsOf(db: Queryable, q: string | null, filter: Filter) {
  if (!q) return sql.listSuppressions.run(filter, db);
  const bounds = { from_value: q, to_value: `${q}\u{10ffff}` };
  return sql.searchSuppressions.run({ ...filter, ...bounds, most: FOUND_MAX }, db);
}

const add = operation({
  name: 'add_suppressions',
  summary:
    'Add addresses, whole domains, or phone numbers to the suppression list. Open enrollments of the leads of addresses and domains end.',
  http: { method: 'POST', path: '/suppressions' },
  cli: { command: 'suppressions add', args: ['values'] },
  input: z.object({
    values: z
      .array(z.string().max(320))
      .min(1)
      .max(VALUES_MAX)
      .describe('addresses, domains, or phone numbers with their country code'),
    reason,
    until: suppressionEnd
      .optional()
      .describe('a day or a time when it ends automatically; without it, never'),
    dry_run: z.boolean().default(false).describe('count the leads only; nothing changes'),
  }),
  output: z.object({
    added_count: z.number().describe('with dry_run: would be added'),
    already_count: z.number().describe('in force before'),
    lead_count: z
      .number()
      .describe(
        `leads with such an address or number, or whose primary address is of such a domain; counted up to ${COUNTED_MAX} per value`,
      ),
    items: z.array(
      noun('SuppressedValue', {
        kind: z.enum(SUPPRESSION_KIND_VALUES),
        value: z.string(),
        lead_count: z.number(),
      }),
    ),
  }),
  errors: 'suppression_invalid until_past',
  run: async ({ context, principal, input }) => {
    const user_id = requirePerson(principal);
    return transact({ context, principal }, async ({ tx, org_id, now }) => {
      const values = await readValues(tx, org_id, input.values);
      const ends = input.until === undefined ? null : new Date(input.until);
      if (ends !== null && ends <= now) throw untilPast('until');
      const bounded = values.map((value) => ({ ...value, ...subdomainBounds(value.value) }));
      const items = await sql.countSuppressed.run({ org_id, rows: bounded, most: COUNTED_MAX }, tx);
      const rows = values.map((value) => ({
        ...value,
        id: newId(context.clock),
        reason: input.reason,
        until: ends,
      }));
      const added_count = input.dry_run
        ? await newCount(tx, org_id, rows)
        : (await sql.addSuppressions.run({ org_id, rows, source: 'person', user_id, now }, tx)).length;
      const lead_count = items.reduce((sum, item) => sum + item.lead_count, 0);
      return { added_count, already_count: values.length - added_count, lead_count, items };
    });
  },
});

const lift = operation({
  name: 'lift_suppression',
  summary: 'Lift a suppression, with the reason. An opt-out of the lead stays.',
  http: { method: 'POST', path: '/suppressions/{id}/lift' },
  cli: { command: 'suppressions lift', args: ['id'] },
  input: z.object({
    id: z
      .string()
      .trim()
      .min(1)
      .max(320)
      .describe('id, or the suppressed address, domain, or phone number')
      .meta({ examples: ['rival.example'] }),
    reason,
  }),
  output: suppression,
  errors: 'not_found suppression_lifted',
  run: async ({ context, principal, input }) => {
    const user_id = requirePerson(principal);
    return transact({ context, principal }, async ({ tx, org_id, now }) => {
      const key = await idOf(tx, org_id, input.id);
      const rows = await sql.liftSuppression.run({ org_id, id: key, user_id, reason: input.reason, now }, tx);
      const [found] = await sql.getSuppression.run({ org_id, id: key }, tx);
      if (found === undefined) throw notSuppressed();
      if (rows.length === 0) throw new AppError('suppression_lifted', 'This suppression is already lifted.');
      return found;
    });
  },
});

export const suppressionListOperations = [list, add, lift] as const;

/** Throws `not_found`. */
async function idOf(tx: Queryable, org_id: string, key: string): Promise<string> {
  if (id.safeParse(key).success) return key;
  const read = readSuppressedValue(key);
  const found = 'value' in read ? await sql.suppressionOfValue.one({ org_id, ...read }, tx) : undefined;
  if (found === undefined) throw notSuppressed();
  return found.id;
}

const notSuppressed = () =>
  new AppError('not_found', 'No suppression has this ID or value.', {
    hint: 'List those in force: touchline suppressions list',
  });

/** Throws `suppression_invalid` with the path of every fault. A value given twice counts once. */
async function readValues(
  tx: Queryable,
  org_id: string,
  texts: readonly string[],
): Promise<SuppressedValue[]> {
  const own = await sql.ownAddresses.run({ org_id }, tx);
  const errors: FieldError[] = [];
  const values = new Map<string, SuppressedValue>();
  for (const [at, text] of texts.entries()) {
    const read = readSuppressedValue(text);
    const fault =
      'error' in read ? `is not an address, domain, or phone number: ${read.error}` : ownFault(read, own);
    if (fault !== null) errors.push({ path: `values[${at}]`, message: fault });
    else if ('value' in read) values.set(`${read.kind} ${read.value}`, read);
  }
  if (errors.length === 0) return [...values.values()];
  throw new AppError('suppression_invalid', 'Not added: some values are invalid.', { errors });
}

async function newCount(
  tx: Queryable,
  org_id: string,
  values: readonly (SuppressedValue & { until: Date | null })[],
): Promise<number> {
  const rows = await sql.valuesInForce.run({ org_id, rows: values }, tx);
  return values.length - rows.length;
}

function untilPast(path: string): AppError {
  return new AppError('until_past', 'A suppression must end in the future.', {
    errors: [{ path, message: 'is in the past' }],
  });
}
