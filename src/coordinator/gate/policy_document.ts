/**
 * The policy document: `policy/default.yaml` with an organization's overrides, validated strictly. It is stored as people
 * write it (`start: '08:00'`); the core reads the `Policy` that results.
 */

import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import { DAY_SECONDS, HOUR_SECONDS } from '../../core/durations.ts';
import { AUTOMATIC_INTENTS, type Policy } from '../../core/gate/policy.ts';
import { isRecord } from '../../core/json.ts';
import { AppError, type FieldError } from '../../errors.ts';
import { issueWords } from '../../issue_words.ts';

/** Ninety days: a longer window would count touches that the ledger need not keep at hand. */
const WINDOW_HOURS_MAX = 90 * 24;
const YEAR_HOURS = 366 * 24;
/** Longer consideration belongs before the approval. */
const UNDO_SECONDS_MAX = HOUR_SECONDS;
/** More are as good as no limit. */
const SEQUENCES_MAX = 100;
/** Per mailbox; no provider accepts more. */
const MESSAGES_MAX = 100_000;

const count = (max: number) => z.int().min(0).max(max);
const positive = (max: number) => z.int().min(1).max(max);

const tier = z.enum(['T1', 'T2', 'T3']);
const matrixRow = z.strictObject({
  winner: z.enum(['sales', 'marketing']),
  loser_queued_hours: positive(YEAR_HOURS).nullable(),
});
const matrixRows = z.strictObject({ sales_fresher: matrixRow, marketing_fresher: matrixRow });
const states = z.array(z.enum(['idle', 'nurture', 'prospecting', 'closing', 'onboarding', 'customer']));
const legalMove = z.union([z.literal('any'), states], {
  error: 'expected any, or a list of idle, nurture, prospecting, closing, onboarding, customer',
});
const wallClock = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$|^24:00$/, { abort: true, error: 'expected a time of day such as 08:00' })
  .transform((text) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3)));

const businessHours = z
  .strictObject({
    enforce: z.boolean(),
    weekdays: z.array(z.int().min(1).max(7)).min(1, 'expected at least one weekday'),
    start: wallClock,
    end: wallClock,
  })
  .refine((hours) => hours.start < hours.end, { path: ['end'], error: 'expected a time after start' })
  .transform(({ start, end, ...hours }) => ({ ...hours, start_minute: start, end_minute: end }));

/** The whole document: every key is required and no other is allowed. Yields the core's `Policy`. */
const policySchema = z.strictObject({
  touch_cap: z.strictObject({
    max_touches_per_window: count(1000),
    window_hours: positive(WINDOW_HOURS_MAX),
    max_touches_per_day: count(1000),
  }),
  conflict_matrix: z.strictObject({ T1: matrixRows, T2: matrixRows, T3: matrixRows }),
  sequences_per_side: z.strictObject({
    sales: positive(SEQUENCES_MAX).nullable(),
    marketing: positive(SEQUENCES_MAX).nullable(),
  }),
  unknown_tier: tier,
  t3_sales: z.enum(['refuse', 'flag_only']),
  routing_error_agent: z.string().min(1).max(64),
  legal_moves: z.strictObject({
    nurture: legalMove,
    prospecting: legalMove,
    closing: legalMove,
    onboarding: legalMove,
    transactional: legalMove,
  }),
  retry_hours: positive(YEAR_HOURS),
  stall_days: positive(365),
  escalation_business_days: positive(365),
  backlog_paused_leads: positive(100_000),
  active_play_drift: positive(100_000),
  business_hours: businessHours,
  holidays: z.strictObject({
    enforce: z.boolean(),
    dates: z.array(z.iso.date()).max(1000),
    public: z.boolean(),
    country: z
      .string()
      .regex(/^[A-Z]{2}$/, 'expected two letters such as GB (ISO 3166-1)')
      .nullable(),
  }),
  mailbox_limits: z.strictObject({
    enforce: z.boolean(),
    hourly_cap: positive(MESSAGES_MAX).nullable(),
    daily_cap: positive(MESSAGES_MAX).nullable(),
    gap_seconds: count(DAY_SECONDS),
    recipient_domain_daily_cap: positive(MESSAGES_MAX).nullable(),
    warm_up: z.strictObject({ start_count: positive(MESSAGES_MAX), step_count: count(MESSAGES_MAX) }),
    bounce_rate: z.strictObject({ percent: z.number().min(0.1).max(100), min_sent: positive(MESSAGES_MAX) }),
  }),
  reply_handling: z.strictObject({
    pause_on_reply: z.boolean(),
    pause_on_out_of_office: z.boolean(),
    auto: z
      .array(z.enum(AUTOMATIC_INTENTS))
      .refine((intents) => intents.includes('unsubscribe'), 'unsubscribe always takes effect at once'),
    out_of_office_days: positive(90),
    not_now_days: positive(365),
    soft_bounces: positive(100),
    soft_bounce_days: positive(365),
    policy_bounce_leads: positive(1000),
  }),
  drafts: z.strictObject({ undo_seconds: count(UNDO_SECONDS_MAX) }),
  drafting: z.strictObject({ model_tokens_per_day: count(1_000_000_000), edits_shown: count(10) }),
  outcomes: z.strictObject({
    follow_up_days: positive(730),
    people_min: positive(1_000_000),
    accounts_min: z.int().min(10).max(1_000_000),
  }),
  tasks: z.strictObject({
    unclaimed_minutes: positive(YEAR_HOURS * 60),
    meeting_business_days: positive(365),
  }),
  keep_spacing: z.boolean(),
  four_eyes: z.boolean(),
});

/** The document as written and stored, before times of day become minutes. */
export type PolicyDocument = z.input<typeof policySchema>;

export function defaultPolicy(): Policy {
  default_policy ??= freeze(parsePolicy({}));
  return default_policy;
}

/**
 * The policy of an organization: overrides merged over the default, key by key (a list replaces a list). Throws
 * `policy_invalid` (422) with the path of every fault, including unknown keys.
 */
export function parsePolicy(overrides: unknown): Policy {
  const parsed = policySchema.safeParse(policyDocument(overrides));
  if (parsed.success) return parsed.data;
  throw invalid(parsed.error.issues.flatMap(fieldErrors));
}

/**
 * The merged document in its written form, for display and editing; validated only as an object. `parsePolicy` accepts the
 * result. `segment_caps`, which older versions of a policy may hold, is dropped: it repeated the play library's config.
 */
export function policyDocument(overrides: unknown): PolicyDocument {
  const given = overrides ?? {};
  if (!isRecord(given)) throw invalid([{ path: '', message: 'expected an object' }]);
  const { segment_caps: _, ...current } = given;
  return merge(defaultDocument(), current) as PolicyDocument;
}

/**
 * The policy of a stored version. A key that the version does not name keeps the value that was shipped when it was
 * written: a decision must follow from its version for good, and a new default must not change how an organization sends.
 * Versions written since name every key (`policies_name_sending_hours`, `policies_name_sequences`). Throws `policy_invalid`.
 */
export function storedPolicy(document: unknown): Policy {
  return parsePolicy(storedDocument(document));
}

export function storedDocument(document: unknown): PolicyDocument {
  return policyDocument(merge(FORMER_DEFAULTS, document));
}

/** The defaults from before sending hours and holidays were enforced, and sequences of a side took turns. */
const FORMER_DEFAULTS = {
  business_hours: { enforce: false },
  holidays: { enforce: false },
  sequences_per_side: { sales: null, marketing: null },
};

let default_policy: Policy | undefined;
let default_document: Record<string, unknown> | undefined;

function defaultDocument(): Record<string, unknown> {
  default_document ??= parse(readFileSync(new URL('../../../policy/default.yaml', import.meta.url), 'utf8'));
  return default_document as Record<string, unknown>;
}

function merge(base: unknown, over: unknown): unknown {
  if (!isRecord(base) || !isRecord(over)) return over;
  const merged = Object.entries(over).map(([key, value]) => {
    return [key, Object.hasOwn(base, key) ? merge(base[key], value) : value];
  });
  return { ...structuredClone(base), ...Object.fromEntries(merged) };
}

function fieldErrors(issue: z.core.$ZodIssue): FieldError[] {
  const path = issue.path.join('.');
  if (issue.code !== 'unrecognized_keys') return [{ path, message: issueWords(issue) }];
  return issue.keys.map((key) => ({ path: path === '' ? key : `${path}.${key}`, message: 'unknown key' }));
}

function invalid(errors: readonly FieldError[]): AppError {
  const first = errors.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)).join('; ');
  return new AppError('policy_invalid', `The policy is not valid: ${first}.`, {
    errors,
    hint: 'Give only the keys of policy/default.yaml that differ, in the same form.',
  });
}

function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const part of Object.values(value)) freeze(part);
    Object.freeze(value);
  }
  return value;
}
