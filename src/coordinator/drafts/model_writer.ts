import type { LanguageModel } from '../../connectors/language_model.ts';
import { type DraftFault, draftFaults } from '../../core/draft_checks.ts';
import { headerText } from '../../core/header_text.ts';
import { type Brief, draftRequest, type WrittenByModel } from './prompt.ts';
import type { DraftText } from './touch_drafts.ts';

/** The second attempt names the faults of the first; a model that fails both would fail a third. */
const TRIES_MAX = 2;

/** `fallback`: why there is no text, as a stable word or two. */
export type Written = { text: DraftText } | { fallback: string };

/**
 * Asks a model for the text of a touch, checks the answer, and asks once more if it is not usable. Faults of the model
 * never throw.
 */
export async function writeTouch(model: LanguageModel, brief: Brief): Promise<Written> {
  let faults: (DraftFault | 'invalid')[] = [];
  for (let tries = 1; tries <= TRIES_MAX; tries += 1) {
    const answer = await model.generate(draftRequest(brief, faults));
    if (answer.ok) {
      const text = textOf(answer.value);
      const found = draftFaults(text, rulesOf(brief));
      if (found.length === 0) return { text };
      faults = found;
    } else if (answer.fault === 'model_answer_invalid') faults = ['invalid'];
    else return { fallback: answer.fault };
  }
  const why = faults.filter((fault) => fault !== 'invalid');
  return { fallback: why.length === 0 ? 'model_answer_invalid' : `model_answer_invalid: ${why.join(', ')}` };
}

function textOf({ subject, body }: WrittenByModel): DraftText {
  const lines = body.replaceAll('\r\n', '\n').replaceAll(/[ \t]+$/gm, '');
  return {
    subject: subject === null ? null : headerText(subject),
    body: lines.replaceAll(/\n{3,}/g, '\n\n').trim(),
  };
}

function rulesOf({ context }: Brief): Parameters<typeof draftFaults>[1] {
  const { channel, account_name, postal_address } = context;
  const own_texts = [context.template_instructions, context.subject_template, context.body_template];
  return { channel, account_name, postal_address, own_texts };
}
