import type { AccountsRow } from '../schema.gen.ts';
import { type ColumnsOf, KNOWING, PRODUCT, said, set } from './columns.ts';

const FILLED = { filled: true } as const;
const COMPUTED = { unaudited: 'computed', hidden: true } as const;

/**
 * The columns of an account, in the order of its answers. Leads without their own tier, time zone, country, or segment use the
 * account's.
 */
export const ACCOUNT_COLUMNS = {
  org_id: { kind: 'id', stays: 'whose it is', hidden: true },
  id: { kind: 'id', stays: 'which it is' },
  name: set('name', 'Name', KNOWING, { chars_max: 300, erased: `'erased-' || id` }),
  domain: { kind: 'domain', erased: 'NULL' },
  icp_tier: said('tier', 'Tier', PRODUCT, FILLED),
  segment: said(100, 'Segment', PRODUCT, FILLED),
  vertical: said(100, 'Industry', KNOWING, FILLED),
  country: said(100, 'Country', PRODUCT, FILLED),
  time_zone: said('time_zone', 'Time zone', PRODUCT),
  abm_active: set('flag', 'ABM works it', PRODUCT, {
    erased: 'false',
    describe: 'true: its leads get no nurture',
  }),
  owner_user_id: said('reference', 'Owner', PRODUCT, {
    describe: 'owns its leads that have no owner of their own',
  }),
  crm_account_id: { kind: 'text', erased: 'NULL' },
  created_at: { kind: 'stamp', stays: 'set once' },
  updated_at: { kind: 'stamp', at_erasure: '$3', unaudited: 'when, not what' },
  account_key: { kind: 'name', generated: 'identity', ...COMPUTED },
  name_key: { kind: 'text', generated: 'search_key', ...COMPUTED },
} as const satisfies ColumnsOf<AccountsRow>;
