import type { LeadsRow } from '../schema.gen.ts';
import { type ColumnsOf, derived, type Elsewhere, KNOWING, PRODUCT, said, set } from './columns.ts';

/** Fields of a lead in answers and files that its account, organization, or owner holds. */
type OfAccount =
  | ('company' | 'company_domain' | 'abm_active')
  | ('effective_icp_tier' | 'effective_segment' | 'effective_time_zone')
  | ('effective_owner_user_id' | 'owner_name' | 'account_owner_user_id');

const SEARCH_KEY = { generated: 'search_key', unaudited: 'computed', hidden: true } as const;
const OWN_FIRST = { elsewhere: 'accounts', describe: 'its own, else its account’s' } as const;
const BY_ENROLLMENTS = 'follows from the enrollments';
const SIGNAL = { kind: 'instant', stays: 'a time', unaudited: 'follows from the signals' } as const;
const EVERY_AGENT = ['brain', 'role', 'system'] as const;
const OWNER_HEADERS =
  'owner owner_email lead_owner contact_owner record_owner owner_name sales_rep rep assigned_to assignee';
const INHERITED = 'Leave blank to use the account’s value.';

/**
 * The columns of a lead, in the order of its answers. A new column of the table does not compile until it is declared here; the
 * recipe is in ARCHITECTURE.md. Agents set no address, since an address decides where a message goes.
 */
export const LEAD_COLUMNS = {
  org_id: { kind: 'id', stays: 'whose it is', moves: true, hidden: true },
  id: { kind: 'id', stays: 'which it is' },
  email: {
    ...{ kind: 'email', label: 'Email', erased: `'erased-' || id || '@erased.invalid'` },
    synonyms: ['e_mail', 'email_address', 'e_mail_address', 'work_email', 'business_email', 'mail'],
  },
  first_name: said(200, 'First name', KNOWING, { synonyms: ['firstname', 'given_name', 'forename'] }),
  last_name: said(200, 'Last name', KNOWING, { synonyms: ['lastname', 'surname', 'family_name'] }),
  title: said(300, 'Title', KNOWING, { synonyms: ['job_title', 'jobtitle', 'position'] }),
  account_id: { kind: 'reference', erased: 'NULL' },
  company: {
    ...{ kind: 'text', chars_max: 300, label: 'Company', elsewhere: 'accounts' },
    synonyms: ['company_name', 'account', 'account_name', 'organization', 'organisation', 'employer'],
  },
  company_domain: {
    ...{ kind: 'domain', label: 'Company domain', elsewhere: 'accounts' },
    synonyms: ['domain', 'account_domain', 'company_website', 'website', 'company_url'],
  },
  abm_active: {
    ...{ kind: 'flag', label: 'In ABM', elsewhere: 'accounts', describe: 'of the account' },
    synonyms: ['abm', 'is_abm', 'abm_account'],
  },
  icp_tier: set('tier', 'Tier', PRODUCT, {
    stays: 'one of three',
    hint: INHERITED,
    synonyms: ['tier', 'icp'],
  }),
  effective_icp_tier: { kind: 'tier', ...OWN_FIRST },
  segment: said(100, 'Segment', PRODUCT, { hint: INHERITED, synonyms: [] }),
  effective_segment: { kind: 'text', ...OWN_FIRST },
  vertical: said(100, 'Industry', KNOWING, { synonyms: ['industry'], in_details: true }),
  lifecycle_stage: said(100, 'Stage', KNOWING, { synonyms: ['lifecycle', 'stage'], in_details: true }),
  country: said(100, 'Country', PRODUCT, { synonyms: ['country_code'], in_details: true }),
  time_zone: said('time_zone', 'Time zone', PRODUCT, {
    hint: 'For example, Europe/Berlin. Send windows and caps use it.',
    synonyms: ['timezone', 'zone', 'tz'],
  }),
  effective_time_zone: {
    ...{ kind: 'name', elsewhere: 'accounts' },
    describe: 'its own, else its account’s, else the organization’s',
  },
  linkedin_url: said('linkedin', 'LinkedIn profile', [], {
    synonyms: ['linkedin', 'linkedin_profile', 'person_linkedin_url', 'linkedin_profile_url'],
  }),
  phone: said('phone', 'Phone number', [], {
    ...{ describe: 'E.164', hint: 'With country code, for example +1 202 555 0123.' },
    synonyms: ['phone_number', 'telephone', 'tel', 'mobile', 'mobile_phone', 'cell_phone', 'work_phone'],
  }),
  crm_contact_id: said(200, 'CRM record', PRODUCT, {
    synonyms: [
      'crm_id',
      'attio_id',
      'attio_record_id',
      'hubspot_id',
      'hs_object_id',
      'record_id',
      'contact_id',
    ],
  }),
  owner_user_id: said('reference', 'Owner', PRODUCT, {
    describe: 'its own; null: the owner of its account owns it',
    synonyms: OWNER_HEADERS.split(' '),
  }),
  effective_owner_user_id: { kind: 'reference', ...OWN_FIRST },
  account_owner_user_id: {
    ...{ kind: 'reference', label: 'Account owner', elsewhere: 'accounts', hidden: true },
    synonyms: ['account_owner', 'account_owner_email', 'account_manager', 'company_owner'],
  },
  owner_name: { kind: 'text', elsewhere: 'users', describe: 'of the effective owner' },
  unsubscribe_flag: {
    ...{ kind: 'flag', label: 'Unsubscribed', stays: 'the way out of an old mail still works', moves: true },
    synonyms: ['unsubscribed', 'unsubscribe', 'email_opt_out'],
  },
  unsubscribed_at: { kind: 'instant', stays: 'goes with its flag', moves: true },
  opt_out_flag: {
    ...{ kind: 'flag', label: 'Opted out', erased: 'true', agents: EVERY_AGENT },
    synonyms: ['opted_out', 'opt_out', 'optout', 'do_not_contact'],
  },
  opted_out_at: { kind: 'instant', at_erasure: 'coalesce(opted_out_at, $3)', agents: EVERY_AGENT },
  sales_signal_at: {
    ...{ ...SIGNAL, label: 'Sales signal date', in_details: true },
    synonyms: ['sales_signal', 'last_sales_signal_at'],
  },
  marketing_signal_at: {
    ...{ ...SIGNAL, label: 'Marketing signal date', in_details: true },
    synonyms: ['marketing_signal', 'last_marketing_signal_at'],
  },
  intent_signals: set('words', 'Interest', KNOWING, {
    ...{ erased: `'{}'`, describe: 'what it has shown interest by', in_details: true },
    synonyms: ['intent_signal', 'intent', 'signals'],
  }),
  cadence_state: derived('state', BY_ENROLLMENTS),
  active_sequence_id: derived('reference', BY_ENROLLMENTS),
  current_step: derived('count', BY_ENROLLMENTS),
  last_touch_at: derived('instant', 'follows from the touches'),
  customer_since: derived('instant', BY_ENROLLMENTS),
  cadence_paused_at: { kind: 'instant', stays: 'a time', moves: true },
  // leads_shell_pause limits its values after that.
  cadence_pause_reason: {
    ...{ kind: 'text', moves: true },
    at_erasure: `CASE WHEN cadence_paused_at IS NOT NULL THEN '(erased)' END`,
  },
  erased_at: { kind: 'instant', at_erasure: '$3', describe: 'since when it is a shell without a person' },
  created_at: { kind: 'stamp', stays: 'set once', moves: true },
  updated_at: { kind: 'stamp', at_erasure: '$3', moves: true, unaudited: 'when, not what' },
  merged_into_id: {
    kind: 'reference',
    stays: 'which lead it became',
    moves: true,
    unaudited: 'lead_merges has it',
  },
  email_key: { kind: 'name', ...SEARCH_KEY },
  email_domain: { kind: 'name', ...SEARCH_KEY },
  reversed_domain: { kind: 'name', ...SEARCH_KEY },
  name_key: { kind: 'text', ...SEARCH_KEY },
  last_name_key: { kind: 'text', ...SEARCH_KEY },
} as const satisfies ColumnsOf<LeadsRow> & Readonly<Record<OfAccount, Elsewhere>>;
