import { checkDocument } from './check.ts';
import { type Compiled, compileTemplate, renderTemplate } from './liquid.ts';
import type { Rendered, Rendering, Template, TemplateDocument, TemplateFault, YamlRead } from './port.ts';

/** The jobs that a thread runs. */
export type Job =
  | { kind: 'check'; document: TemplateDocument }
  | { kind: 'render'; templates: ReadonlyMap<string, Template>; renderings: readonly Rendering[] }
  | { kind: 'yaml'; text: string };

export type Answers = { check: TemplateFault | null; render: readonly Rendered[]; yaml: YamlRead };

/** Processor time in milliseconds for the messages of one template in a batch: several hundred times the usual. */
const BATCH_OF_TEMPLATE_MS = 500;

/** Runs one job in this thread. Calls `at` with its progress: the step or the rendering. */
export async function runJob(job: Job, at: (place: number) => void): Promise<Answers[Job['kind']]> {
  if (job.kind === 'check') return checkDocument(job.document, at);
  if (job.kind === 'render') return renderAll(job, at);
  const { readYaml } = await import('./yaml.ts');
  return readYaml(job.text);
}

function renderAll(
  { templates, renderings }: Extract<Job, { kind: 'render' }>,
  at: (place: number) => void,
): Rendered[] {
  const spent_ms = new Map<string, number>();
  const compiled = new Map<string, Compiled>();
  return renderings.map(({ template: key, data }, place) => {
    at(place);
    const before_ms = spent_ms.get(key) ?? 0;
    if (before_ms > BATCH_OF_TEMPLATE_MS) return { error: OVER_TIME, over_budget: 'time' };
    const began_ms = processorMs();
    const template = compiled.get(key) ?? compileTemplate(templates.get(key)!);
    compiled.set(key, template);
    const rendered = renderTemplate(template, data);
    spent_ms.set(key, before_ms + processorMs() - began_ms);
    return rendered;
  });
}

export const OVER_TIME = 'the template takes too long';

/** Time of this thread, so an overloaded machine does not mistake a plain letter for an endless loop. */
function processorMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}
