import { accountOperations } from '../../src/operations/leads/accounts.ts';
import { leadOperations } from '../../src/operations/leads/leads.ts';
import { all, type ColumnList, functionNames, statementNames, these } from './read.ts';
import { DERIVED_OF_LEADS, KEYS, OPT_OUT_DATES, PAUSES, SIGNALS, STAMPS } from './reasons.ts';

/* Lists of what is written of leads and accounts: by imports, and by hand. */

const STAGED_KEYS = {
  ...{
    org_id: 'whose it is',
    import_id: 'which file',
    line: 'which line',
    lead_id: 'for a lead that is new',
  },
  account_id: 'for an account that is new',
  address_hmac: 'compared with the addresses of who was erased',
};
const OF_ACCOUNT = {
  company: 'of the account: mergeAccounts',
  company_domain: 'of the account: mergeAccounts',
  abm_active: 'of the account: mergeAccounts and lockChangedLeads',
};
const IS_SET = /^\s{2}(\w+) = /gm;
const STAGED = /\br\.(\w+)/g;

const shapeOf = (operations: readonly { name: string; input: { shape: object } }[], name: string) =>
  these(Object.keys(operations.find((one) => one.name === name)!.input.shape));

/** A re-import: what a file may say has to be looked at, and written, for leads that are new and for those that are known. */
export const IMPORTS: readonly ColumnList[] = [
  {
    list: 'import_row_is_news (db/routines/imports.sql)',
    table: 'lead_import_rows',
    read: functionNames('import_row_is_news', /\(r\)\.(\w+)/g),
    without: { ...STAGED_KEYS, ...OF_ACCOUNT },
  },
  {
    list: 'updateImportedLeads (db/queries/imports.sql)',
    table: 'lead_import_rows',
    read: statementNames('imports', 'updateImportedLeads', STAGED, /SET[\s\S]*?\nFROM/),
    without: { ...STAGED_KEYS, ...OF_ACCOUNT, ...SIGNALS },
  },
  {
    list: 'insertImportedLeads (db/queries/imports.sql)',
    table: 'lead_import_rows',
    read: statementNames('imports', 'insertImportedLeads', STAGED, /INSERT[\s\S]*?\nFROM/),
    without: {
      ...{ import_id: 'which file', line: 'which line', account_id: 'the account may be known' },
      ...{ address_hmac: STAGED_KEYS.address_hmac, ...OF_ACCOUNT, ...SIGNALS },
    },
  },
  {
    list: 'insertImportedSignals (db/queries/imports.sql)',
    table: 'lead_import_rows',
    read: statementNames('imports', 'insertImportedSignals', /\b[rk]\.(\w+_signal_at)/g),
    without: everythingBut('lead_import_rows', 'is no signal'),
  },
  {
    list: 'mergeAccounts (db/queries/imports.sql)',
    table: 'accounts',
    read: all(
      statementNames('imports', 'mergeAccounts', /^\s{4}(\w+) = coalesce/gm),
      statementNames('imports', 'mergeAccounts', /(\w+)/g, /INSERT INTO accounts \(.*\)/),
    ),
    without: { time_zone: 'a file says the zone of a lead', crm_account_id: 'a file does not say it' },
  },
  {
    list: 'updateImportedLeads (db/queries/imports.sql), what it writes',
    table: 'leads',
    read: statementNames('imports', 'updateImportedLeads', IS_SET),
    without: {
      ...{ ...KEYS, created_at: 'set once', ...DERIVED_OF_LEADS, ...SIGNALS, ...PAUSES },
      owner_user_id: 'a file names nobody of the organization',
      erased_at: 'erase_lead alone',
    },
  },
];

export const PATCHES: readonly ColumnList[] = [
  {
    list: 'patchLead (db/queries/leads.sql)',
    table: 'leads',
    read: statementNames('leads', 'patchLead', /(\w+)/g, /SET\s+\([\s\S]*?\) = /),
    without: {
      ...{ ...KEYS, created_at: 'set once', ...DERIVED_OF_LEADS, ...SIGNALS, ...PAUSES },
      ...{
        account_id: 'an import moves a lead',
        email: 'the address is who it is',
        erased_at: 'erase_lead alone',
      },
      ...{ unsubscribe_flag: 'the lead alone', opt_out_flag: 'opt_out_lead', ...OPT_OUT_DATES },
    },
  },
  {
    list: 'the fields of patch_lead (src/operations/leads/leads.ts)',
    table: 'leads',
    read: shapeOf(leadOperations, 'patch_lead'),
    without: {
      ...{ org_id: 'whose it is', ...STAMPS, ...DERIVED_OF_LEADS, ...SIGNALS, ...PAUSES },
      ...{
        account_id: 'an import moves a lead',
        email: 'the address is who it is',
        erased_at: 'erase_lead alone',
      },
      ...{ unsubscribe_flag: 'the lead alone', opt_out_flag: 'opt_out_lead', ...OPT_OUT_DATES },
    },
  },
  {
    list: 'patchAccount (db/queries/accounts.sql)',
    table: 'accounts',
    read: statementNames('accounts', 'patchAccount', /(\w+)/g, /SET\s+\([\s\S]*?\) = /),
    without: {
      ...{ ...KEYS, created_at: 'set once', domain: 'an import recognizes it by that' },
      crm_account_id: 'the CRM’s to say',
    },
  },
  {
    list: 'the fields of patch_account (src/operations/leads/accounts.ts)',
    table: 'accounts',
    read: shapeOf(accountOperations, 'patch_account'),
    without: {
      ...{ org_id: 'whose it is', ...STAMPS, domain: 'an import recognizes it by that' },
      crm_account_id: 'the CRM’s to say',
    },
  },
];

/** Of a list that is about signals alone: the columns that are none. */
function everythingBut(table: 'lead_import_rows', why: string): Record<string, string> {
  const columns = [
    ...Object.keys(STAGED_KEYS),
    ...Object.keys(OF_ACCOUNT),
    ...[
      'email',
      'first_name',
      'last_name',
      'title',
      'linkedin_url',
      'country',
      'time_zone',
      'icp_tier',
      'segment',
    ],
    ...[
      'vertical',
      'lifecycle_stage',
      'crm_contact_id',
      'unsubscribe_flag',
      'opt_out_flag',
      'intent_signals',
    ],
  ];
  return Object.fromEntries(columns.map((column) => [column, `${why} of ${table}`]));
}
