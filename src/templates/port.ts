/**
 * Fills and checks templates, and reads their files. Each may cost more than the size of its input, so all of it runs in
 * threads with a budget, and no other work waits.
 */

export type TemplateData = Record<string, Record<string, string>>;
export type Template = { subject: string | null; body: string };

/** The exceeded resource: processor time, memory, or characters of output. */
export type Budget = 'time' | 'memory' | 'output';

/** The templates of a campaign or a play by step; null for a step without one. */
export type TemplateDocument = {
  kind: 'campaign' | 'play';
  templates: readonly (Template | null)[];
  /** Whether messages are sent unread: then a template names only the lead's own fields. */
  pre_approved: boolean;
};

/** `step`: the position in `templates`. `over_budget`: refused for its cost, not for its content. */
export type TemplateFault = {
  step: number;
  field: 'subject' | 'body';
  message: string;
  over_budget?: Budget;
};

/** One message to render. `template` is the key of its template, which has one budget for all its messages. */
export type Rendering = { template: string; data: TemplateData };
export type Rendered = { subject: string; body: string } | { error: string; over_budget?: Budget };

/** The line of each value, from 1, by the value's path as `lineKey` writes it. */
export type YamlRead =
  | { value: unknown; lines: ReadonlyMap<string, number> }
  | { faults: { message: string; line?: number }[] }
  | { is_empty: true };

export type Templates = {
  /**
   * Returns the first fault of a document, or null. `asker`: each caller waits only for its own jobs. Throws `checks_busy`
   * (503) and `checks_paused` (429).
   */
  check(document: TemplateDocument, asker: string): Promise<TemplateFault | null>;
  /** Renders one message per entry, in order. A failed one does not affect the others. */
  render(
    templates: ReadonlyMap<string, Template>,
    renderings: readonly Rendering[],
  ): Promise<readonly Rendered[]>;
  /** Reads YAML 1.2 within bounds. Throws `yaml_over_budget` (422), `checks_busy` (503), and `checks_paused` (429). */
  readYaml(text: string, asker: string): Promise<YamlRead>;
};

export function lineKey(path: readonly PropertyKey[]): string {
  return path.map(String).join('\n');
}
