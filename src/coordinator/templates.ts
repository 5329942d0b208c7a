import { Liquid } from 'liquidjs';
import { HEADER_CHARS_MAX, headerFault, headerFaultWords, headerText } from '../core/header_text.ts';

export type TemplateData = Record<string, Record<string, string>>;
export type Template = { subject: string | null; body: string };

const TEMPLATE_CHARS_MAX = 20_000;
const RENDERED_CHARS_MAX = 50_000;

/**
 * Templates come from campaign files and see nothing but the data given: no files, no own properties beyond it,
 * a time and memory limit. An unknown variable or filter is an error, so that a misspelling never reaches anyone.
 */
const liquid = new Liquid({
  strictVariables: true,
  strictFilters: true,
  ownPropertyOnly: true,
  parseLimit: TEMPLATE_CHARS_MAX,
  // Milliseconds of the clock on the wall: a machine at its limits must not take a plain letter for an endless loop.
  renderLimit: 1_000,
  memoryLimit: 1_000_000,
  relativeReference: false,
  fs: {
    readFileSync: refuse,
    existsSync: () => false,
    resolve: (_root, file) => file,
    contains: async () => false,
    containsSync: () => false,
    exists: async () => false,
    readFile: async () => refuse(),
  },
});

/** Fills a step's template. The answer is plain text without trailing blanks, or what is wrong with the template. */
export function renderTemplate(
  template: Template,
  data: TemplateData,
): { subject: string; body: string } | { error: string } {
  try {
    const subject = template.subject === null ? '' : oneLine(render(template.subject, data));
    const unfit = subjectFault(subject, data);
    if (unfit !== null) return { error: unfit };
    const body = render(template.body, data)
      .replaceAll(/[ \t]+$/gm, '')
      .replaceAll(/\n{3,}/g, '\n\n')
      .trim();
    if (body === '') return { error: 'the template makes an empty message' };
    if (body.length > RENDERED_CHARS_MAX)
      return { error: `the message is longer than ${RENDERED_CHARS_MAX} characters` };
    return { subject, body };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

/** Why a subject cannot be the header of a message, with the fields that its characters come from; or null. */
export function subjectFault(subject: string, data: TemplateData): string | null {
  if (subject.length > HEADER_CHARS_MAX) return `the subject is longer than ${HEADER_CHARS_MAX} characters`;
  const fault = headerFault(subject);
  if (fault === null) return null;
  const fields = Object.entries(data).flatMap(([noun, values]) =>
    Object.entries(values).flatMap(([name, value]) =>
      headerFault(value) === null ? [] : [`${noun}.${name}`],
    ),
  );
  return `the subject ${headerFaultWords(fault)}${fields.length === 0 ? '' : `, from ${fields.join(', ')}`}`;
}

/** What is wrong with a template's syntax, or null. */
export function templateFault(text: string): string | null {
  try {
    liquid.parse(text);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function render(text: string, data: TemplateData): string {
  return liquid.parseAndRenderSync(text, data) as string;
}

/** Line breaks between the tags of a template are as harmless as spaces. */
function oneLine(text: string): string {
  return headerText(text.replaceAll(/[\r\n]+/g, ' '));
}

function refuse(): never {
  throw new Error('templates cannot read files');
}
