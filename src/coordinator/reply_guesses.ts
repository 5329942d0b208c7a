import type { Context } from '../context.ts';
import { localDay } from '../core/schedule.ts';
import type { Classify } from './inbound_intents.ts';
import { budgetedModel } from './model_budget.ts';
import { classifyReply } from './reply_classification.ts';

/** Why a call of the model is counted. */
const ABOUT = { purpose: 'classify', queue_id: null } as const;

/**
 * What the model takes an answer for, where one is connected: a guess that is shown to whoever decides, and does nothing. Where
 * it is not sure, does not answer, or the day's tokens are spent, there is none.
 */
export function guesser(
  { db, clock, model, metrics }: Pick<Context, 'db' | 'clock' | 'model' | 'metrics'>,
  org_id: string,
): Classify | undefined {
  if (model === undefined) return undefined;
  const called = metrics === undefined ? {} : { called: metrics.modelCalled };
  const budgeted = budgetedModel({ db, clock, org_id, model, ...called }, ABOUT);
  return async ({ subject, text }) => {
    const reply_text = subject === '' ? text : `${subject}\n\n${text}`;
    const today = localDay(clock.now_ms(), 'UTC');
    const said = await classifyReply(budgeted, { reply_text, thread: [], today });
    return said.classified_with === 'model' ? { intent: said.intent, certain: false } : null;
  };
}
