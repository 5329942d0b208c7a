import { Liquid } from 'liquidjs';
import { renderTemplate, type TemplateData, templateFault } from '../coordinator/templates.ts';
import { GOAL_VALUES } from '../schema.gen.ts';

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

/** Lists what templates name; `renderTemplate` is what fills them. It knows no files: `templates` takes their place. */
const reader = new Liquid({ templates: {}, relativeReference: false });

export type TemplateFault = { field: 'subject' | 'body'; message: string };

/**
 * What is wrong with a step's template: syntax, names that the drafter does not know (in any branch, taken or
 * not), and whether it makes a message for a lead of whom everything or nothing is known. A pre-approved
 * template is the lead's own fields and nothing else, so it names nothing of the enrollment.
 */
export function templateFaults(
  template: { subject?: string | undefined; body: string },
  options: { pre_approved: boolean },
): TemplateFault[] {
  const parts: [TemplateFault['field'], string | undefined][] = [
    ['subject', template.subject],
    ['body', template.body],
  ];
  const faults = parts.flatMap(([field, text]) =>
    text === undefined ? [] : textFaults(text, options).map((message) => ({ field, message })),
  );
  if (faults.length > 0) return faults;
  const message = renderingFault({ subject: template.subject ?? null, body: template.body });
  return message === null ? [] : [{ field: 'body', message }];
}

function textFaults(text: string, options: { pre_approved: boolean }): string[] {
  const syntax = templateFault(text);
  if (syntax !== null) return [syntax];
  const names = namesIn(text);
  if (typeof names === 'string') return [names];
  return names.flatMap((name) => {
    if (!TEMPLATE_VARIABLES.includes(name)) {
      return [`unknown variable ${name}; a template may name ${TEMPLATE_VARIABLES.join(', ')}`];
    }
    if (options.pre_approved && name.startsWith('enrollment.')) {
      return [`${name} is not a field of the lead: a pre-approved template may not use it`];
    }
    return [];
  });
}

/** The variables that a template reads, or why they cannot be told. */
function namesIn(text: string): string[] | string {
  try {
    return reader.globalFullVariablesSync(text);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function renderingFault(template: { subject: string | null; body: string }): string | null {
  for (const data of [FULL, emptied(FULL)]) {
    for (const goal of ['', ...GOAL_VALUES]) {
      const rendered = renderTemplate(template, { ...data, enrollment: { goal } });
      if ('error' in rendered) return rendered.error;
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
