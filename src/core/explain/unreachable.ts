/** Steps that could not reach the lead, in words. */

import { addressName } from '../channels.ts';
import { type UnreachableStep, unreachableWords } from '../gate/unreachable.ts';
import type { HistoryEvent } from './history.ts';
import { quoted, stepWords } from './words.ts';

/** A skipped step, or a whole request by `asker` with no step that reaches the lead. */
export function skippedWords(event: HistoryEvent, asker: string): string {
  if (event.moment !== 'requested')
    return `${stepWords(event)} was skipped: the lead has ${missingWords(event)}. The sequence continues.`;
  const campaign = event.campaign_name === null ? 'a campaign' : quoted(event.campaign_name);
  const steps = detailOf(event, 'unreachable_steps');
  const which = Array.isArray(steps) ? ` ${unreachableWords(steps as unknown as UnreachableStep[])}` : '';
  return `the request for ${campaign} by ${asker} was refused: no step can reach the lead.${which}`;
}

/** `no LinkedIn profile`: the address that the lead lacked. */
export function missingWords(event: Pick<HistoryEvent, 'detail'>): string {
  return `no ${addressName(detailOf(event, 'missing'))}`;
}

function detailOf({ detail }: Pick<HistoryEvent, 'detail'>, key: string) {
  const is_object = typeof detail === 'object' && detail !== null && !Array.isArray(detail);
  return is_object ? detail[key] : undefined;
}
