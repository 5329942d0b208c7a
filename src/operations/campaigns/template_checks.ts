/** Faults of campaigns. Templates are checked before any lock or write, in a thread with a budget per submitter. */
import type { z } from 'zod';
import type { Context } from '../../context.ts';
import { EXIT_STATUS } from '../../coordinator/cadence/exits.ts';
import { AppError } from '../../errors.ts';
import { issueWords } from '../../issue_words.ts';
import type { Principal } from '../../principal.ts';
import type { Template, TemplateDocument, Templates } from '../../templates/port.ts';

export const TEMPLATE_ERRORS = 'template_over_budget checks_busy checks_paused';

export type Checks = { templates: Pick<Templates, 'check' | 'readYaml'>; asker: string };

export function checksOf({ templates }: Pick<Context, 'templates'>, principal: Principal): Checks {
  const id = principal.kind === 'human' ? principal.user_id : principal.agent_id;
  return { templates, asker: `${principal.org_id} ${principal.kind} ${id}` };
}

export type Step = { template?: { subject?: string | undefined; body: string } | undefined };

export function templateOf({ template }: Step): Template | null {
  return template === undefined ? null : { subject: template.subject ?? null, body: template.body };
}

/** The templates of a campaign, with its send rule. */
export function documentOf(campaign: { steps: readonly Step[]; send_rule: string }): TemplateDocument {
  const pre_approved = campaign.send_rule === 'pre_approved';
  return { kind: 'campaign', templates: campaign.steps.map(templateOf), pre_approved };
}

/**
 * The first fault with its path, or null. Throws `template_over_budget` (422) for their cost. `base`: path of the steps.
 */
export async function templateFault(
  { templates, asker }: Checks,
  document: TemplateDocument,
  lineOfPath: (path: readonly PropertyKey[]) => number | undefined = () => undefined,
  base: readonly PropertyKey[] = [],
): Promise<Fault | null> {
  if (document.templates.every((template) => template === null)) return null;
  const fault = await templates.check(document, asker);
  if (fault === null) return null;
  const path = [...base, 'steps', fault.step, 'template', fault.field];
  if (fault.over_budget === undefined) return { path, message: fault.message };
  const line = lineOfPath(path);
  throw new AppError('template_over_budget', `Step ${fault.step + 1} costs too much: ${fault.message}.`, {
    errors: [{ path: pathText(path), message: fault.message, ...(line === undefined ? {} : { line }) }],
    hint: 'Use fewer and shorter loops: the messages of all steps together have half a second.',
  });
}

/** The path looks like `['steps', 2, 'delay_days']`. */
export type Fault = { path: readonly PropertyKey[]; message: string };

export function shapeFaults({ issues }: z.ZodError): Fault[] {
  return issues.flatMap((issue): Fault[] => {
    if (issue.code !== 'unrecognized_keys') return [{ path: issue.path, message: issueWords(issue) }];
    return issue.keys.map((key) => ({ path: [...issue.path, key], message: unknownKey(issue.path) }));
  });
}

export function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>((written, part) => {
    if (typeof part === 'number') return `${written}[${part}]`;
    return written === '' ? String(part) : `${written}.${String(part)}`;
  }, '');
}

function unknownKey(parent: readonly PropertyKey[]): string {
  const is_exit = parent.length === 1 && parent[0] === 'on_exit';
  if (!is_exit) return 'unknown key';
  return (
    `unknown key: the keys are ${Object.keys(EXIT_STATUS).join(', ')}; ` +
    'a value is a campaign’s slug, null, or { gate: exec, suggest: <slug or null> }'
  );
}
