import { localDay } from '../../core/gate/schedule.ts';
import { budgetedModel, type ModelCall, type ModelWork } from '../model/budget.ts';
import type { Classify } from './intents.ts';
import { classifyReply } from './reply_classification.ts';

type Asked = Pick<ModelWork, 'model'> & { metrics: { modelCalled(call: ModelCall): void } };

/** The purpose recorded for the call. */
const ABOUT = { purpose: 'classify', queue_id: null } as const;

/**
 * The model's classification of a reply, if a model is connected: a guess that is shown and has no effect. None if the
 * model is unsure, does not answer, or the daily tokens are spent.
 */
export function guesser(
  { db, clock, model, metrics }: Pick<ModelWork, 'db' | 'clock'> & Partial<Asked>,
  org_id: string,
): Classify | undefined {
  if (model === undefined) return undefined;
  const called = metrics === undefined ? {} : { called: (call: ModelCall) => metrics.modelCalled(call) };
  const budgeted = budgetedModel({ db, clock, org_id, model, ...called }, ABOUT);
  return async ({ subject, text }) => {
    const reply_text = subject === '' ? text : `${subject}\n\n${text}`;
    const today = localDay(clock.now_ms(), 'UTC');
    const said = await classifyReply(budgeted, { reply_text, thread: [], today });
    return said.classified_with === 'model' ? { intent: said.intent, certain: false } : null;
  };
}
