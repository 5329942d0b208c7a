import { z } from 'zod';
import { findCampaignForRequest, hasSteps, type PlayClosed } from '../../coordinator/gate/campaigns.ts';
import type { NewRequest } from '../../coordinator/gate/request_batch.ts';
import { coordinatorActor, type Scope } from '../../coordinator/gate/scope.ts';
import { type RequestAnswer, requestSequences } from '../../coordinator/gate/sequence_requests.ts';
import { ADDRESSES } from '../../core/channels.ts';
import { listedWords } from '../../core/explain/suppression_words.ts';
import { requestText, requestWords } from '../../core/explain/text.ts';
import type { Decision } from '../../core/gate/decision.ts';
import { type UnreachableStep, unreachableWords } from '../../core/gate/unreachable.ts';
import { knownClientsAndAgents } from '../../db/queries/campaigns.gen.ts';
import { openEntries } from '../../db/queries/hand_offs.gen.ts';
import { leftCompanyAt } from '../../db/queries/inbound.gen.ts';
import { getLead, suppressionsOfLead } from '../../db/queries/leads.gen.ts';
import { pendingRequest } from '../../db/queries/sequence_requests.gen.ts';
import { AppError } from '../../errors.ts';
import { GOAL_VALUES, SUPPRESSED_REASON_VALUES } from '../../schema.gen.ts';
import { gatesInWords } from '../event_words.ts';
import {
  gateOutcome,
  gateTrace,
  id,
  instant,
  NOTES,
  notFound,
  noun,
  nullableInstant,
  unknownAgent,
  unknownCampaign,
  unreachableSteps,
  verdictFields,
  verdictOf,
} from '../fields.ts';
import { formerly } from '../former_names.ts';
import { leadKey, readLeadKey } from '../lead_keys.ts';
import { ADDS, type Call, operation, transactWork } from '../operation.ts';

/** The fields of a request, without its leads. */
export const askedFields = {
  campaign_slug: formerly('campaign', z.string().min(1).max(64)),
  requested_by: z.string().max(64).optional().describe('agent or role; default: the campaign’s owner'),
  goal: z.enum(GOAL_VALUES).optional(),
  notes: z.string().trim().max(5_000).optional().describe(NOTES),
  dry_run: z.boolean().default(false).describe('ask the gates without changes'),
};

const input = z.object({
  lead_id: leadKey,
  ...askedFields,
});

const output = noun('SequenceRequest', {
  request_id: id.nullable().describe('null for a dry run'),
  enrollment_id: id.nullable(),
  outcome: gateOutcome,
  ...verdictFields,
  trace: gateTrace,
  unreachable_steps: unreachableSteps,
  hand_off_id: id
    .nullable()
    .describe('of entry_restricted: asks an executive, who decides; do not request again'),
  pending: noun('PendingRequest', {
    since: instant,
    requested_by_name: z.string().describe('a person, or the agent that requested it'),
    reason: z.enum(SUPPRESSED_REASON_VALUES).nullable(),
    until: nullableInstant,
    wake: z.string().nullable(),
  })
    .nullable()
    .describe(
      'of a dry run: an earlier request for this lead and campaign that is pending; do not request it again',
    ),
  blocked_by: z.string().nullable().describe('the suppressed address or domain, in words; null for agents'),
  left_company_at: z
    .string()
    .nullable()
    .describe('when the lead wrote that they left the company or are the wrong person'),
  text: z.string().describe('the answer in words, with times in the lead’s zone'),
  gates: gatesInWords,
});

const requestSequence = operation({
  name: 'request_sequence',
  summary: 'Request to enroll a lead in a campaign. The gate answers with its whole trace.',
  http: { method: 'POST', path: '/sequence_requests' },
  cli: {
    command: 'request',
    args: ['lead_id', 'campaign_slug'],
    no: {
      if: 'the lead is blocked or refused',
      isNo: (answer) => isNoOfGate((answer as z.output<typeof output>).outcome),
    },
  },
  mcp: { tool: 'request_sequence', title: 'Request a sequence', effect: { ...ADDS, reaches_out: true } },
  input,
  output,
  errors: `
    not_found unknown_campaign unknown_agent campaign_not_active campaign_has_no_steps play_retired
    play_over play_not_begun already_enrolled already_waiting lead_unreachable`,
  run: async (call) => {
    const { dry_run, campaign_slug } = call.input;
    const ask = async (scope: Scope) => {
      const { request, time_zone } = await readRequest(scope, call);
      const [first] = await requestSequences(scope, [request], { dry_run });
      const answer = answered(first!, campaign_slug);
      return {
        answer,
        time_zone,
        ...(await standingOf(
          scope,
          call,
          { id: request.lead_id, campaign_id: request.campaign.id, time_zone },
          answer.decision,
        )),
      };
    };
    const { answer, time_zone, ...standing } = await transactWork(
      call,
      ask,
      coordinatorActor(call.principal.org_id),
    );
    const { decision, unreachable_steps } = answer;
    const told = {
      request_id: dry_run ? null : answer.request_id,
      enrollment_id: dry_run ? null : answer.enrollment_id,
      ...verdictOf(decision),
      trace: [...decision.trace],
      unreachable_steps,
      ...standing,
    };
    return { ...told, ...requestWords(told, time_zone) };
  },
  text: requestText,
});

/** Held and queued requests retry automatically; they are not refusals. */
export function isNoOfGate(outcome: string): boolean {
  return !['allow', 'hold', 'queue'].includes(outcome);
}

export const sequenceRequestOperations = [requestSequence] as const;

/** Roles that enroll leads in restricted campaigns. */
const ENTRY_ROLES: readonly string[] = ['exec', 'admin'];

/** An address and its domain, each for a few reasons. */
const SUPPRESSIONS_MAX = 20;

/** Facts beside the gates' decision: the hand-off, the suppression that blocks, and whether the lead left. */
async function standingOf(
  { tx, org_id }: Scope,
  { principal, input: { dry_run, campaign_slug } }: Call<z.output<typeof input>>,
  { id: lead_id, campaign_id, time_zone }: { id: string; campaign_id: string; time_zone: string },
  { reason, trace }: Decision,
) {
  const entries =
    reason === 'entry_restricted'
      ? await openEntries.run({ org_id, lead_ids: [lead_id], campaign_slug }, tx)
      : [];
  const request_id = entries[0]?.request_id ?? null;
  const asked = { org_id, lead_id, campaign_id, request_id };
  const pending = dry_run ? await pendingRequest.one(asked, tx) : undefined;
  const is_suppressed = trace.at(-1)?.because === 'suppressed_address' && principal.kind === 'human';
  const found = is_suppressed
    ? await suppressionsOfLead.run({ org_id, id: lead_id, limit: SUPPRESSIONS_MAX }, tx)
    : [];
  const left = await leftCompanyAt.one({ org_id, id: lead_id }, tx);
  return {
    hand_off_id: entries[0]?.id ?? null,
    pending:
      pending === undefined ? null : { ...pending, since: pending.created_at, until: pending.held_until },
    blocked_by: listedWords(found, time_zone),
    left_company_at: left!.left_company_at?.toISOString() ?? null,
  };
}

async function readRequest(
  scope: Scope,
  { principal, input: asked }: Call<z.output<typeof input>>,
): Promise<{ request: NewRequest; time_zone: string }> {
  const { tx, org_id } = scope;
  const [lead] = await getLead.run({ org_id, ...readLeadKey(asked.lead_id) }, tx);
  if (lead === undefined)
    throw notFound('lead', 'Import it first (touchline import leads FILE, or POST /leads/import).');
  const request = { lead_id: lead.id, ...(await readAsked(scope, principal, asked)) };
  return { request, time_zone: lead.effective_time_zone };
}

export async function readAsked(
  scope: Scope,
  principal: Call<unknown>['principal'],
  asked: Omit<z.output<typeof input>, 'lead_id'>,
): Promise<Omit<NewRequest, 'lead_id'>> {
  const { tx, org_id } = scope;
  const { campaign_slug: slug, requested_by: role, goal, notes } = asked;
  const campaign = await findCampaignForRequest(scope, slug);
  if (campaign === undefined) throw unknownCampaign(slug, 'campaign_slug');
  if (campaign.status !== 'active') throw notActive(slug, campaign.status);
  if (!hasSteps(campaign)) throw noSteps(slug);
  if (campaign.play_closed !== null) throw playClosed(slug, campaign.play_closed as PlayClosed);
  const { client_id, owner_role } = campaign;
  // An agent requests in its own name only; a person may request on behalf of a role.
  const requested_by = principal.kind === 'agent' ? principal.agent_id : (role ?? owner_role);
  const [known] = await knownClientsAndAgents.run({ org_id, agent_id: requested_by, client_id }, tx);
  if (!known?.agent_known) throw unknownAgent(requested_by, 'requested_by');
  const requested_by_user_id = principal.kind === 'human' ? principal.user_id : null;
  const is_entitled = principal.kind === 'human' && principal.roles.some((one) => ENTRY_ROLES.includes(one));
  const entry =
    is_entitled && campaign.entry !== 'open' ? ({ right: 'executive', task_id: null } as const) : null;
  return { campaign, requested_by, requested_by_user_id, entry, goal: goal ?? null, notes: notes ?? null };
}

function answered(answer: RequestAnswer, slug: string): Extract<RequestAnswer, { kind: 'answered' }> {
  switch (answer.kind) {
    case 'answered':
      return answer;
    case 'unknown_lead':
      throw notFound('lead');
    case 'already_enrolled':
      throw new AppError('already_enrolled', `This lead is already enrolled in ${slug}.`, {
        extra: { enrollment_id: answer.enrollment_id },
      });
    case 'unreachable':
      throw leadUnreachable(answer.unreachable_steps, slug);
    case 'already_waiting':
      throw new AppError('already_waiting', `A request for this lead and ${slug} is already pending.`, {
        hint: 'Retried automatically. See touchline explain LEAD.',
      });
  }
}

function leadUnreachable(unreachable_steps: readonly UnreachableStep[], slug: string): AppError {
  const fields = [...new Set(unreachable_steps.map(({ missing }) => missing))];
  return new AppError(
    'lead_unreachable',
    `No step of ${slug} reaches this lead. ${unreachableWords(unreachable_steps)}`,
    {
      errors: fields.map((missing) => ({ path: missing, message: `the lead has no ${ADDRESSES[missing]}` })),
      hint: 'Add the missing address (touchline patch lead --help), or request a campaign whose steps reach the lead.',
      extra: { unreachable_steps },
    },
  );
}

const notActive = (slug: string, status: string) =>
  new AppError('campaign_not_active', `The campaign ${slug} is ${status}.`, { status: 409 });

const noSteps = (slug: string) =>
  new AppError('campaign_has_no_steps', `The campaign ${slug} has no steps yet.`, { status: 409 });

const PLAY_CLOSED: Readonly<Record<PlayClosed, string>> = {
  play_retired: 'was retired',
  play_over: 'is over: its period has ended',
  play_not_begun: 'has not begun: its period begins later',
};

const playClosed = (slug: string, code: PlayClosed) =>
  new AppError(code, `The play that ${slug} runs ${PLAY_CLOSED[code]}.`, {
    status: 409,
    errors: [{ path: 'campaign_slug', message: 'enrollment in its play is closed' }],
    hint: 'Current enrollments continue. Request another campaign, or copy the play to launch it again.',
  });
