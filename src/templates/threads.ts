import { MINUTE_MS } from '../core/durations.ts';
import { AppError } from '../errors.ts';
import { BudgetedThread } from './budgeted_thread.ts';
import { OVER_TIME } from './jobs.ts';
import { Pauses } from './pauses.ts';
import type { Budget, Rendered, Rendering, Template, TemplateFault, Templates } from './port.ts';
import type { Outcome } from './thread_handle.ts';

/** A job over its budget, for the metrics: `draft` is a message for a lead. */
export type OverBudget = { kind: 'campaign' | 'play' | 'yaml' | 'draft'; budget: Budget };

const MEMORY_MB = 96;
/** Twenty long steps take a fifth of it, usual ones a hundredth. */
const CHECK_MS = 500;
/** A message takes a thousandth of it. */
const MESSAGE_MS = 250;
/** Longer than an overloaded machine needs, and shorter than a person waits for an answer. */
const CHECK_WALL_MS = 15_000;
/** Shorter than a transaction may stay idle. */
const MESSAGES_WALL_MS = 8_000;
/** How long a template over its budget is refused without another attempt. */
const REMEMBERED_MS = 10 * MINUTE_MS;
const REMEMBERED_MAX = 1_000;

/**
 * Two threads: one for submitted documents, which yields to all other work in the process, and one for the worker's
 * messages, so neither waits for the other. Calls `told` for each job over its budget. `pauses` refuses callers whose
 * checks exceed the budget; null: refuses none.
 */
export function openTemplates(
  told: (over: OverBudget) => void = () => {},
  pauses: Pauses | null = new Pauses(),
): Templates & { close(): Promise<void> } {
  const checks = new BudgetedThread(
    {
      budget_ms: CHECK_MS,
      budget_of: 'job',
      wall_ms: CHECK_WALL_MS,
      memory_mb: MEMORY_MB,
      nice: 5,
    },
    pauses,
  );
  const messages = new BudgetedThread({
    budget_ms: MESSAGE_MS,
    budget_of: 'place',
    wall_ms: MESSAGES_WALL_MS,
    memory_mb: MEMORY_MB,
    nice: 0,
  });
  const costly = new Remembered();
  return {
    check: async (document, asker) => {
      const outcome = await checks.run({ kind: 'check', document }, asker);
      const fault = 'answer' in outcome ? outcome.answer : faultOf(outcome);
      if (fault?.over_budget) told({ kind: document.kind, budget: fault.over_budget });
      return fault;
    },
    readYaml: async (text, asker) => {
      const outcome = await checks.run({ kind: 'yaml', text }, asker);
      if ('answer' in outcome) return outcome.answer;
      told({ kind: 'yaml', budget: outcome.over_budget });
      throw yamlOverBudget(outcome.over_budget);
    },
    render: async (templates, renderings) => {
      const rendered = await renderAll(messages, costly, { templates, renderings });
      for (const one of rendered) {
        if ('error' in one && one.over_budget) told({ kind: 'draft', budget: one.over_budget });
      }
      return rendered;
    },
    close: async () => {
      await Promise.all([checks.close(), messages.close()]);
    },
  };
}

type Over = Extract<Outcome, { over_budget: Budget }>;

function faultOf({ over_budget, place }: Over): TemplateFault {
  return { step: place, field: 'body', message: overWords(over_budget), over_budget };
}

function overWords(budget: Budget): string {
  return budget === 'time' ? OVER_TIME : 'the template builds too much text';
}

/**
 * A message over its budget ends the thread. The other messages of the batch are rendered in a new one; its template is not
 * tried again, because a template that hangs for one lead would hang for the next.
 */
async function renderAll(
  messages: BudgetedThread,
  costly: Remembered,
  { templates, renderings }: { templates: ReadonlyMap<string, Template>; renderings: readonly Rendering[] },
): Promise<readonly Rendered[]> {
  for (;;) {
    const known = new Map(renderings.map(({ template }) => [template, costly.get(template)]));
    const wanted = renderings.filter(({ template }) => known.get(template) === undefined);
    const outcome =
      wanted.length === 0
        ? { answer: [] }
        : await messages.run({ kind: 'render', templates, renderings: wanted }, 'worker');
    if ('answer' in outcome) {
      const made = outcome.answer.values();
      return renderings.map(({ template }): Rendered => {
        const over_budget = known.get(template);
        return over_budget === undefined
          ? made.next().value!
          : { error: overWords(over_budget), over_budget };
      });
    }
    costly.add(wanted[outcome.place]!.template, outcome.over_budget);
  }
}

/** Templates that exceeded their budget recently. */
class Remembered {
  readonly #until = new Map<string, { until_ms: number; budget: Budget }>();

  get(key: string): Budget | undefined {
    const found = this.#until.get(key);
    return found !== undefined && found.until_ms > performance.now() ? found.budget : undefined;
  }

  add(key: string, budget: Budget): void {
    if (this.#until.size >= REMEMBERED_MAX) this.#until.clear();
    this.#until.set(key, { until_ms: performance.now() + REMEMBERED_MS, budget });
  }
}

function yamlOverBudget(budget: Budget): AppError {
  const message = budget === 'time' ? 'it takes too long to read' : 'it needs too much memory to read';
  return new AppError('yaml_over_budget', `This YAML file was not read: ${message}.`, {
    errors: [{ path: '', message }],
    hint: 'Use fewer keys, anchors, and lines: campaigns/README.md describes the format.',
  });
}
