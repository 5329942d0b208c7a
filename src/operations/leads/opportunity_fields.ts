import { z } from 'zod';
import {
  ACTOR_KIND_VALUES,
  ACV_BASIS_VALUES,
  OPPORTUNITY_SOURCE_VALUES,
  OPPORTUNITY_STAGE_VALUES,
} from '../../schema.gen.ts';
import { headerLine, id, instant, kept, noun, nullableInstant } from '../fields.ts';
import { userKey } from '../user_keys.ts';

const AMOUNT_CENTS_MAX = Number.MAX_SAFE_INTEGER;
/** How far an opportunity is. */
export const stage = z.enum(OPPORTUNITY_STAGE_VALUES);

const shown = {
  id,
  lead_id: id.describe('the lead of which it was recorded, also after a merge'),
  lead_email: z.string(),
  first_name: z.string().nullable(),
  last_name: z.string().nullable(),
  account_id: id.nullable(),
  account_name: z.string().nullable(),
  name: z.string(),
  stage,
  amount_cents: z.int().nullable().describe('hundredths of the currency'),
  currency: z.string().nullable().describe('ISO 4217'),
  term_months: z.int().nullable(),
  acv_cents: z
    .int()
    .nullable()
    .describe('annual contract value in hundredths of the currency; see `acv_basis`'),
  acv_basis: z
    .enum(ACV_BASIS_VALUES)
    .nullable()
    .describe('term: the amount per year of the term; amount: the amount, since no term is known'),
  opened_at: instant,
  closed_at: nullableInstant,
  lost_reason: z.string().nullable(),
  owner_user_id: id.nullable(),
  owner_name: z.string().nullable(),
  enrollment_id: id.nullable().describe('the enrollment that led to it'),
  campaign_id: id.nullable(),
  campaign_name: z.string().nullable(),
  campaign_slug: z.string().nullable(),
  play_id: id.nullable(),
  originating_proposal_id: id.nullable(),
  source: z.enum(OPPORTUNITY_SOURCE_VALUES),
  crm_deal_id: z.string().nullable(),
  created_at: instant,
  updated_at: instant,
};
/** An opportunity in lists. */
export const listed = noun('ListedOpportunity', shown);
/** An opportunity with the moves of its stage. */
export const detail = noun('Opportunity', {
  ...shown,
  moves: z
    .array(
      noun('OpportunityMove', {
        from_stage: stage.nullable().describe('null: opened in `to_stage`'),
        to_stage: stage,
        moved_at: instant,
        moved_by_kind: z.enum(ACTOR_KIND_VALUES),
        moved_by_id: z.string().nullable(),
        moved_by_name: z.string().nullable(),
      }),
    )
    .describe('oldest first'),
});

/** An instant that a caller gives. */
export const time = kept(z.iso.datetime({ offset: true }));
/** The fields that people write. */
export const given = {
  name: headerLine(300).describe('such as Acme, 50 seats'),
  stage,
  amount_cents: z.coerce.number().int().min(0).max(AMOUNT_CENTS_MAX).describe('hundredths of the currency'),
  currency: z
    .string()
    .trim()
    .toUpperCase()
    .regex(/^[A-Z]{3}$/, 'expected a code of ISO 4217, such as EUR')
    .describe('ISO 4217'),
  term_months: z.coerce.number().int().min(1).max(120).describe('term of the contract'),
  closed_at: time.describe('when it was won or lost; default: now'),
  lost_reason: headerLine(2000).describe('only of a lost opportunity; deleted with the lead’s personal data'),
  owner_user_id: userKey,
  account_id: id,
  crm_deal_id: z.string().trim().min(1).max(200).describe('id of the deal in the CRM'),
};
