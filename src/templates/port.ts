/**
 * What fills and checks templates, and reads the files that hold them. All of it may cost more than the size of what is
 * given, so it happens in threads with a budget, and nobody else waits for it.
 */

export type TemplateData = Record<string, Record<string, string>>;
export type Template = { subject: string | null; body: string };

/** What a piece of work used up: time of the processor, memory, or characters of output. */
export type Budget = 'time' | 'memory' | 'output';

/** The templates of a campaign or a play by step; null where a step has none. */
export type TemplateDocument = {
  kind: 'campaign' | 'play';
  templates: readonly (Template | null)[];
  /** Whether no person reads each message: then a template names the lead's own fields only. */
  pre_approved: boolean;
};

/** `step`: the place in `templates`. `over_budget`: it is refused for what it costs, and not for what it says. */
export type TemplateFault = {
  step: number;
  field: 'subject' | 'body';
  message: string;
  over_budget?: Budget;
};

/** One message to make. `template` is the key of its template, which has one budget for all its messages. */
export type Rendering = { template: string; data: TemplateData };
export type Rendered = { subject: string; body: string } | { error: string; over_budget?: Budget };

/** A line is where a value begins, from 1, by the path of the value as `lineKey` writes it. */
export type YamlRead =
  | { value: unknown; lines: ReadonlyMap<string, number> }
  | { faults: { message: string; line?: number }[] }
  | { is_empty: true };

export type Templates = {
  /**
   * The first fault of a document, or null. `asker`: each one waits for its own work only. Throws `checks_busy` (503) and
   * `checks_paused` (429).
   */
  check(document: TemplateDocument, asker: string): Promise<TemplateFault | null>;
  /** A message for each rendering, in order. One that fails leaves the others alone. */
  render(
    templates: ReadonlyMap<string, Template>,
    renderings: readonly Rendering[],
  ): Promise<readonly Rendered[]>;
  /** Reads YAML 1.2 with bounds. Throws `yaml_over_budget` (422), `checks_busy` (503), and `checks_paused` (429). */
  readYaml(text: string, asker: string): Promise<YamlRead>;
};

export function lineKey(path: readonly PropertyKey[]): string {
  return path.map(String).join('\n');
}
