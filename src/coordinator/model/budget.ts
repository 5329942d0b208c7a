/** The daily budget of an organization's model calls: reserved before each call, settled after it. */
import type { Clock } from '../../clock.ts';
import type {
  LanguageModel,
  ModelAnswer,
  ModelFault,
  ModelRequest,
} from '../../connectors/language_model.ts';
import { toAppError } from '../../db/errors.ts';
import { type AnyPool, transaction } from '../../db/pool.ts';
import { modelTokensOfDay, reserveModelCall, settleModelCall } from '../../db/queries/model_calls.gen.ts';
import { newId } from '../../ids.ts';
import { raiseFlags } from '../gate/flags.ts';
import { inOrg } from '../gate/org_work.ts';
import { coordinatorActor, orgPolicy, type Scope } from '../gate/scope.ts';

/** Outside any transaction: a model takes seconds. */
export type ModelWork = {
  db: AnyPool;
  clock: Clock;
  org_id: string;
  model: LanguageModel;
  /** Called for each call, for the metrics. */
  called?: (call: ModelCall) => void;
  /** Ends calls in progress. */
  signal?: AbortSignal;
};

export type ModelCall = {
  purpose: ModelPurpose;
  outcome: 'answered' | ModelFault;
  seconds: number;
  input_tokens: number;
  output_tokens: number;
};

export type ModelPurpose = 'draft' | 'classify';

/** No text has more tokens than bytes; in prose and JSON, a token takes two bytes or more. */
const BYTES_PER_TOKEN_MIN = 2;
/** Tokens that providers add around a request, including the schema. */
const TOKENS_AROUND = 1_000;
/** With fewer tokens left, no call is made: a usual one takes as many. */
const CALL_TOKENS_MIN = 5_000;

const OUTCOMES = {
  model_unavailable: 'unavailable',
  model_refused: 'refused',
  model_answer_invalid: 'invalid',
  model_budget_spent: 'refused',
} as const;

/**
 * The same model with its calls counted. If the day's tokens do not suffice, it answers `model_budget_spent` without a
 * call.
 */
export function budgetedModel(
  work: ModelWork,
  about: { purpose: ModelPurpose; queue_id: string | null },
): LanguageModel {
  return {
    name: work.model.name,
    generate: async (request) => {
      const began_ms = performance.now();
      const id = await reserve(work, about, request);
      const answer = id === null ? spent<never>() : await asked(work, id, request);
      const { input_tokens = 0, output_tokens = 0 } = answer.usage ?? {};
      const outcome = answer.ok ? 'answered' : answer.fault;
      const seconds = (performance.now() - began_ms) / 1_000;
      work.called?.({ purpose: about.purpose, outcome, seconds, input_tokens, output_tokens });
      return answer;
    },
  };
}

async function asked<T>(work: ModelWork, id: string, request: ModelRequest<T>): Promise<ModelAnswer<T>> {
  const began_ms = performance.now();
  const answer = await work.model.generate(
    work.signal === undefined ? request : { ...request, signal: work.signal },
  );
  const settled = {
    outcome: answer.ok ? 'answered' : OUTCOMES[answer.fault],
    input_tokens: answer.usage?.input_tokens ?? null,
    output_tokens: answer.usage?.output_tokens ?? null,
    duration_ms: Math.round(performance.now() - began_ms),
  };
  const { org_id } = work;
  await transaction(work.db, coordinatorActor(org_id), (tx) =>
    settleModelCall.count({ org_id, id, ...settled }, tx),
  );
  return answer;
}

/** The call's id; null if the day has no tokens left, which is reported once a day. */
async function reserve(
  { db, clock, org_id, model }: ModelWork,
  { purpose, queue_id }: { purpose: ModelPurpose; queue_id: string | null },
  request: ModelRequest<unknown>,
): Promise<string | null> {
  const id = newId(clock);
  const reserved_tokens = tokensAtMost(request);
  const call = { org_id, id, purpose, queue_id, model: model.name.slice(0, 200), reserved_tokens };
  try {
    await transaction(db, coordinatorActor(org_id), (tx) =>
      reserveModelCall.run({ ...call, now: clock.now() }, tx),
    );
    return id;
  } catch (error) {
    if (toAppError(error)?.code !== 'model_budget_spent') throw error;
    await inOrg({ db, clock, org_id }, warnOfSpentBudget);
    return null;
  }
}

function spent<T>(): ModelAnswer<T> {
  const usage = { input_tokens: 0, output_tokens: 0 };
  return { ok: false, fault: 'model_budget_spent', detail: "the day's tokens are spent", usage };
}

function tokensAtMost({ system, prompt, max_output_tokens }: ModelRequest<unknown>): number {
  const bytes = Buffer.byteLength(system) + Buffer.byteLength(prompt);
  return Math.ceil(bytes / BYTES_PER_TOKEN_MIN) + TOKENS_AROUND + max_output_tokens;
}

export type ModelBudget = {
  /** YYYY-MM-DD in the organization's time zone. */
  day: string;
  counted_tokens: number;
  call_count: number;
  model_tokens_per_day: number;
  /** This organization calls no model. */
  is_off: boolean;
  is_spent: boolean;
};

export async function modelBudget(scope: Pick<Scope, 'tx' | 'org_id' | 'clock'>): Promise<ModelBudget> {
  const { model_tokens_per_day } = (await orgPolicy(scope)).policy.drafting;
  const [row] = await modelTokensOfDay.run({ org_id: scope.org_id, now: scope.clock.now() }, scope.tx);
  const { day, counted_tokens, call_count } = row!;
  const is_off = model_tokens_per_day === 0;
  const is_spent = !is_off && counted_tokens + CALL_TOKENS_MIN > model_tokens_per_day;
  return { day, counted_tokens, call_count, model_tokens_per_day, is_off, is_spent };
}

/** One warning per day, which ends with the day. */
export async function warnOfSpentBudget(scope: Scope): Promise<void> {
  const { day, model_tokens_per_day } = await modelBudget(scope);
  const detail = { day, model_tokens_per_day };
  await raiseFlags(scope, [{ kind: 'model_budget_spent', subject: day, for_role: 'revops', detail }]);
}
