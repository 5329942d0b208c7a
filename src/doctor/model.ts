import { z } from 'zod';
import type { Clock } from '../clock.ts';
import type { Config } from '../config.ts';
import type { LanguageModel } from '../connectors/language_model.ts';
import { modelBudget } from '../coordinator/model/budget.ts';
import { type Pool, transaction } from '../db/pool.ts';
import { type Check, check, counted, failure, ok, skipped, warning } from './check.ts';
import { LOOPBACK } from './mail.ts';

/** Short of what a check may take. */
const ANSWER_MS = 8_000;

const question = {
  system: 'Say that you can be reached.',
  prompt: 'Answer with reached: true.',
  schema: z.strictObject({ reached: z.boolean() }),
  max_output_tokens: 100,
  timeout_ms: ANSWER_MS,
};

/** The language model: asks it something small. */
export function modelCheck({ llm }: Config, model: LanguageModel | null): Promise<Check> {
  return check('language model', async () => {
    if (llm === null || model === null) {
      return skipped(
        'none is set in this shell: what runs with these settings writes drafts from templates',
        'LLM_MODEL and LLM_API_KEY connect one. touchline model says what a server that runs already has.',
      );
    }
    const began_ms = performance.now();
    const answer = await model.generate(question);
    const seconds = ((performance.now() - began_ms) / 1_000).toFixed(1);
    // What it says of itself is another matter; it was reached and keeps to the form.
    if (answer.ok && isInTheClear(llm)) {
      return warning(
        `${model.name} answers in ${seconds} s; key and leads travel unencrypted`,
        'Use an https LLM_BASE_URL.',
      );
    }
    if (answer.ok) return ok(`${model.name} answers in ${seconds} s`);
    const seen = `${model.name}: ${answer.detail}`;
    if (answer.fault === 'model_refused') {
      return failure(seen, 'Are LLM_API_KEY, LLM_MODEL and LLM_BASE_URL right? Until then templates write.');
    }
    if (answer.fault === 'model_answer_invalid') {
      return failure(
        seen,
        'It does not keep to a JSON schema: name another LLM_MODEL. Until then templates write.',
      );
    }
    return failure(seen, 'Is LLM_BASE_URL right, and reachable from here? Until then templates write.');
  });
}

function isInTheClear({ base_url }: NonNullable<Config['llm']>): boolean {
  if (base_url === null) return false;
  const { protocol, hostname } = new URL(base_url);
  return protocol === 'http:' && !LOOPBACK.test(hostname);
}

/** What an org may still ask of it today. */
export async function modelBudgetFinding(db: Pool, org_id: string, clock: Clock) {
  const system = { org_id, kind: 'system', id: null } as const;
  const budget = await transaction(db, system, (tx) => modelBudget({ tx, org_id, clock }));
  const { counted_tokens, model_tokens_per_day, call_count } = budget;
  const next = 'drafting.model_tokens_per_day in the policy: touchline put policy --help';
  if (budget.is_off) return skipped('the policy gives the model no tokens: templates write', next);
  const seen = `${counted_tokens} of ${model_tokens_per_day} tokens today, in ${counted(call_count, 'call')}`;
  return budget.is_spent ? warning(`${seen}: templates write the rest`, next) : ok(seen);
}
