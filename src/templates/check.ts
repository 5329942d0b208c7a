import { GOAL_VALUES } from '../schema.gen.ts';
import { compileTemplate, namesIn, renderTemplate } from './liquid.ts';
import type { Template, TemplateData, TemplateDocument, TemplateFault } from './port.ts';

/** The names that a template may use: the data that the drafter passes, one noun and one field each. */
const FULL: TemplateData = {
  lead: { first_name: 'Ada', last_name: 'Lovelace', title: 'Head of Commerce' },
  account: { name: 'Analytical Engines', vertical: 'manufacturing', segment: 'enterprise' },
  campaign: { name: 'A campaign' },
  enrollment: { goal: 'awareness' },
  sender: { name: 'Brooke' },
  client: { name: 'B2BEA', postal_address: '1 Example Street, 12345 Example' },
};
const MAY_BE_EMPTY = ['lead', 'account', 'enrollment'];
/** The variables that a template may use, for example `lead.first_name`. */
export const TEMPLATE_VARIABLES: readonly string[] = Object.entries(FULL).flatMap(([noun, fields]) =>
  Object.keys(fields).map((field) => `${noun}.${field}`),
);

/** A lead with every field and one with none, with each goal and without one. */
const SAMPLES: readonly TemplateData[] = [FULL, emptied(FULL)].flatMap((data) =>
  ['', ...GOAL_VALUES].map((goal) => ({ ...data, enrollment: { goal } })),
);

/** Total characters of all messages of a document, as one lead would receive them: a hundred long letters. */
const DOCUMENT_CHARS_MAX = 500_000;

type Fault = Omit<TemplateFault, 'step'>;

/**
 * Returns the first fault of a document's templates. It checks the syntax, the names (in any branch, taken or not), whether
 * each template renders for a lead with every field and with none, and the total output. A pre-approved template names only
 * the lead's own fields and nothing about the enrollment. Calls `at` before each step.
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

/** Adds the characters of each sample to `made`. */
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
      const message = `the messages up to this one together exceed ${DOCUMENT_CHARS_MAX} characters`;
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
