/**
 * A campaign as people write it (campaigns/README.md): its strict shape, the rules beyond the shape, and reading YAML with
 * the line of every fault.
 */
import { z } from 'zod';
import type { EXIT_STATUS } from '../../coordinator/cadence/exits.ts';
import { subjectPresenceFault } from '../../core/channels.ts';
import { AppError, type FieldError } from '../../errors.ts';
import * as schema from '../../schema.gen.ts';
import { lineKey } from '../../templates/port.ts';
import {
  APPROVERS,
  ENTRY,
  headerLine,
  PERSONAL_STEP,
  PRIORITY,
  strictNoun,
  WHEN_UNREACHABLE,
} from '../fields.ts';
import { alsoCalled, formerly, underCurrentNames } from '../former_names.ts';
import {
  type Checks,
  documentOf,
  type Fault,
  pathText,
  shapeFaults,
  templateFault,
} from './template_checks.ts';

/** The largest shipped campaign has 14,000. */
const YAML_BYTES_MAX = 1_000_000;
const STEPS_MAX = 100;
/** In the sentence, and in `errors`. */
const FAULTS_TOLD = 5;
const FAULTS_MAX = 100;

/** Owners whose messages may be sent without individual approval (AGT-301 send rules). */
const OWNERS_WITH_OTHER_RULES = ['AGT-301', 'AGT-304'];

/** Defaults by owner. */
const DEFAULTS_OF_OWNER: Readonly<Record<string, { sequence_type: schema.SequenceType; side: schema.Side }>> =
  {
    'AGT-304': { sequence_type: 'nurture', side: 'marketing' },
    'roles.bdr': { sequence_type: 'prospecting', side: 'sales' },
    'AGT-301': { sequence_type: 'prospecting', side: 'sales' },
    'AGT-203': { sequence_type: 'prospecting', side: 'sales' },
    'roles.sales': { sequence_type: 'closing', side: 'sales' },
    'roles.cs': { sequence_type: 'onboarding', side: 'service' },
  };

export const campaignSlug = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_-]{0,62}$/, 'expected small letters, digits, _ and -, at most 63 characters');

const text = (max: number) =>
  z
    .string()
    .trim()
    .min(1, 'must not be empty')
    .max(max)
    .refine((value) => !value.includes('\u0000') && value.isWellFormed(), 'contains an unusable character');

const exitTarget = z
  .union(
    [campaignSlug, strictNoun('ExecHandOff', { gate: z.literal('exec'), suggest: campaignSlug.nullable() })],
    {
      error: 'expected a campaign’s slug, null, or { gate: exec, suggest: <slug or null> }',
    },
  )
  .nullable()
  .describe('next campaign, nothing, or a hand-off that a person routes');

export const onExit = strictNoun('ExitMap', {
  converted: exitTarget.optional(),
  meeting: exitTarget.optional().describe('without it, a person routes the meeting'),
  registered: exitTarget.optional(),
  no_engagement: exitTarget.optional(),
  rejected: exitTarget.optional(),
} satisfies Record<keyof typeof EXIT_STATUS, z.ZodType>);

const campaignStep = strictNoun('StepInput', {
  step_number: z.int().min(1).describe('1, 2, 3 ... in order'),
  delay_days: z.int().min(0).max(3650).describe('days from enrollment'),
  channel: z.enum(schema.CHANNEL_VALUES),
  content_type: z.enum(schema.CONTENT_TYPE_VALUES),
  requires_personal_send: alsoCalled(
    'requires_justin_send',
    z.boolean().default(false).describe(PERSONAL_STEP),
  ),
  when_unreachable: z.enum(schema.WHEN_UNREACHABLE_VALUES).default('skip').describe(WHEN_UNREACHABLE),
  template_instructions: text(5_000).describe('what to write, not the copy'),
  template: z
    .strictObject({ subject: headerLine(2_000).optional(), body: text(20_000) })
    .optional()
    .describe('Liquid; fills the draft unless an agent writes one'),
});

export const priority = z.int().min(-1000).max(1000).describe(PRIORITY);

/** One campaign, before defaults by owner. */
export const campaignShape = z.strictObject({
  slug: campaignSlug,
  name: headerLine(200),
  client_id: formerly(
    'client',
    z.string().min(1).max(63).describe('the brand: list_clients, or `touchline clients`'),
  ),
  type: z.enum(schema.CAMPAIGN_TYPE_VALUES),
  owner_role: z
    .string()
    .min(1)
    .max(64)
    .describe('roles.bdr, roles.sales, roles.cs, or an agent such as AGT-304'),
  send_rule: z.enum(schema.SEND_RULE_VALUES).default('approve_each'),
  sequence_type: z.enum(schema.SEQUENCE_TYPE_VALUES).optional().describe('default: by owner'),
  side: z.enum(schema.SIDE_VALUES).optional().describe('default: by owner'),
  entry: z.enum(schema.CAMPAIGN_ENTRY_VALUES).optional().describe(ENTRY),
  priority: priority.optional(),
  approvers: z.enum(schema.CAMPAIGN_APPROVERS_VALUES).optional().describe(APPROVERS),
  on_exit: onExit.default({}),
  steps: z.array(campaignStep).min(1, 'expected at least one step').max(STEPS_MAX),
});

export type CampaignShape = z.output<typeof campaignShape>;
/** A complete campaign; the import checks that client, owner, and successors exist. */
export type CampaignDefinition = CampaignShape & { sequence_type: schema.SequenceType; side: schema.Side };

/**
 * Reads one campaign from YAML 1.2. Throws `yaml_invalid` (422) for invalid, oversized, or alias-bomb YAML,
 * `yaml_over_budget` (422), `campaign_invalid` (422) with path and line of every fault (of templates, the first), or
 * `template_over_budget` (422).
 */
export async function readCampaignYaml(checks: Checks, yaml: string): Promise<CampaignDefinition> {
  const { value, lineOfPath } = await readYaml(checks, yaml);
  const read = campaignShape.safeParse(underCurrentNames(campaignShape, value));
  if (!read.success) throw campaignInvalid(shapeFaults(read.error), lineOfPath);
  return checkCampaign(checks, read.data, lineOfPath);
}

/** Throws like `readCampaignYaml`. Hold no lock: templates can take a while. */
export async function checkCampaign(
  checks: Checks,
  shape: CampaignShape,
  lineOfPath: LineOfPath = () => undefined,
): Promise<CampaignDefinition> {
  const faults = definitionFaults(shape);
  const fault = faults.length > 0 ? null : await templateFault(checks, documentOf(shape), lineOfPath);
  if (fault !== null) throw campaignInvalid([fault], lineOfPath);
  return completeCampaign(shape, lineOfPath);
}

/** All checks except templates. Throws `campaign_invalid`. */
export function completeCampaign(shape: CampaignShape, lineOfPath?: LineOfPath): CampaignDefinition {
  const faults = definitionFaults(shape);
  if (faults.length > 0) throw campaignInvalid(faults, lineOfPath);
  return completed(shape);
}

type LineOfPath = (path: readonly PropertyKey[]) => number | undefined;

/** `lineOfPath` gives lines if the campaign was text. */
export function campaignInvalid(
  faults: readonly Fault[],
  lineOfPath: LineOfPath = () => undefined,
): AppError {
  const errors = faults.slice(0, FAULTS_MAX).map(({ path, message }) => {
    const line = lineOfPath(path);
    return { path: pathText(path), message, ...(line === undefined ? {} : { line }) };
  });
  return new AppError('campaign_invalid', `The campaign is not valid: ${told(errors)}.`, {
    errors,
    hint: 'campaigns/README.md describes the shape.',
  });
}

async function readYaml(
  { templates, asker }: Checks,
  yaml: string,
): Promise<{ value: unknown; lineOfPath: LineOfPath }> {
  if (Buffer.byteLength(yaml) > YAML_BYTES_MAX) {
    throw yamlInvalid([{ path: '', message: `larger than ${YAML_BYTES_MAX} bytes` }]);
  }
  const read = await templates.readYaml(yaml, asker);
  if ('faults' in read) throw yamlInvalid(read.faults.map((fault) => ({ path: '', ...fault })));
  if ('is_empty' in read) throw campaignInvalid([{ path: [], message: 'the file is empty' }]);
  const { value, lines } = read;
  return { value, lineOfPath: (path) => nearestLine(lines, path) };
}

/** For a missing field, the line of the nearest parent. */
function nearestLine(lines: ReadonlyMap<string, number>, path: readonly PropertyKey[]): number | undefined {
  for (let length = path.length; length >= 0; length -= 1) {
    const line = lines.get(lineKey(path.slice(0, length)));
    if (line !== undefined) return line;
  }
  return undefined;
}

const yamlInvalid = (errors: readonly LineFault[]) =>
  new AppError('yaml_invalid', `This is not a YAML file that can be read: ${told(errors)}.`, { errors });

type LineFault = FieldError & { line?: number };

function told(errors: readonly LineFault[]): string {
  const first = errors.slice(0, FAULTS_TOLD).map(({ path, message, line }) => {
    const place = [path, line === undefined ? '' : `line ${line}`].filter((part) => part !== '').join(', ');
    return place === '' ? message : `${place}: ${message}`;
  });
  const more = errors.length - first.length;
  return first.join('; ') + (more > 0 ? `; and ${more} more` : '');
}

function definitionFaults(shape: CampaignShape): Fault[] {
  return [
    ...ownerFaults(shape),
    ...exitFaults(shape),
    ...shape.steps.flatMap((_, at) => stepFaults(shape, at)),
  ];
}

function ownerFaults({ owner_role, send_rule, sequence_type, side, approvers }: CampaignShape): Fault[] {
  const faults: Fault[] = [];
  if (send_rule !== 'approve_each' && !OWNERS_WITH_OTHER_RULES.includes(owner_role)) {
    const message = `only campaigns of ${OWNERS_WITH_OTHER_RULES.join(' and ')} may use ${send_rule}`;
    faults.push({ path: ['send_rule'], message });
  }
  if (send_rule === 'pre_approved' && (approvers === 'owner' || approvers === 'sender')) {
    const message = `one approval covers all leads with pre_approved: choose anyone or executive`;
    faults.push({ path: ['approvers'], message });
  }
  if (DEFAULTS_OF_OWNER[owner_role] === undefined) {
    const message = `is required: there is no default for ${owner_role}`;
    if (sequence_type === undefined) faults.push({ path: ['sequence_type'], message });
    if (side === undefined) faults.push({ path: ['side'], message });
  }
  return faults;
}

function exitFaults({ slug, on_exit }: CampaignShape): Fault[] {
  return Object.entries(on_exit)
    .filter(([, target]) => target === slug)
    .map(([reason]) => ({ path: ['on_exit', reason], message: 'leads back to the same campaign' }));
}

function stepFaults({ steps, send_rule }: CampaignShape, at: number): Fault[] {
  const step = steps[at]!;
  const faults: Fault[] = [];
  const add = (field: readonly PropertyKey[], message: string) =>
    faults.push({ path: ['steps', at, ...field], message });
  if (step.step_number !== at + 1) add(['step_number'], `expected ${at + 1}: steps are numbered in order`);
  const before = steps[at - 1];
  if (before !== undefined && step.delay_days < before.delay_days) {
    add(['delay_days'], `is earlier than day ${before.delay_days} of the step before`);
  }
  if (step.template === undefined) {
    if (send_rule === 'pre_approved') add(['template'], 'is required: it is what a person approves');
    return faults;
  }
  const fault = subjectPresenceFault(step.channel, step.template.subject);
  if (fault !== null) add(['template', 'subject'], fault);
  return faults;
}

function completed(shape: CampaignShape): CampaignDefinition {
  const defaults = DEFAULTS_OF_OWNER[shape.owner_role];
  const sequence_type = shape.sequence_type ?? defaults?.sequence_type;
  const side = shape.side ?? defaults?.side;
  if (sequence_type === undefined || side === undefined) throw new Error('a faulty definition was completed');
  return { ...shape, sequence_type, side };
}
