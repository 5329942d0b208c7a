import { z } from 'zod';
import type { Clock } from '../clock.ts';
import type { Config } from '../config.ts';
import type { LanguageModel } from '../connectors/language_model.ts';
import { modelBudget } from '../coordinator/model/budget.ts';
import { type Pool, transaction } from '../db/pool.ts';
import { type Check, check, counted, failure, ok, skipped, warning } from './check.ts';
import { LOOPBACK } from './mail.ts';

/** Below the time limit of a check. */
const ANSWER_MS = 8_000;

const question = {
  system: 'Say that you can be reached.',
  prompt: 'Answer with reached: true.',
  schema: z.strictObject({ reached: z.boolean() }),
  max_output_tokens: 100,
  timeout_ms: ANSWER_MS,
};

/** Sends the language model a small request. */
export function modelCheck({ llm }: Config, model: LanguageModel | null): Promise<Check> {
  return check('language model', async () => {
    if (llm === null || model === null) {
      return skipped(
        'none is set in this shell: with these settings, templates write the drafts',
        'Set LLM_MODEL and LLM_API_KEY to connect one. touchline model shows the model of a running server.',
      );
    }
    const began_ms = performance.now();
    const answer = await model.generate(question);
    const seconds = ((performance.now() - began_ms) / 1_000).toFixed(1);
    // Only the form of the answer matters, not its value.
    if (answer.ok && isInTheClear(llm)) {
      return warning(
        `${model.name} answers in ${seconds} s; the key and lead data are sent unencrypted`,
        'Use an https LLM_BASE_URL.',
      );
    }
    if (answer.ok) return ok(`${model.name} answers in ${seconds} s`);
    const next = NEXT[answer.fault] ?? 'Check LLM_BASE_URL and that this machine can reach it.';
    return failure(`${model.name}: ${answer.detail}`, `${next} Until then, templates write the drafts.`);
  });
}

const NEXT: Readonly<Record<string, string>> = {
  model_refused: 'Check LLM_API_KEY, LLM_MODEL, and LLM_BASE_URL.',
  model_answer_invalid: 'The model does not follow a JSON schema: set another LLM_MODEL.',
};

function isInTheClear({ base_url }: NonNullable<Config['llm']>): boolean {
  if (base_url === null) return false;
  const { protocol, hostname } = new URL(base_url);
  return protocol === 'http:' && !LOOPBACK.test(hostname);
}

/** The organization's remaining budget for today. */
export async function modelBudgetFinding(db: Pool, org_id: string, clock: Clock) {
  const system = { org_id, kind: 'system', id: null } as const;
  const budget = await transaction(db, system, (tx) => modelBudget({ tx, org_id, clock }));
  const { counted_tokens, model_tokens_per_day, call_count } = budget;
  const next = 'drafting.model_tokens_per_day in the policy: touchline put policy --help';
  if (budget.is_off) return skipped('the policy allows no tokens: templates write the drafts', next);
  const seen = `${counted_tokens} of ${model_tokens_per_day} tokens today, in ${counted(call_count, 'call')}`;
  return budget.is_spent ? warning(`${seen}: templates write the remaining drafts`, next) : ok(seen);
}
