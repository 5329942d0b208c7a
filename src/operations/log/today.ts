/** Pending work, and the last 24 hours: where a day at Touchline begins. */

import { z } from 'zod';
import { DAY_MS } from '../../core/durations.ts';
import { UNSET_POSTAL_ADDRESS } from '../../core/organization.ts';
import type { Queryable } from '../../db/pool.ts';
import { getOrganization } from '../../db/queries/principals.gen.ts';
import * as today_sql from '../../db/queries/today.gen.ts';
import type { Principal } from '../../principal.ts';
import { SUPPRESSED_REASON_VALUES } from '../../schema.gen.ts';
import { id, instant, noun, nullableInstant } from '../fields.ts';
import { operation, transact } from '../operation.ts';
import { type Owned, ownedIn, scope, shownScope } from '../ownership.ts';
import { identityOf } from './flags.ts';

/** More than a day's work, and counting on would take longer than the page allows. */
const COUNT_MAX = 1_000;

const count = noun('CountedWork', {
  count: z.int(),
  is_more: z.boolean().describe('the true number is higher'),
});

const waiting = noun('WaitingWork', {
  ...count.shape,
  first: z
    .object({
      id: id.describe('of the queue item, message, or task'),
      since: instant.describe('when it became due or arrived'),
      lead_id: id.nullable(),
      person: z.string(),
      company: z.string().nullable(),
      campaign_name: z.string().nullable(),
    })
    .nullable()
    .describe('the oldest'),
});

const today = noun('Today', {
  as_of: instant,
  scope: shownScope,
  drafts: waiting.describe('drafts that await your decision'),
  personal_sends: waiting.describe('manual sends'),
  replies: waiting.describe('replies to handle'),
  hand_offs: waiting.describe(
    'leads to route: booked meetings and requested entries; none for people who may not route them',
  ),
  plays: count.describe('plays under review without your approval, as sales leader or RevOps'),
  dead_ends: count.describe('failed tasks'),
  held: count.describe('touches held now'),
  unknown: count.describe('messages with unknown delivery'),
  sending: count
    .extend({
      lease_until: nullableInstant.describe('when their first lease ends; until then no other process sends'),
    })
    .describe('messages being sent now'),
  flags: count.describe('open warnings'),
  own_flags: count.describe('open warnings for you'),
  notifications: count.describe('your unread notifications'),
  needs_organization: z.boolean().describe('mail is held until an admin sets name and postal address'),
  last_day: z.object({
    hours: z
      .array(z.object({ starts_at: instant, sent: z.int(), held: z.int() }))
      .describe('the last 24, oldest first; held: gate decisions that did not pass'),
    sent: z.int(),
    held: z.int(),
    held_by_reason: z.array(z.object({ reason: z.enum(SUPPRESSED_REASON_VALUES), count: z.int() })),
    is_complete: z.boolean().describe(`false: an hour had more than ${COUNT_MAX} of a kind`),
  }),
});

const get = operation({
  name: 'get_today',
  summary: 'Show what is pending for people now, and what was sent and held in the last 24 hours.',
  http: { method: 'GET', path: '/today' },
  cli: { command: 'today' },
  input: z.object({
    scope: scope.describe(
      'mine: only of leads that the caller owns; team: of the caller’s team; plays, own_flags, and notifications are always the caller’s',
    ),
  }),
  output: today,
  text: todayText,
  run: async ({ context, principal, input }) => {
    const { user_id, roles } = identityOf(principal);
    const until = context.clock.now();
    const since = new Date(until.getTime() - DAY_MS);
    const limit = COUNT_MAX + 1;
    const [counts, scoped, organization] = await transact({ context, principal }, async ({ tx, org_id }) => {
      const owned = await ownedIn(tx, principal, input.scope ?? null);
      const span = { org_id, user_id: user_id ?? NOBODY, since, until, limit };
      // These reads are independent.
      return Promise.all([
        today_sql.countWaiting.one({ ...span, roles }, tx),
        readScoped(tx, span, owned),
        getOrganization.one({ org_id }, tx),
      ]);
    });
    const { firsts, sent, held } = scoped;
    const found = { ...counts!, ...scoped.counts };
    const pending = (kind: 'drafts' | 'personal_sends' | 'replies' | 'hand_offs') => ({
      ...bounded(found[kind]),
      first: shownFirst(firsts.find((row) => row.kind === kind)),
    });
    return {
      as_of: until,
      scope: input.scope ?? 'all',
      drafts: pending('drafts'),
      personal_sends: pending('personal_sends'),
      replies: pending('replies'),
      hand_offs: mayRoute(principal) ? pending('hand_offs') : { count: 0, is_more: false, first: null },
      plays: bounded(found.plays, found.plays_reviewed > COUNT_MAX),
      dead_ends: bounded(found.dead_ends),
      held: bounded(found.held),
      unknown: bounded(found.unknown),
      sending: { ...bounded(found.sending), lease_until: found.sending_until },
      flags: bounded(found.flags),
      own_flags: bounded(found.own_flags, counts!.flags > COUNT_MAX),
      notifications: bounded(found.notifications),
      needs_organization: needsOrganization(organization!, context),
      last_day: lastDay(sent, held),
    };
  },
});

export const todayOperations = [get] as const;

/** The same roles as for `route_task` in permissions.ts. */
function mayRoute(principal: Principal): boolean {
  return principal.kind !== 'human' || principal.roles.some((role) => role === 'exec' || role === 'admin');
}

type Span = { org_id: string; user_id: string; since: Date; until: Date; limit: number };

/** Reads everything that follows the lead: for all leads, or for those in scope, whose counts replace the others. */
async function readScoped(tx: Queryable, span: Span, owned: Owned | null) {
  if (owned === null) {
    const [firsts, sent, held] = await Promise.all([
      today_sql.firstWaiting.run(span, tx),
      today_sql.sentByHour.run(span, tx),
      today_sql.heldByHour.run(span, tx),
    ]);
    return { counts: null, firsts, sent, held };
  }
  const of_leads = { ...span, ...owned };
  const [counts, firsts, sent, held] = await Promise.all([
    today_sql.countWaitingOfLeads.one(of_leads, tx),
    today_sql.firstWaitingOfLeads.run(of_leads, tx),
    today_sql.sentByHourOfLeads.run(of_leads, tx),
    today_sql.heldByHourOfLeads.run(of_leads, tx),
  ]);
  return { counts: counts!, firsts, sent, held };
}

/** No warning or notification is for this id. */
const NOBODY = '00000000-0000-0000-0000-000000000000';

/** The sample's mail stays on this machine, so it needs no address. */
function needsOrganization(
  { own_since, postal_address }: { own_since: Date | null; postal_address: string },
  { catcher }: { catcher: unknown },
): boolean {
  return own_since === null && (catcher === null || postal_address === UNSET_POSTAL_ADDRESS);
}

function bounded(found: number, is_more = found > COUNT_MAX): z.output<typeof count> {
  return { count: Math.min(found, COUNT_MAX), is_more };
}

function shownFirst(row: today_sql.FirstWaitingResult | undefined) {
  if (row === undefined) return null;
  const { id, since, lead_id, company, campaign_name, first_name, last_name } = row;
  const name = [first_name, last_name].filter(Boolean).join(' ');
  const person = name || row.lead_email || row.from_address || 'unknown sender';
  return { id, since, lead_id, person, company, campaign_name };
}

function lastDay(sent: readonly today_sql.SentByHourResult[], held: readonly today_sql.HeldByHourResult[]) {
  const hours = sent.map(({ starts_at, count: left }) => {
    const of_hour = held.filter((row) => row.starts_at.getTime() === starts_at.getTime());
    return { starts_at, sent: Math.min(left, COUNT_MAX), held: sum(of_hour) };
  });
  const held_by_reason = SUPPRESSED_REASON_VALUES.map((reason) => ({
    reason,
    count: sum(held.filter((row) => row.reason === reason)),
  })).filter((of_reason) => of_reason.count > 0);
  return {
    hours,
    sent: hours.reduce((all, hour) => all + hour.sent, 0),
    held: sum(held),
    held_by_reason: held_by_reason.sort((one, other) => other.count - one.count),
    is_complete: [...sent, ...held].every((row) => row.count <= COUNT_MAX),
  };
}

function sum(rows: readonly { count: number }[]): number {
  return rows.reduce((all, row) => all + Math.min(row.count, COUNT_MAX), 0);
}

type Today = z.output<typeof today>;

/** SCOPE: the scope of the answer, where the command takes one. */
const WAITING = [
  ['drafts', 'draft', 'to approve', 'touchline drafts --status drafted --decidable SCOPE'],
  ['personal_sends', 'message', 'to send yourself', 'touchline personal SCOPE'],
  ['replies', 'reply', 'to handle', 'touchline inbound --no-handled SCOPE'],
  ['hand_offs', 'lead', 'to route', 'touchline hand-offs SCOPE'],
  ['plays', 'play', 'to approve', 'touchline plays --state under_review'],
  ['dead_ends', 'task', 'failed', 'touchline tasks --status failed'],
  ['unknown', 'message', 'with unknown delivery', 'touchline queue --status unknown SCOPE'],
  ['sending', 'message', 'being sent', 'touchline queue --status approved SCOPE'],
  ['own_flags', 'warning', 'for you', 'touchline flags --mine'],
  ['notifications', 'notification', 'to read', 'touchline notifications'],
] as const;

/** The day on a terminal: pending work with the command that shows it, and the counts of sent and held touches. */
function todayText(today: Today): string {
  const in_scope = today.scope === 'all' ? '' : ` --scope ${today.scope}`;
  const lines = WAITING.flatMap(([kind, noun, words, command]) => {
    const { count, is_more } = today[kind];
    const counted = `${count.toLocaleString('en')}${is_more ? '+' : ''} ${count === 1 ? noun : `${noun}s`.replace(/([^aeiou])ys$/, '$1ies')}`;
    const lease = kind === 'sending' ? ` (the first lease ends ${today.sending.lease_until})` : '';
    return count === 0 ? [] : [`${counted} ${words}${lease}: ${command.replace(/ SCOPE$/, in_scope)}`];
  });
  const { sent, held, is_complete } = today.last_day;
  const least = is_complete ? '' : 'at least ';
  const last = `In the last 24 hours ${least}${sent} ${sent === 1 ? 'was' : 'were'} sent, and the gate held or stopped ${least}${held}.`;
  const asked = today.needs_organization
    ? ['Mail is held until you set your name and postal address: touchline organization set --help.']
    : [];
  return [...asked, ...(lines.length === 0 ? ['Nothing is waiting for you.'] : lines), '', last].join('\n');
}
