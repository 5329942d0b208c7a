import { api, read, readVersion } from '../api/client.ts';
import type { Campaign, CampaignStatus, ListedEnrollment, SendRule, Step } from '../api/schema.d.ts';
import type { StepContent } from '../steps/step.ts';

export type { Campaign, CampaignStatus, FunnelStep, ListedCampaign, Step } from '../api/schema.d.ts';

export type Enrollment = ListedEnrollment;

export const EXIT_REASONS = ['converted', 'meeting', 'registered', 'no_engagement', 'rejected'] as const;
export type ExitReason = (typeof EXIT_REASONS)[number];

/** Next step after an exit: a campaign, nothing, or a hand-off that a person routes. */
export type ExitTarget = string | null | { gate: 'exec'; suggest: string | null };

export type ReadCampaign = { campaign: Campaign; version: string };

export async function fetchCampaign(slug: string): Promise<ReadCampaign> {
  const { body, version } = await readVersion(api.GET('/campaigns/{slug}', { params: { path: { slug } } }));
  return { campaign: body, version };
}

export function fetchCampaigns(cursor: string | undefined) {
  const query = { limit: 200, ...(cursor === undefined ? {} : { cursor }) };
  return read(api.GET('/campaigns', { params: { query } }));
}

/** Everything in a campaign that can change, except its steps. Missing fields stay. */
export type CampaignChanges = {
  status?: CampaignStatus;
  name?: string;
  owner_role?: string;
  send_rule?: SendRule;
  entry?: Campaign['entry'];
  priority?: number;
  approvers?: Campaign['approvers'];
  on_exit?: Partial<Record<ExitReason, ExitTarget>>;
};

/** Throws `version_changed` if someone else changed the campaign after `version`. */
export async function patchCampaign(
  slug: string,
  version: string,
  changes: CampaignChanges,
): Promise<ReadCampaign> {
  const params = { path: { slug }, header: { 'If-Match': version } };
  const { body, version: next } = await readVersion(
    api.PATCH('/campaigns/{slug}', { params, body: changes }),
  );
  return { campaign: body, version: next };
}

/** Throws `version_changed` if someone else changed the campaign after `version`. */
export function putSteps(slug: string, version: string, steps: readonly StepContent[]): Promise<Campaign> {
  const params = { path: { slug }, header: { 'If-Match': version } };
  const numbered = steps.map((step, at) => ({ ...step, step_number: at + 1 }));
  return read(api.PUT('/campaigns/{slug}/steps', { params, body: { steps: numbered } }));
}

/** Sends the hash, so that only a template that was read is approved. */
export function approveTemplate(slug: string, { step_number, template_hash }: Step): Promise<Campaign> {
  const params = { path: { slug, step_number } };
  return read(api.POST('/campaigns/{slug}/steps/{step_number}/approve', { params, body: { template_hash } }));
}

export function importCampaign(yaml: string): Promise<Campaign> {
  return read(api.POST('/campaigns/import', { body: { yaml } }));
}

/** Steps in the editor’s form. */
export function contentOf(steps: readonly Step[]): StepContent[] {
  return steps.map(({ template, ...step }) => ({
    delay_days: step.delay_days,
    channel: step.channel,
    content_type: step.content_type,
    template_instructions: step.template_instructions,
    ...(step.requires_personal_send ? { requires_personal_send: true } : {}),
    ...(step.when_unreachable === 'skip' ? {} : { when_unreachable: step.when_unreachable }),
    ...(template === null ? {} : { template }),
  }));
}

/** Exit rules that the campaign sets; values of an earlier version are left out. */
export function exitsOf({
  on_exit,
}: Pick<Campaign, 'on_exit'>): { reason: ExitReason; target: ExitTarget }[] {
  return EXIT_REASONS.flatMap((reason) => {
    const target = on_exit[reason];
    return reason in on_exit ? [{ reason, target: targetOf(target) }] : [];
  });
}

function targetOf(target: unknown): ExitTarget {
  if (typeof target === 'string') return target;
  if (typeof target !== 'object' || target === null) return null;
  const suggest = 'suggest' in target && typeof target.suggest === 'string' ? target.suggest : null;
  return { gate: 'exec', suggest };
}
