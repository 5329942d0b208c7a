import { z } from 'zod';
import type { ModelRequest } from '../../connectors/language_model.ts';
import { CHANNELS } from '../../core/channels.ts';
import {
  DRAFT_FAULT_WORDS,
  type DraftFault,
  notesForWriter,
  SUBJECT_CHARS_MAX,
} from '../../core/draft_checks.ts';
import type { ApprovedEditsResult, SentTextsResult } from '../../db/queries/model_calls.gen.ts';
import { DATA_RULE, markedAsData } from '../model/data.ts';
import type { TouchContext } from './touch_drafts.ts';

export type Brief = {
  context: TouchContext;
  /** Messages sent to the lead in this enrollment, newest first. */
  sent: readonly SentTextsResult[];
  /** The lead's replies, newest first. */
  replies: readonly string[];
  /** People's edits of earlier drafts of this step, newest first. */
  edits: readonly ApprovedEditsResult[];
};

/** Strict, but with generous lengths, so that `draftFaults` can report excess length to the model. */
const draftSchema = z.strictObject({
  subject: z.string().max(1_000).nullable(),
  body: z.string().max(20_000),
});

export type WrittenByModel = z.infer<typeof draftSchema>;

const OUTPUT_TOKENS_MAX = 2_000;
/** Limit for each text from outside. Longer text adds nothing about the lead. */
const FIELD_CHARS_MAX = 300;
const TEXT_CHARS_MAX = 3_000;

/** `faults`: those of the previous, unusable answer, in our own words, without any of its text. */
export function draftRequest(
  brief: Brief,
  faults: readonly (DraftFault | 'invalid')[] = [],
): Pick<ModelRequest<WrittenByModel>, 'system' | 'prompt' | 'schema' | 'max_output_tokens'> {
  return {
    system: [...rulesOf(brief.context), ...corrections(faults)].join('\n'),
    prompt: markedAsData(caseOf(brief)),
    schema: draftSchema,
    max_output_tokens: OUTPUT_TOKENS_MAX,
  };
}

/** The organization's own people wrote these texts when they set up the campaign. */
function rulesOf(context: TouchContext): string[] {
  const { channel, client_name, campaign_name, sender_name, template_instructions } = context;
  const { noun, has_subject, text_chars_max } = CHANNELS[channel];
  const notes = notesForWriter(context.notes).join(' ').slice(0, FIELD_CHARS_MAX);
  const goal = (context.goal ?? '').slice(0, FIELD_CHARS_MAX);
  return [
    `You write ${noun} for ${sender_name} of ${client_name}, in the campaign ` +
      `"${campaign_name}" (${context.content_type}). A person reads it before it is sent.`,
    `What to write: ${template_instructions}`,
    ...(goal === '' ? [] : [`The goal for this lead: ${goal}`]),
    ...(notes === '' ? [] : [`Notes for you: ${notes}`]),
    ...(context.body_template === null
      ? []
      : ['The usual text of this step, as a guide:', context.body_template]),
    has_subject
      ? `Answer with subject (one line, at most ${SUBJECT_CHARS_MAX} characters) and body (at most ${text_chars_max}).`
      : `Answer with body (at most ${text_chars_max} characters in all); subject is null.`,
    'Plain text, finished: no placeholders, no markup, and no links, addresses, or phone numbers except those given above. ' +
      'No postal address and no words about unsubscribing: both are added automatically. State only facts about the lead that are in the data. Sign as ' +
      `${sender_name}.`,
    'edits shows how people changed earlier texts of this step for other leads: write as they do, but copy no facts.',
    DATA_RULE,
  ];
}

function corrections(faults: readonly (DraftFault | 'invalid')[]): string[] {
  if (faults.length === 0) return [];
  const words = faults.map((fault) =>
    fault === 'invalid' ? 'It was not the requested JSON.' : DRAFT_FAULT_WORDS[fault],
  );
  return [`An earlier answer could not be used: ${words.join(' ')}`];
}

function caseOf({ context, sent, replies, edits }: Brief): Record<string, unknown> {
  const cut = (text: string | null) => text?.slice(0, FIELD_CHARS_MAX) ?? null;
  const long = (text: string | null) => text?.slice(0, TEXT_CHARS_MAX) ?? null;
  return {
    lead: {
      first_name: cut(context.first_name),
      last_name: cut(context.last_name),
      title: cut(context.title),
    },
    account: {
      name: cut(context.account_name),
      vertical: cut(context.vertical),
      segment: cut(context.segment),
    },
    we_sent: sent.toReversed().map(({ channel, sent_at, subject, body }) => {
      return { channel, day: sent_at.toISOString().slice(0, 10), subject, body: long(body) };
    }),
    lead_replied: replies.map(long).reverse(),
    edits: edits.map((edit) => ({
      before: { subject: edit.before_subject, body: long(edit.before_body) },
      after: { subject: edit.after_subject, body: long(edit.after_body) },
    })),
  };
}
