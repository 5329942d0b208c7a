import * as sql from '../../db/queries/crm_incoming.gen.ts';
import { newId } from '../../ids.ts';
import { rowsJson } from '../gate/rows.ts';
import { companyKey, domainKey, erasedKeys } from './erased_records.ts';
import { type FieldValues, valuesOf } from './fields.ts';
import {
  type CrmCompanyRecord,
  columnsOf,
  type IncomingFields,
  type IncomingScope,
  type KeptRecord,
  keepRecords,
  type Reading,
  said,
  unreadOf,
} from './incoming.ts';

type Company = { record_id: string; name: string | null; domains: string[]; values: FieldValues };
type Decided = KeptRecord & Company & { is_new: boolean };

const DOMAIN = /^[a-z0-9-]+([.][a-z0-9-]+)+$/;

/** Applies companies of the CRM: each finds its account by the CRM's id, else by a domain or the name, or creates one. Names win. */
export async function applyCompanies(
  scope: IncomingScope,
  records: readonly CrmCompanyRecord[],
  reading: Reading,
  mapped: IncomingFields,
): Promise<void> {
  if (records.length === 0) return;
  const { tx, org_id, clock } = scope;
  const now = clock.now();
  const all = records.map((record) => companyOf(record, mapped));
  const keys = all.flatMap(({ record_id, domains }) => [companyKey(record_id), ...domains.map(domainKey)]);
  const erased = await erasedKeys(scope, scope.secret, keys);
  const companies = all.filter(
    ({ record_id, domains }) =>
      !erased.has(companyKey(record_id)) && !domains.some((domain) => erased.has(domainKey(domain))),
  );
  const decided = decide(scope, companies, await findAndLock(scope, companies));
  const fresh = await keepRecords(
    scope,
    'company',
    decided.map(({ record_id, subject_id, left_out, values }) => {
      return { record_id, subject_id, left_out, unread_fields: unreadOf(values, mapped.owners) };
    }),
    reading,
  );
  const current = decided.filter((one) => one.left_out === null && fresh.has(one.record_id));
  const rowsOf = (is_new: boolean) =>
    current
      .filter((one) => one.is_new === is_new)
      .map(({ record_id, subject_id, name, domains: [domain = null], values }) => {
        const columns = { ...columnsOf(values, mapped.owners), abm_active: values.abm_active };
        return {
          record_id,
          account_id: subject_id,
          name: is_new ? (name ?? domain) : name,
          domain,
          ...columns,
        };
      });
  const [added, known] = [rowsOf(true), rowsOf(false)];
  const created =
    added.length === 0 ? [] : await sql.insertCrmCompanies.run({ org_id, rows: rowsJson(added), now }, tx);
  const has = new Set(created.map(({ id }) => id));
  if (known.length > 0) await sql.updateCrmCompanies.run({ org_id, rows: rowsJson(known), now }, tx);
  // Another transaction created the account in the meantime, and has committed: now it is found.
  const late = new Set(added.filter(({ account_id }) => !has.has(account_id!)).map((row) => row.record_id));
  if (late.size > 0)
    await applyCompanies(
      scope,
      records.filter(({ record_id }) => late.has(record_id)),
      reading,
      mapped,
    );
}

function companyOf(
  { record_id, name, domains, fields: texts }: CrmCompanyRecord,
  { fields }: IncomingFields,
): Company {
  const lower = domains.map((domain) => domain.trim().toLowerCase()).filter((domain) => DOMAIN.test(domain));
  const values = valuesOf(fields, 'company', texts);
  return { record_id, name: said(name, 300), domains: [...new Set(lower)], values };
}

type Found = sql.FindCrmCompaniesResult;

async function findAndLock({ tx, org_id }: IncomingScope, companies: readonly Company[]): Promise<Found[]> {
  const rows = rowsJson(companies.map(({ record_id, name, domains }) => ({ record_id, name, domains })));
  const found = await sql.findCrmCompanies.run({ org_id, rows }, tx);
  const account_ids = [...new Set(found.flatMap(({ account_id }) => account_id ?? []))];
  if (account_ids.length === 0) return found;
  await sql.lockAccounts.run({ org_id, account_ids }, tx);
  return sql.findCrmCompanies.run({ org_id, rows }, tx);
}

function decide(scope: IncomingScope, companies: readonly Company[], found: readonly Found[]): Decided[] {
  const found_of = new Map(found.map((row) => [row.record_id, row]));
  /** Accounts and keys of accounts that another record of this batch has. */
  const taken = new Set<string>();
  return companies.map((company): Decided => {
    const { record_id, name, domains } = company;
    const { account_id, crm_account_id, has_record } = found_of.get(record_id)!;
    const key = domains[0] ?? name?.toLowerCase();
    if (key === undefined) return { ...company, subject_id: null, is_new: false, left_out: 'no_name' };
    const mark = account_id ?? key;
    const is_other = crm_account_id !== null && crm_account_id !== record_id && has_record;
    if (is_other || taken.has(mark))
      return { ...company, subject_id: account_id, is_new: false, left_out: 'other_record' };
    taken.add(mark);
    const subject_id = account_id ?? newId(scope.clock);
    return { ...company, subject_id, is_new: account_id === null, left_out: null };
  });
}
