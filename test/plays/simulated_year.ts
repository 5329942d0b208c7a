import type { Arm } from '../../src/core/plays/comparison.ts';
import { DEAL_DAYS, type Measure } from '../../src/core/plays/measures.ts';
import type { Random } from '../faults/seeded_random.ts';

/**
 * One person of a simulated year. The brain prefers better strata (confounding), people of one account share their luck, and
 * deals that were opened late are still open when the person is no longer followed.
 */
export type Simulated = {
  stratum: number;
  account: number;
  arm: Arm;
  has_meeting: boolean;
  deal: { opened_day: number; day: number; end: 'open' | 'won' | 'lost'; acv_cents: number } | null;
};

/** The changes by a brain, by construction, in every stratum. */
const EFFECT = {
  meeting_rate: 0.06,
  opp_create_rate: 0.08,
  won_of_closed: 0.12,
  closed_days: -6,
  acv_cents: 250_000,
} as const;

const FOLLOW_UP_DAYS = 180;
/** Deals that never close. */
const OPEN_SHARE = 0.15;
const CHOSEN_BY_BRAIN = [0.85, 0.5, 0.15];
const MEETING = [0.34, 0.2, 0.08];
const OPPORTUNITY = [0.4, 0.26, 0.12];
const WON = [0.6, 0.4, 0.2];
const CLOSED_DAYS = [20, 35, 50];
const ACV_CENTS = [4_000_000, 2_400_000, 1_000_000];

/** The true effect on each measure. */
export const TRUTH: Record<Measure, number> = {
  meeting_rate: EFFECT.meeting_rate,
  opp_create_rate: EFFECT.opp_create_rate,
  win_rate: (1 - OPEN_SHARE) * EFFECT.won_of_closed,
  sales_cycle_days: (1 - OPEN_SHARE) * EFFECT.closed_days,
  acv_cents: EFFECT.acv_cents,
};

export function simulateYear(random: Random, accounts: number, people_max: number): Simulated[] {
  const people: Simulated[] = [];
  for (let account = 0; account < accounts; account += 1) {
    const stratum = Math.floor(random.next() * 3);
    // Colleagues are mostly approached in one way.
    const is_brains = random.next() < CHOSEN_BY_BRAIN[stratum]!;
    const luck = {
      of_people: random.next() - 0.5,
      of_wins: random.next() - 0.5,
      of_deals: random.next() - 0.5,
    };
    const size = 1 + Math.floor(random.next() * people_max);
    for (let person = 0; person < size; person += 1) {
      const arm = random.next() < 0.9 === is_brains ? 'with' : 'without';
      people.push(simulatePerson(random, { stratum, account, arm, luck }));
    }
  }
  return people;
}

type Luck = Record<'of_people' | 'of_wins' | 'of_deals', number>;
type Place = { stratum: number; account: number; arm: Arm; luck: Luck };

function simulatePerson(random: Random, { stratum, account, arm, luck }: Place): Simulated {
  const effect = arm === 'with' ? 1 : 0;
  const happens = (share: number, gain: number, shared: number) =>
    random.next() < share + effect * gain + shared;
  const has_meeting = happens(MEETING[stratum]!, EFFECT.meeting_rate, 0.14 * luck.of_people);
  const has_deal = happens(OPPORTUNITY[stratum]!, EFFECT.opp_create_rate, 0.2 * luck.of_people);
  if (!has_deal) return { stratum, account, arm, has_meeting, deal: null };
  const opened_day = Math.floor(random.next() * 150);
  const closes = random.next() >= OPEN_SHARE;
  // Whole days below the horizon in every stratum, so that the effect on them is exact.
  const spread = Math.floor((random.next() + 0.4 * luck.of_deals) * 30);
  const closed_day = Math.min(DEAL_DAYS - 1, CLOSED_DAYS[stratum]! + spread + effect * EFFECT.closed_days);
  const is_won = happens(WON[stratum]!, EFFECT.won_of_closed, 0.3 * luck.of_wins);
  const acv_cents = Math.round(
    ACV_CENTS[stratum]! * (1 + 0.4 * luck.of_deals + 0.3 * (random.next() - 0.5)) + effect * EFFECT.acv_cents,
  );
  const followed = FOLLOW_UP_DAYS - opened_day;
  const has_closed = closes && closed_day <= followed;
  const end = has_closed ? (is_won ? 'won' : 'lost') : 'open';
  return {
    stratum,
    account,
    arm,
    has_meeting,
    deal: { opened_day, day: has_closed ? closed_day : followed, end, acv_cents },
  };
}
