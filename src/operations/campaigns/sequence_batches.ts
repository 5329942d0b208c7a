import { z } from 'zod';
import { coordinatorActor, type Scope } from '../../coordinator/gate/scope.ts';
import { type RequestAnswer, requestSequences } from '../../coordinator/gate/sequence_requests.ts';
import { gateSentence } from '../../core/explain/gates.ts';
import { speaker } from '../../core/explain/words.ts';
import type { Decision } from '../../core/gate/decision.ts';
import { unreachableWords } from '../../core/gate/unreachable.ts';
import type { NamedLeadsResult } from '../../db/queries/leads.gen.ts';
import { gateOutcome, id, noun, unreachableSteps, verdictFields, verdictOf } from '../fields.ts';
import { leadKey, leadsNamed } from '../lead_keys.ts';
import { operation, transactWork } from '../operation.ts';
import { askedFields, isNoOfGate, readAsked } from './sequence_requests.ts';

/** One page of a list. Their leads are locked together briefly. */
const LEADS_MAX = 200;

const requestOutcome = z
  .enum([...gateOutcome.options, 'already_enrolled', 'already_waiting', 'unreachable', 'unknown_lead'])
  .meta({ id: 'RequestOutcome' });
type RequestOutcome = z.output<typeof requestOutcome>;

const requestSequencesOperation = operation({
  name: 'request_sequences',
  summary: 'Request to enroll up to 200 leads in a campaign. The gate answers for each lead separately.',
  http: { method: 'POST', path: '/sequence_requests/batch' },
  cli: {
    command: 'request many',
    args: ['campaign_slug'],
    no: {
      if: 'any lead is blocked or refused',
      isNo: (answer) => Object.keys((answer as { counts: object }).counts).some(isNoOfGate),
    },
  },
  input: z.object({
    leads: z.array(leadKey).min(1).max(LEADS_MAX).describe('a lead named twice counts once'),
    ...askedFields,
  }),
  output: z.object({
    counts: z.partialRecord(requestOutcome, z.int()).describe('leads by outcome'),
    items: z.array(
      noun('BatchedRequest', {
        lead: z.string().describe('as given'),
        lead_id: id.nullable(),
        name: z.string().nullable(),
        company: z.string().nullable(),
        outcome: requestOutcome,
        why: z.string().describe('the last gate’s decision, in words'),
        ...verdictFields,
        request_id: id.nullable(),
        enrollment_id: id.nullable(),
        unreachable_steps: unreachableSteps,
      }),
    ),
  }),
  errors: `
    unknown_campaign unknown_agent campaign_not_active campaign_has_no_steps play_retired play_over
    play_not_begun`,
  run: async ({ context, principal, input }) => {
    const { leads, dry_run } = input;
    const ask = async (scope: Scope) => {
      const asked = await readAsked(scope, principal, input);
      const known = await leadsNamed(scope.tx, scope.org_id, leads);
      const lead_ids = [...new Set([...known.values()].map((lead) => lead.id))];
      const requests = lead_ids.map((lead_id) => ({ lead_id, ...asked }));
      const given = await requestSequences(scope, requests, { dry_run });
      return { known, answers: new Map(given.map((answer, at) => [lead_ids[at], answer])) };
    };
    const by = coordinatorActor(principal.org_id);
    const { known, answers } = await transactWork({ context, principal }, ask, by);
    const counts: Partial<Record<RequestOutcome, number>> = {};
    for (const answer of answers.values()) {
      const outcome = outcomeOf(answer);
      counts[outcome] = (counts[outcome] ?? 0) + 1;
    }
    const unknown = new Set(leads.filter((lead) => !known.has(lead)).map((lead) => lead.toLowerCase())).size;
    if (unknown > 0) counts.unknown_lead = (counts.unknown_lead ?? 0) + unknown;
    const items = leads.map((lead) => {
      const found = known.get(lead);
      return { lead, ...itemOf(found, found && answers.get(found.id), dry_run) };
    });
    return { counts, items };
  },
  text: ({ counts, items }) => {
    const counted = Object.entries(counts).map(([outcome, count]) => `${outcome}: ${count}`);
    return [...counted, '', ...items.map(({ lead, outcome, why }) => `${lead}  ${outcome}  ${why}`)].join(
      '\n',
    );
  },
});

export const sequenceBatchOperations = [requestSequencesOperation] as const;

function outcomeOf(answer: RequestAnswer): RequestOutcome {
  return answer.kind === 'answered' ? answer.decision.outcome : answer.kind;
}

function itemOf(lead: NamedLeadsResult | undefined, answer: RequestAnswer | undefined, dry_run: boolean) {
  const name = lead && ([lead.first_name, lead.last_name].filter(Boolean).join(' ') || lead.email);
  const who = { lead_id: lead?.id ?? null, name: name ?? null, company: lead?.company ?? null };
  const ids = { request_id: null, enrollment_id: null };
  const nothing = { ...who, ...ids, reason: null, until: null, wake: null, unreachable_steps: [] };
  if (answer === undefined) return { ...nothing, outcome: 'unknown_lead' as const, why: WORDS.unknown_lead };
  if (answer.kind === 'unreachable') {
    const { kind: outcome, unreachable_steps } = answer;
    const request_id = dry_run ? null : answer.request_id;
    return { ...nothing, outcome, request_id, why: unreachableWords(unreachable_steps), unreachable_steps };
  }
  if (answer.kind !== 'answered') {
    const enrollment_id = answer.kind === 'already_enrolled' ? answer.enrollment_id : null;
    return { ...nothing, outcome: answer.kind, why: WORDS[answer.kind], enrollment_id };
  }
  const { decision, unreachable_steps, request_id, enrollment_id } = answer;
  const why = [whyOf(decision, lead?.effective_time_zone ?? 'UTC'), unreachableWords(unreachable_steps)]
    .filter(Boolean)
    .join(' ');
  return {
    ...who,
    ...verdictOf(decision),
    why,
    unreachable_steps,
    ...(dry_run ? ids : { request_id, enrollment_id }),
  };
}

/** With times in the lead's zone. */
function whyOf({ outcome, trace }: Decision, time_zone: string): string {
  const last = trace.at(-1);
  if (outcome === 'allow' || last === undefined) return 'All gates passed.';
  const nobody = speaker({ people: {}, agents: {}, campaigns: {} }, time_zone);
  return gateSentence(last, { speaker: nobody, window_hours: null });
}

const WORDS = {
  unknown_lead: 'Lead not found.',
  already_enrolled: 'The lead is already enrolled in this campaign.',
  already_waiting: 'A request for this lead and campaign is already pending.',
} as const;
