/**
 * Documents of a play, as brains and people write them (specification of SalesPlayLibrary; db/routines/play_documents.sql
 * enforces the same for SQL). Unknown keys are refused, and every fault has its path.
 */
import { z } from 'zod';
import { subjectPresenceFault } from '../../core/channels.ts';
import { cadenceFaults } from '../../core/plays/cadence.ts';
import { hasWords } from '../../core/words.ts';
import * as schema from '../../schema.gen.ts';
import { campaignSlug } from '../campaigns/definition.ts';
import { headerLine, PERSONAL_STEP, WHEN_UNREACHABLE } from '../fields.ts';
import { alsoCalled } from '../former_names.ts';

const WORDS_MAX = 200;
/** Lists become one pattern, whose compile time grows faster than its length. */
const LIST_CHARS_MAX = 4_000;
const STEPS_MAX = 100;

export const playText = (max: number) => readable(z.string().max(max));

export const readable = (text: z.ZodString) =>
  text
    .refine(hasWords, 'must not be empty')
    .refine((value) => !value.includes('\u0000') && value.isWellFormed(), 'contains an unusable character');

const words = z
  .array(playText(200))
  .max(WORDS_MAX)
  .refine((list) => new Set(list).size === list.length, 'duplicate entry')
  .refine(
    (list) => list.reduce((chars, word) => chars + [...word].length, 0) <= LIST_CHARS_MAX,
    `at most ${LIST_CHARS_MAX} characters together`,
  );

/** The audience of a play: every list must match, by any entry. A missing or empty list restricts nothing. */
export const targetDefinition = z
  .strictObject({
    icp_tiers: z
      .array(z.enum(schema.ICP_TIER_VALUES))
      .max(3)
      .refine((list) => new Set(list).size === list.length, 'duplicate entry')
      .optional(),
    segments: words.optional(),
    verticals: words.optional(),
    lifecycle_stages: words.optional(),
    titles: words.optional().describe('a title matches if it contains one of these as words, in any case'),
    intent_signals: z
      .strictObject({ any: words.optional(), all: words.optional() })
      .optional()
      .describe('the lead has shown one of `any` and all of `all`'),
  })
  .meta({ id: 'TargetDefinition' })
  .describe('the audience; empty: everyone in its segment or account');

const playStep = z
  .strictObject({
    delay_days: z.int().min(0).max(3650).describe('days from enrollment'),
    channel: z.enum(schema.CHANNEL_VALUES),
    content_type: z.enum(schema.CONTENT_TYPE_VALUES),
    template_instructions: playText(5_000).describe('what to write, not the copy'),
    requires_personal_send: alsoCalled(
      'requires_justin_send',
      z.boolean().optional().describe(PERSONAL_STEP),
    ),
    when_unreachable: z.enum(schema.WHEN_UNREACHABLE_VALUES).optional().describe(WHEN_UNREACHABLE),
    template: z
      .strictObject({ subject: headerLine(2_000).optional(), body: playText(20_000) })
      .optional()
      .describe('Liquid; fills the draft unless an agent writes one'),
  })
  .meta({ id: 'PlayStep' })
  .superRefine(({ channel, template }, { addIssue }) => {
    if (template === undefined) return;
    const message = subjectPresenceFault(channel, template.subject);
    if (message !== null) addIssue({ code: 'custom', path: ['template', 'subject'], message });
  });

const cadence = z
  .strictObject({
    steps: z.array(playStep).min(1).max(STEPS_MAX).optional(),
    campaign_template: campaignSlug.optional().describe('a campaign whose steps the play uses'),
    touch_count: z.int().min(1).max(STEPS_MAX).optional().describe('must agree with the steps'),
    channel_mix: z
      .partialRecord(z.enum(schema.CHANNEL_VALUES), z.int().min(0).max(STEPS_MAX))
      .optional()
      .describe('touches by channel; must agree with the steps'),
  })
  .meta({ id: 'SuggestedCadence' });

export const suggestedCadence = cadence
  .superRefine((given, { addIssue }) => {
    for (const { path, message } of faultsOf(given)) addIssue({ code: 'custom', path: [...path], message });
  })
  .describe('either `steps` or `campaign_template`');

type Fault = { path: readonly (string | number)[]; message: string };

function faultsOf(given: z.output<typeof cadence>): Fault[] {
  const { steps, campaign_template } = given;
  if ((steps === undefined) === (campaign_template === undefined))
    return [{ path: [], message: 'expected either steps or campaign_template' }];
  if (steps === undefined) return [];
  const faults: Fault[] = steps.flatMap(({ delay_days }, at) => {
    const before = steps[at - 1];
    if (before === undefined || delay_days >= before.delay_days) return [];
    const message = `is earlier than day ${before.delay_days} of the step before`;
    return [{ path: ['steps', at, 'delay_days'], message }];
  });
  const counted = cadenceFaults(given, steps);
  return [...faults, ...counted.map(({ path, message }) => ({ path: path.split('.'), message }))];
}

/** Positive even after a database or reader rounds it. */
const LEAST = 0.000001;
const share = z.number().min(LEAST).max(1);

export const successCriteria = z
  .strictObject({
    meeting_rate: share.optional().describe('meetings for each lead enrolled, such as 0.08'),
    opp_create_rate: share.optional().describe('opportunities for each lead enrolled, such as 0.03'),
    acv: z.number().min(LEAST).max(1e12).optional().describe('mean annual contract value'),
  })
  .meta({ id: 'SuccessCriteria' })
  .refine(
    (criteria) => Object.keys(criteria).length > 0,
    'expected at least one of meeting_rate, opp_create_rate, acv',
  );
