import { Liquid } from 'liquidjs';
import { headerText } from '../core/header_text.ts';
import { subjectFault } from '../core/subject_fault.ts';
import { hasWords } from '../core/words.ts';
import type { Rendered, Template, TemplateData } from './port.ts';

const TEMPLATE_CHARS_MAX = 20_000;
const RENDERED_CHARS_MAX = 50_000;
/** Characters and list entries that one rendering may build. */
const MEMORY_MAX = 1_000_000;

/** These tags read files, keep counters between renderings, or make HTML: a letter needs none of them. */
const UNUSED_TAGS = [
  'include',
  'render',
  'layout',
  'block',
  'tablerow',
  'increment',
  'decrement',
  'cycle',
] as const;
/** The output of these filters means nothing to a reader, or differs each time. */
const UNUSED_FILTERS = ['sample', 'sha256', 'hmac_sha256', 'base64_encode', 'base64_decode', 'inspect'];

/**
 * Templates come from campaigns and plays. They see only the given data: no files and no further properties, with a limit
 * on what they build. An unknown variable or filter is an error, so a misspelling never reaches a recipient. Their thread
 * limits their time.
 */
const liquid = new Liquid({
  strictVariables: true,
  strictFilters: true,
  ownPropertyOnly: true,
  parseLimit: TEMPLATE_CHARS_MAX,
  memoryLimit: MEMORY_MAX,
  relativeReference: false,
  // Replaces the file system.
  templates: {},
});
for (const tag of UNUSED_TAGS) delete liquid.tags[tag];
for (const filter of UNUSED_FILTERS) delete liquid.filters[filter];

/** A parsed template for any number of messages, or its syntax error. */
export type Compiled = { subject: Parsed | null; body: Parsed } | { error: string };
type Parsed = ReturnType<Liquid['parse']>;

export function compileTemplate({ subject, body }: Template): Compiled {
  try {
    return { subject: subject === null ? null : liquid.parse(subject), body: liquid.parse(body) };
  } catch (error) {
    return { error: wordsOf(error) };
  }
}

/** Fills a template. Returns plain text without trailing blanks, or the template's fault. */
export function renderTemplate(template: Compiled, data: TemplateData): Rendered {
  if ('error' in template) return template;
  try {
    const subject = template.subject === null ? '' : oneLine(render(template.subject, data));
    const unfit = subjectFault(subject, data);
    if (unfit !== null) return { error: unfit };
    const body = render(template.body, data)
      .replaceAll(/(?<![ \t])[ \t]+$/gm, '')
      .replaceAll(/\n{3,}/g, '\n\n')
      .trim();
    if (!hasWords(body)) return { error: 'the template renders an empty message' };
    if (body.length > RENDERED_CHARS_MAX) {
      return { error: `the message is longer than ${RENDERED_CHARS_MAX} characters`, over_budget: 'output' };
    }
    return { subject, body };
  } catch (error) {
    const message = wordsOf(error);
    return message.startsWith('memory alloc limit exceeded')
      ? { error: 'the template builds too much text', over_budget: 'memory' }
      : { error: message };
  }
}

/** The variables that a template names in any branch, taken or not; or its syntax error. */
export function namesIn(text: string): string[] | { error: string } {
  try {
    return liquid.globalFullVariablesSync(text);
  } catch (error) {
    return { error: wordsOf(error) };
  }
}

function render(template: Parsed, data: TemplateData): string {
  const made: unknown = liquid.renderSync(template, data);
  return String(made);
}

/** Line breaks between the tags of a template count as spaces. */
function oneLine(text: string): string {
  return headerText(text.replaceAll(/[\r\n]+/g, ' '));
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
