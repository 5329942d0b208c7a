import { Liquid } from 'liquidjs';
import { headerText } from '../core/header_text.ts';
import { subjectFault } from '../core/subject_fault.ts';
import { hasWords } from '../core/words.ts';
import type { Rendered, Template, TemplateData } from './port.ts';

const TEMPLATE_CHARS_MAX = 20_000;
const RENDERED_CHARS_MAX = 50_000;
/** Characters and list entries that one rendering may put together. */
const MEMORY_MAX = 1_000_000;

/** They read files, keep counts between renderings, or make HTML: a letter needs none of it. */
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
/** What they make says nothing to a reader, or another thing each time. */
const UNUSED_FILTERS = ['sample', 'sha256', 'hmac_sha256', 'base64_encode', 'base64_decode', 'inspect'];

/**
 * Templates come from campaigns and plays and see nothing but the data given: no files, no own properties beyond it, and a
 * limit on what they put together. An unknown variable or filter is an error, so that a misspelling never reaches anyone.
 * Their time is limited by the thread that they run in.
 */
const liquid = new Liquid({
  strictVariables: true,
  strictFilters: true,
  ownPropertyOnly: true,
  parseLimit: TEMPLATE_CHARS_MAX,
  memoryLimit: MEMORY_MAX,
  relativeReference: false,
  // It knows no files: these take their place.
  templates: {},
});
for (const tag of UNUSED_TAGS) delete liquid.tags[tag];
for (const filter of UNUSED_FILTERS) delete liquid.filters[filter];

/** A template that was read once, for any number of messages; or what is wrong with its syntax. */
export type Compiled = { subject: Parsed | null; body: Parsed } | { error: string };
type Parsed = ReturnType<Liquid['parse']>;

export function compileTemplate({ subject, body }: Template): Compiled {
  try {
    return { subject: subject === null ? null : liquid.parse(subject), body: liquid.parse(body) };
  } catch (error) {
    return { error: wordsOf(error) };
  }
}

/** Fills a template. The answer is plain text without trailing blanks, or what is wrong with the template. */
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
    if (!hasWords(body)) return { error: 'the template makes an empty message' };
    if (body.length > RENDERED_CHARS_MAX) {
      return { error: `the message is longer than ${RENDERED_CHARS_MAX} characters`, over_budget: 'output' };
    }
    return { subject, body };
  } catch (error) {
    const message = wordsOf(error);
    return message.startsWith('memory alloc limit exceeded')
      ? { error: 'the template puts too much together', over_budget: 'memory' }
      : { error: message };
  }
}

/** The variables that a template names, in any branch, taken or not; or what is wrong with its syntax. */
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

/** Line breaks between the tags of a template are as harmless as spaces. */
function oneLine(text: string): string {
  return headerText(text.replaceAll(/[\r\n]+/g, ' '));
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
