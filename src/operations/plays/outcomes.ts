/** Outcomes of plays that brains drafted, beside those without a brain: like with like, with intervals. */
import { z } from 'zod';
import { orgPolicy } from '../../coordinator/gate/scope.ts';
import { DAY_MS } from '../../core/durations.ts';
import {
  type DealRow,
  MEASURES,
  type Measured,
  measure,
  type PeopleRow,
  type WonRow,
} from '../../core/plays/measures.ts';
import { type OutcomeCellsResult, outcomeCells, quarterEnds } from '../../db/queries/play_analytics.gen.ts';
import { AppError } from '../../errors.ts';
import { noun } from '../fields.ts';
import { operation } from '../operation.ts';
import { visibleTo } from './output.ts';

/** Accounts in strata, and days of deals: a few tens of megabytes. */
const CELLS_MAX = 300_000;
/** Five years: older quarters are rarely useful, and each one is read in full. */
const QUARTERS_MAX = 20;

const counts = noun('OutcomeCounts', {
  people: z.int().describe('people, or the deals of which the measure is taken'),
  events: z.int().describe('those that met, opened, closed, or were won'),
  accounts: z.int(),
});

const outcome = noun('Outcome', {
  quarter: z.string().nullable().describe('quarter in which the people began; null: all quarters together'),
  is_provisional: z.boolean().describe('some of these people are still followed'),
  measure: z
    .enum(MEASURES)
    .describe(
      'win_rate: won per opportunity, and sales_cycle_days: days until it closes, both within 90 days; open deals count as far as they are known',
    ),
  currency: z.string().nullable().describe('of an amount; currencies are not mixed'),
  with_brain: counts,
  without_brain: counts,
  value_with_brain: z.number().nullable().describe('over the strata that both groups have'),
  value_without_brain: z.number().nullable().describe('the same, in the same mix of strata'),
  difference: z.number().nullable(),
  lowest: z.number().nullable().describe('the difference is between lowest and highest with 95% confidence'),
  highest: z.number().nullable(),
  strata: z.int().nullable().describe('sequence type, tier, and segment: the groups compared within'),
  needs_people: z.int().describe('more that the smaller group needs before a difference is shown'),
  needs_accounts: z.int(),
  needs_events: z.int(),
});

const outcomes = operation({
  name: 'analytics_outcomes',
  summary:
    'Compare people who began with a play that a brain drafted with people who began without one, within sequence type, tier, and segment.',
  http: { method: 'GET', path: '/analytics/outcomes' },
  cli: {
    command: 'analytics outcomes',
    empty: 'Nobody began in this period.',
    columns:
      'quarter measure currency value_with_brain value_without_brain difference lowest highest strata needs_people needs_accounts needs_events is_provisional',
    nulls: { quarter: 'all' },
  },
  mcp: { tool: 'analytics_outcomes', title: 'Compare outcomes with and without a brain' },
  input: z.object({
    quarters: z
      .int()
      .min(1)
      .max(QUARTERS_MAX)
      .default(4)
      .describe('number of quarters, including the current one'),
  }),
  output: z.object({
    follow_up_days: z.int().describe('how long people are followed; a setting of the policy'),
    items: z.array(outcome),
  }),
  errors: 'range_too_long',
  run: async ({ context, principal, input: { quarters } }) => {
    const { org_id } = principal;
    const { db, clock } = context;
    const now = clock.now();
    const { policy } = await orgPolicy({ tx: db, org_id });
    const { follow_up_days, people_min, accounts_min } = policy.outcomes;
    const { only_writer: agent_id } = visibleTo(principal);
    const asked = { org_id, now, quarters, agent_id, follow_up_days, limit: CELLS_MAX + 1 };
    const cells = await outcomeCells.run(asked, db);
    if (cells.length > CELLS_MAX)
      throw new AppError('range_too_long', 'These quarters have too many accounts for one answer.', {
        hint: 'Ask for fewer quarters.',
      });
    const minimum = { people: people_min, accounts: accounts_min };
    const is_provisional = (ends_at: Date) => ends_at.getTime() + follow_up_days * DAY_MS > now.getTime();
    const ends = await quarterEnds.run({ org_id, now, quarters }, db);
    const known = ends.filter(({ quarter }) => cells.some((cell) => cell.quarter === quarter));
    const all = known.flatMap(({ quarter, ends_at }) => {
      const own = cells.filter((cell) => cell.quarter === quarter);
      return measure(rowsOf(own), minimum).map((one) => shown(one, quarter, is_provisional(ends_at)));
    });
    if (known.length < 2) return { follow_up_days, items: all };
    const newest = is_provisional(known[0]!.ends_at);
    const together = measure(rowsOf(cells), minimum).map((one) => shown(one, null, newest));
    return { follow_up_days, items: [...together, ...all] };
  },
});

export const outcomeOperations = [outcomes] as const;

function rowsOf(cells: readonly OutcomeCellsResult[]) {
  const rows: { people: PeopleRow[]; deals: DealRow[]; won: WonRow[] } = { people: [], deals: [], won: [] };
  for (const cell of cells) {
    const { quarter, sequence_type, icp_tier, segment, deal_end, day, people, meetings, currency } = cell;
    const at = {
      // People of different quarters are not compared with one another.
      stratum: JSON.stringify([quarter, sequence_type, icp_tier, segment]),
      account: cell.account_id,
      arm: cell.is_with ? 'with' : 'without',
    } as const;
    rows.people.push({ ...at, people, meetings, opportunities: deal_end === null ? 0 : people });
    if (deal_end === null || day === null) continue;
    rows.deals.push({ ...at, day, end: deal_end as DealRow['end'], deals: people });
    if (currency !== null && cell.acv_cents !== null)
      rows.won.push({ ...at, currency, deals: people, acv_cents: cell.acv_cents });
  }
  return rows;
}

function shown(
  { measure: name, currency, with: one, without: other, comparison, needs }: Measured,
  quarter: string | null,
  is_provisional: boolean,
): z.output<typeof outcome> {
  const countsOf = ({ of: people, events, accounts }: Measured['with']) => ({ people, events, accounts });
  return {
    quarter,
    is_provisional,
    measure: name,
    currency,
    with_brain: countsOf(one),
    without_brain: countsOf(other),
    value_with_brain: comparison?.with ?? null,
    value_without_brain: comparison?.without ?? null,
    difference: comparison?.difference ?? null,
    lowest: comparison?.lowest ?? null,
    highest: comparison?.highest ?? null,
    strata: comparison?.strata ?? null,
    needs_people: needs?.people ?? 0,
    needs_accounts: needs?.accounts ?? 0,
    needs_events: needs?.events ?? 0,
  };
}
