import { z } from 'zod';
import { findCampaignForRequest, hasSteps, type PlayClosed } from '../../coordinator/gate/campaigns.ts';
import type { NewRequest } from '../../coordinator/gate/request_batch.ts';
import { coordinatorActor, type Scope } from '../../coordinator/gate/scope.ts';
import { type RequestAnswer, requestSequences } from '../../coordinator/gate/sequence_requests.ts';
import { ADDRESSES } from '../../core/channels.ts';
import { requestText, requestWords } from '../../core/explain/text.ts';
import { type UnreachableStep, unreachableWords } from '../../core/gate/unreachable.ts';
import { transaction } from '../../db/pool.ts';
import { knownClientsAndAgents } from '../../db/queries/campaigns.gen.ts';
import { getLead } from '../../db/queries/leads.gen.ts';
import { AppError } from '../../errors.ts';
import { GOAL_VALUES, SUPPRESSED_REASON_VALUES } from '../../schema.gen.ts';
import { gatesInWords } from '../event_words.ts';
import { gateOutcome, gateTrace, id, NOTES, notFound, noun, unreachableSteps } from '../fields.ts';
import { formerly } from '../former_names.ts';
import { type Call, operation } from '../operation.ts';

const input = z.object({
  lead_id: z.string().min(1).max(254).describe('id or e-mail address of the lead'),
  campaign_slug: formerly('campaign', z.string().min(1).max(64)),
  requested_by: z
    .string()
    .max(64)
    .optional()
    .describe('agent or role that asks; default: the campaign’s owner'),
  goal: z.enum(GOAL_VALUES).optional(),
  notes: z.string().trim().max(5_000).optional().describe(NOTES),
  dry_run: z.boolean().default(false).describe('ask the gate, change nothing'),
});

const output = noun('SequenceRequest', {
  request_id: id.nullable().describe('null for a dry run'),
  enrollment_id: id.nullable(),
  outcome: gateOutcome,
  reason: z.enum(SUPPRESSED_REASON_VALUES).nullable(),
  until: z.string().nullable().describe('when it is asked again'),
  wake: z.string().nullable().describe('what has to happen first, where no time is known'),
  trace: gateTrace,
  unreachable_steps: unreachableSteps,
  text: z.string().describe('the answer in words; times in it are in the lead’s zone'),
  gates: gatesInWords,
});

const requestSequence = operation({
  name: 'request_sequence',
  summary: 'Request to enroll a lead in a campaign. The gate answers with its whole trace.',
  http: { method: 'POST', path: '/sequence_requests' },
  cli: {
    command: 'request',
    args: ['lead_id', 'campaign_slug'],
    isNo: (answer) => isNoOfGate((answer as z.output<typeof output>).outcome),
  },
  mcp: {
    tool: 'request_sequence',
    title: 'Request a sequence',
    effect: { destructive: false, idempotent: false, reaches_out: true },
  },
  input,
  output,
  errors: `
    not_found unknown_campaign unknown_agent campaign_not_active campaign_has_no_steps play_retired
    play_over play_not_begun already_enrolled already_waiting lead_unreachable`,
  run: async (call) => {
    const { context, principal } = call;
    const { org_id } = principal;
    const { answer, time_zone } = await transaction(context.db, coordinatorActor(org_id), async (tx) => {
      const scope: Scope = { tx, org_id, clock: context.clock };
      const { request, time_zone } = await readRequest(scope, call);
      const [first] = await requestSequences(scope, [request], { dry_run: call.input.dry_run });
      return { answer: answered(first!, call.input.campaign_slug), time_zone };
    });
    context.nudge();
    const { decision, unreachable_steps } = answer;
    const told = {
      request_id: call.input.dry_run ? null : answer.request_id,
      enrollment_id: call.input.dry_run ? null : answer.enrollment_id,
      outcome: decision.outcome,
      reason: decision.reason,
      until: decision.until_ms === null ? null : new Date(decision.until_ms).toISOString(),
      wake: decision.wake,
      trace: [...decision.trace],
      unreachable_steps,
    };
    return { ...told, ...requestWords(told, time_zone) };
  },
  text: requestText,
});

/** What is held or queued is asked again by itself, and is no no. */
export function isNoOfGate(outcome: string): boolean {
  return !['allow', 'hold', 'queue'].includes(outcome);
}

export const sequenceRequestOperations = [requestSequence] as const;

async function readRequest(
  scope: Scope,
  { principal, input: asked }: Call<z.output<typeof input>>,
): Promise<{ request: NewRequest; time_zone: string }> {
  const { tx, org_id } = scope;
  const is_id = z.uuid().safeParse(asked.lead_id).success;
  const [lead] = await getLead.run(
    { org_id, id: is_id ? asked.lead_id : null, email: is_id ? null : asked.lead_id },
    tx,
  );
  if (lead === undefined)
    throw notFound('lead', 'Import it first (touchline import leads FILE, or POST /leads/import).');
  const request = { lead_id: lead.id, ...(await readAsked(scope, principal, asked)) };
  return { request, time_zone: lead.effective_time_zone };
}

/** What is asked for, whoever the leads are. */
export async function readAsked(
  scope: Scope,
  principal: Call<unknown>['principal'],
  asked: Omit<z.output<typeof input>, 'lead_id'>,
): Promise<Omit<NewRequest, 'lead_id'>> {
  const { tx, org_id } = scope;
  const campaign = await findCampaignForRequest(scope, asked.campaign_slug);
  if (campaign === undefined) throw unknownCampaign(asked.campaign_slug);
  if (campaign.status !== 'active') throw notActive(asked.campaign_slug, campaign.status);
  if (!hasSteps(campaign)) throw noSteps(asked.campaign_slug);
  if (campaign.play_closed !== null)
    throw playClosed(asked.campaign_slug, campaign.play_closed as PlayClosed);
  const requested_by = requester(principal, asked.requested_by, campaign.owner_role);
  const [known] = await knownClientsAndAgents.run(
    { org_id, agent_id: requested_by, client_id: campaign.client_id },
    tx,
  );
  if (!known?.agent_known) throw unknownAgent(requested_by);
  return {
    campaign,
    requested_by,
    requested_by_user_id: principal.kind === 'human' ? principal.user_id : null,
    goal: asked.goal ?? null,
    notes: asked.notes ?? null,
  };
}

/** An agent asks in its own name, whatever it says; a person may ask on behalf of a role. */
function requester(
  principal: Call<unknown>['principal'],
  requested_by: string | undefined,
  owner_role: string,
): string {
  return principal.kind === 'agent' ? principal.agent_id : (requested_by ?? owner_role);
}

function answered(answer: RequestAnswer, slug: string): Extract<RequestAnswer, { kind: 'answered' }> {
  switch (answer.kind) {
    case 'answered':
      return answer;
    case 'unknown_lead':
      throw notFound('lead');
    case 'already_enrolled':
      throw new AppError('already_enrolled', `This lead is in ${slug} already.`, {
        extra: { enrollment_id: answer.enrollment_id },
      });
    case 'unreachable':
      throw leadUnreachable(answer.unreachable_steps, slug);
    case 'already_waiting':
      throw new AppError('already_waiting', `A request for this lead and ${slug} is waiting already.`, {
        hint: 'It is asked again by itself: see the lead’s explanation for when.',
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
      hint: 'Add what is missing (touchline patch lead --help), or ask for a campaign whose steps reach the lead.',
      extra: { unreachable_steps },
    },
  );
}

function unknownCampaign(slug: string): AppError {
  return new AppError('unknown_campaign', `There is no campaign ${slug}.`, {
    errors: [{ path: 'campaign_slug', message: 'no campaign has this slug' }],
    hint: 'touchline campaigns, or GET /campaigns, lists them.',
  });
}

function notActive(slug: string, status: string): AppError {
  return new AppError('campaign_not_active', `The campaign ${slug} is ${status}.`, { status: 409 });
}

function noSteps(slug: string): AppError {
  return new AppError('campaign_has_no_steps', `The campaign ${slug} has no steps yet.`, { status: 409 });
}

function unknownAgent(agent_id: string): AppError {
  return new AppError('unknown_agent', `There is no agent ${agent_id}.`, {
    errors: [{ path: 'requested_by', message: 'no agent or role has this name' }],
    hint: 'touchline agents, or GET /agents, lists them.',
  });
}

const PLAY_CLOSED: Readonly<Record<PlayClosed, string>> = {
  play_retired: 'was retired',
  play_over: 'is over: its period has ended',
  play_not_begun: 'has not begun: its period begins later',
};

function playClosed(slug: string, code: PlayClosed): AppError {
  return new AppError(code, `The play that ${slug} runs ${PLAY_CLOSED[code]}.`, {
    status: 409,
    errors: [{ path: 'campaign_slug', message: 'nobody is let into its play now' }],
    hint: 'What runs goes on. Ask for another campaign, or launch the play once more by copying it.',
  });
}
