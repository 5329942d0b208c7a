/**
 * Makes samples/leads.csv: 300 invented leads in 110 invented companies. Run it by hand after a change here or in the
 * tables beside it; the seed makes every run print the same bytes:
 *
 * node samples/make_leads.ts > samples/leads.csv
 */
import { type SampleAccount, sampleAccounts } from './sample_accounts.ts';
import { sampleNames } from './sample_names.ts';
import { sampleTitles } from './sample_titles.ts';

const SEED = 20260801;
const SIGNALS_FROM_MS = Date.UTC(2026, 7, 1);
const SIGNALS_TO_MS = Date.UTC(2026, 10, 15);
/** How many leads each tier gets, spread over its accounts. */
const LEADS_PER_TIER: Record<string, number> = { T1: 60, T2: 150, T3: 84, '': 6 };
/** Bigger companies have more leads. */
const MOST_LEADS: Record<string, number> = {
  commercial_smb: 3,
  commercial_mm: 4,
  enterprise: 5,
  enterprise_strategic: 6,
};
const MARKS = { unsubscribed: 8, opted_out: 6, last_name_only: 6, mailbox_only: 4, no_title: 5, no_zone: 18 };
const MAILBOXES = ['purchasing', 'marketing', 'office', 'webshop'];
const LETTERS: Record<string, string> = { ß: 'ss', ø: 'o', ł: 'l', đ: 'd', ð: 'd', þ: 'th', æ: 'ae', ı: 'i' };

const COLUMNS = [
  'email',
  'first_name',
  'last_name',
  'title',
  'company',
  'company_domain',
  'icp_tier',
  'segment',
  'vertical',
  'lifecycle_stage',
  'country',
  'time_zone',
  'abm_active',
  'unsubscribed',
  'opted_out',
  'sales_signal_at',
  'marketing_signal_at',
  'linkedin_url',
  'crm_contact_id',
] as const;

type Lead = Record<(typeof COLUMNS)[number], string>;
/** A number in [0, 1). */
type Random = () => number;

/** The whole file, header included; every call returns the same text. */
export function leadsCsv(): string {
  const random = seededRandom(SEED);
  const accounts = sampleAccounts();
  const counts = spreadLeads(accounts, random);
  const taken = new Set<string>();
  const leads = accounts.flatMap((account) => makeLeads(account, counts.get(account) ?? 0, taken, random));
  markLeads(leads, taken, random);
  const rows = [COLUMNS, ...leads.map((lead) => COLUMNS.map((column) => lead[column]))];
  return rows.map((row) => `${row.map(csvField).join(',')}\n`).join('');
}

/** One lead per account, then the rest of each tier's share at random, up to the maximum for the segment. */
function spreadLeads(accounts: SampleAccount[], random: Random): Map<SampleAccount, number> {
  const counts = new Map(accounts.map((account) => [account, 1]));
  for (const [tier, share] of Object.entries(LEADS_PER_TIER)) {
    const inTier = accounts.filter((account) => account.icp_tier === tier);
    for (let left = share - inTier.length; left > 0; left -= 1) {
      const open = inTier.filter(
        (account) => (counts.get(account) ?? 0) < (MOST_LEADS[account.segment] ?? 1),
      );
      const account = pick(open, random);
      counts.set(account, (counts.get(account) ?? 0) + 1);
    }
  }
  return counts;
}

function makeLeads(account: SampleAccount, count: number, taken: Set<string>, random: Random): Lead[] {
  const titles = shuffled(sampleTitles(account.vertical, account.segment), random);
  return titles.slice(0, count).map((title) => makeLead(account, title, taken, random));
}

function makeLead(account: SampleAccount, title: string, taken: Set<string>, random: Random): Lead {
  const { first_name, last_name, email } = makePerson(account, taken, random);
  const customer = account.customer;
  return {
    email,
    first_name,
    last_name,
    title,
    company: account.company,
    company_domain: account.company_domain,
    icp_tier: account.icp_tier,
    segment: account.segment,
    vertical: account.vertical,
    lifecycle_stage: customer
      ? 'customer'
      : pick(['lead', 'lead', 'mql', 'mql', 'sql', 'opportunity'], random),
    country: account.country,
    time_zone: account.time_zone,
    abm_active: String(account.abm_active),
    unsubscribed: 'false',
    opted_out: 'false',
    ...makeSignals(random),
    linkedin_url: random() < 0.8 ? `https://linkedin.example/in/${profileSlug(email)}` : '',
    crm_contact_id: random() < 0.9 ? makeUuid(random) : '',
  };
}

/** A name that fits the country, and an address in one of the usual forms; both are unique. */
function makePerson(account: SampleAccount, taken: Set<string>, random: Random) {
  const { first_name, last_name } = pickName(account.country, taken, random);
  const first = addressPart(first_name);
  const last = addressPart(last_name);
  const forms = [`${first}.${last}`, `${first}.${last}`, `${first.charAt(0)}.${last}`, first];
  const form = pick(forms, random);
  let email = `${form}@${account.company_domain}`;
  for (let number = 2; taken.has(email); number += 1) email = `${form}${number}@${account.company_domain}`;
  taken.add(email);
  return { first_name, last_name, email };
}

function pickName(country: string, taken: Set<string>, random: Random) {
  const languages = sampleNames(country);
  for (;;) {
    const names = random() < 0.65 ? languages[0] : pick(languages, random);
    const first_name = pick(names?.first_names ?? [], random);
    const last_name = pick(names?.last_names ?? [], random);
    const full_name = `${first_name} ${last_name}`;
    if (taken.has(full_name)) continue;
    taken.add(full_name);
    return { first_name, last_name };
  }
}

/** When sales and when marketing last saw interest: all the cases that the conflict matrix distinguishes. */
function makeSignals(random: Random): { sales_signal_at: string; marketing_signal_at: string } {
  const older_ms = SIGNALS_FROM_MS + Math.floor(random() * (SIGNALS_TO_MS - SIGNALS_FROM_MS));
  const newer_ms = older_ms + Math.floor(random() * (SIGNALS_TO_MS - older_ms));
  const [older, newer] = [isoSeconds(older_ms), isoSeconds(newer_ms)];
  const kind = random();
  if (kind < 0.12) return { sales_signal_at: '', marketing_signal_at: '' };
  if (kind < 0.21) return { sales_signal_at: newer, marketing_signal_at: '' };
  if (kind < 0.36) return { sales_signal_at: '', marketing_signal_at: newer };
  if (kind < 0.4) return { sales_signal_at: older, marketing_signal_at: older };
  if (kind < 0.69) return { sales_signal_at: newer, marketing_signal_at: older };
  return { sales_signal_at: older, marketing_signal_at: newer };
}

/** The exceptions, each on a separate set of leads so that their numbers stay exact. */
function markLeads(leads: Lead[], taken: Set<string>, random: Random): void {
  const order = shuffled(leads, random);
  const take = (count: number) => order.splice(0, count);
  for (const lead of take(MARKS.unsubscribed)) lead.unsubscribed = 'true';
  for (const lead of take(MARKS.opted_out)) lead.opted_out = 'true';
  for (const lead of take(MARKS.last_name_only)) lead.first_name = '';
  for (const [index, lead] of take(MARKS.mailbox_only).entries()) becomeMailbox(lead, index, taken);
  for (const lead of take(MARKS.no_title)) lead.title = '';
  for (const lead of take(MARKS.no_zone)) lead.time_zone = '';
  // One person works at the supplier's base in Antarctica, where the clock moves by two hours twice a year.
  const posted = leads.find((lead) => lead.company_domain === 'nordlys-polar.example');
  if (!posted) throw new Error('the polar supplier has no lead');
  Object.assign(posted, { title: 'Station Supply Coordinator', time_zone: 'Antarctica/Troll' });
}

/** A shared mailbox: an address without a person behind it. */
function becomeMailbox(lead: Lead, index: number, taken: Set<string>): void {
  const email = `${MAILBOXES[index]}@${lead.company_domain}`;
  if (taken.has(email)) throw new Error(`two leads with the address ${email}`);
  taken.add(email);
  Object.assign(lead, { email, first_name: '', last_name: '', title: '', linkedin_url: '' });
}

/** ASCII letters, digits and hyphens of a name: "Süßmilch-D'Arcy" becomes "sussmilch-darcy". */
function addressPart(name: string): string {
  return name
    .toLowerCase()
    .replace(/[ßøłđðþæı]/g, (letter) => LETTERS[letter] ?? letter)
    .normalize('NFD')
    .replace(/\s+/g, '-')
    .replace(/[^a-z0-9-]/g, '');
}

function profileSlug(email: string): string {
  return email.replace(/\.example$/, '').replace(/[^a-z0-9]+/g, '-');
}

function isoSeconds(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d{3}Z$/, 'Z');
}

/** A version 4 UUID (RFC 9562) from the seeded numbers. */
function makeUuid(random: Random): string {
  const digits = Array.from({ length: 32 }, () => Math.floor(random() * 16).toString(16));
  digits[12] = '4';
  digits[16] = '89ab'.charAt(Math.floor(random() * 4));
  return digits.join('').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

/** RFC 4180: quoted only where needed. */
function csvField(value: string): string {
  return /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}

function pick<T>(items: readonly T[], random: Random): T {
  const item = items[Math.floor(random() * items.length)];
  if (item === undefined) throw new Error('nothing to pick from');
  return item;
}

/** Fisher-Yates on a copy. */
function shuffled<T>(items: readonly T[], random: Random): T[] {
  const copy = [...items];
  for (let last = copy.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1));
    [copy[last], copy[other]] = [copy[other] as T, copy[last] as T];
  }
  return copy;
}

/** Mulberry32: small, well spread, and the same on every machine. */
function seededRandom(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

if (import.meta.main) process.stdout.write(leadsCsv());
