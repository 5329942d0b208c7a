import { GOAL_VALUES } from '../schema.gen.ts';
import { compileTemplate, namesIn, renderTemplate } from './liquid.ts';
import type { Template, TemplateData, TemplateDocument, TemplateFault } from './port.ts';

/** What a template may name: the data that the drafter gives it, one noun and one field each. */
const FULL: TemplateData = {
  lead: { first_name: 'Ada', last_name: 'Lovelace', title: 'Head of Commerce' },
  account: { name: 'Analytical Engines', vertical: 'manufacturing', segment: 'enterprise' },
  campaign: { name: 'A campaign' },
  enrollment: { goal: 'awareness' },
  sender: { name: 'Brooke' },
  client: { name: 'B2BEA', postal_address: '1 Example Street, 12345 Example' },
};
const MAY_BE_EMPTY = ['lead', 'account', 'enrollment'];
/** What a template may name, such as `lead.first_name`. */
export const TEMPLATE_VARIABLES: readonly string[] = Object.entries(FULL).flatMap(([noun, fields]) =>
  Object.keys(fields).map((field) => `${noun}.${field}`),
);

/** A lead of whom everything, and one of whom nothing is known, with each goal and without one. */
const SAMPLES: readonly TemplateData[] = [FULL, emptied(FULL)].flatMap((data) =>
  ['', ...GOAL_VALUES].map((goal) => ({ ...data, enrollment: { goal } })),
);

/** Characters of all messages of a document together, as one lead would get them: a hundred long letters. */
const DOCUMENT_CHARS_MAX = 500_000;

type Fault = Omit<TemplateFault, 'step'>;

/**
 * The first fault of a document's templates: syntax, names that the drafter does not know (in any branch, taken or not),
 * whether each makes a message for a lead of whom everything or nothing is known, and whether all of them together keep
 * within their output. A pre-approved template names the lead's own fields and nothing of the enrollment. `at` is told of
 * each step before it is looked at.
 */
export function checkDocument(
  { templates, pre_approved }: TemplateDocument,
  at: (step: number) => void,
): TemplateFault | null {
  const made = SAMPLES.map(() => 0);
  for (const [step, template] of templates.entries()) {
    at(step);
    const fault = template && (namesFault(template, pre_approved) ?? renderingFault(template, made));
    if (fault) return { step, ...fault };
  }
  return null;
}

function namesFault({ subject, body }: Template, pre_approved: boolean): Fault | null {
  const of_subject = subject === null ? null : textFault(subject, pre_approved);
  if (of_subject !== null) return { field: 'subject', message: of_subject };
  const of_body = textFault(body, pre_approved);
  return of_body === null ? null : { field: 'body', message: of_body };
}

function textFault(text: string, pre_approved: boolean): string | null {
  const names = namesIn(text);
  if ('error' in names) return names.error;
  const unknown = names.find((name) => !TEMPLATE_VARIABLES.includes(name));
  if (unknown !== undefined)
    return `unknown variable ${unknown}; a template may name ${TEMPLATE_VARIABLES.join(', ')}`;
  const foreign = names.find((name) => pre_approved && name.startsWith('enrollment.'));
  if (foreign === undefined) return null;
  return `${foreign} is not a field of the lead: a pre-approved template may not use it`;
}

/** Adds to `made` the characters that each sample has by now. */
function renderingFault(template: Template, made: number[]): Fault | null {
  const compiled = compileTemplate(template);
  for (const [sample, data] of SAMPLES.entries()) {
    const rendered = renderTemplate(compiled, data);
    if ('error' in rendered) {
      const { error: message, ...rest } = rendered;
      return { field: 'body', message, ...rest };
    }
    made[sample] = made[sample]! + rendered.subject.length + rendered.body.length;
    if (made[sample] > DOCUMENT_CHARS_MAX) {
      const message = `the messages up to this one are longer than ${DOCUMENT_CHARS_MAX} characters together`;
      return { field: 'body', message, over_budget: 'output' };
    }
  }
  return null;
}

function emptied(data: TemplateData): TemplateData {
  const blank = (fields: Record<string, string>) =>
    Object.fromEntries(Object.keys(fields).map((field) => [field, '']));
  return Object.fromEntries(
    Object.entries(data).map(([noun, fields]) => [
      noun,
      MAY_BE_EMPTY.includes(noun) ? blank(fields) : fields,
    ]),
  );
}
