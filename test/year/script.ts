import type { Random } from '../faults/seeded_random.ts';

/* The plan of a simulated year: each person's campaign and fate. The product never sees it. */

/** A person's fate begins once the first message arrived. */
const FATES = [
  'silent',
  'converts',
  'rejects',
  'declines',
  'asks',
  'unsubscribes',
  'opted_out_here',
  'opted_out_in_crm',
  'won_in_crm',
  'lost_in_crm',
  'erased',
  'archived',
] as const;
export type Fate = (typeof FATES)[number];

/** Campaigns of the year. Those of `roles.sales` make deals; the last one outlasts the year, and is archived before its end. */
export const CAMPAIGNS = {
  year_close: { name: 'Closing of the year', owner_role: 'roles.sales', step_days: [0, 6, 12] },
  year_nurture: { name: 'Nurture of the year', owner_role: 'AGT-304', step_days: [0, 12] },
  year_trial: { name: 'Trial of the year', owner_role: 'roles.sales', step_days: [0, 400] },
} as const;
export type CampaignSlug = keyof typeof CAMPAIGNS;

export type Person = {
  email: string;
  first_name: string;
  company: string;
  domain: string;
  campaign: CampaignSlug;
  fate: Fate;
  begins_day: number;
};

/** The last day on which a person begins is this long before the end, so that every sequence ends. */
const LAST_BEGIN_DAYS = 14;
/** Colleagues of one company. */
const COLLEAGUES = 3;
const NURTURED_FATES: readonly Fate[] = [
  'silent',
  'declines',
  'unsubscribes',
  'opted_out_here',
  'opted_out_in_crm',
  'erased',
];

export function planYear(random: Random, count: number, days: number): Person[] {
  return Array.from({ length: count }, (_, index): Person => {
    const company = `Company ${Math.floor(index / COLLEAGUES)}`;
    const domain = `company${Math.floor(index / COLLEAGUES)}.example`;
    const fate = FATES[index % FATES.length]!;
    const may_be_nurtured = NURTURED_FATES.includes(fate) && index >= FATES.length;
    const campaign =
      fate === 'archived'
        ? 'year_trial'
        : may_be_nurtured && random.chance(0.5)
          ? 'year_nurture'
          : 'year_close';
    const begins_day = random.integer(0, days - LAST_BEGIN_DAYS);
    return {
      email: `p${index}@${domain}`,
      first_name: `Person${index}`,
      company,
      domain,
      campaign,
      fate,
      begins_day,
    };
  }).sort((one, other) => one.begins_day - other.begins_day);
}

/** Answers whose intent is beyond dispute. */
export const REPLIES: Partial<Record<Fate, { text: string; intent: string }>> = {
  declines: { text: 'No thank you, we are not interested.', intent: 'not interested' },
  asks: { text: 'How much does it cost for 40 users?', intent: 'question' },
  unsubscribes: { text: 'Please unsubscribe me from this list.', intent: 'unsubscribe' },
};
