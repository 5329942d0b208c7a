/** Checks the templates of a play before anyone can approve it. */
import { playSteps } from '../../coordinator/plays/plays.ts';
import type { PlayStep, SuggestedCadence } from '../../core/plays/cadence.ts';
import { AppError } from '../../errors.ts';
import type { Template, TemplateDocument } from '../../templates/port.ts';
import {
  checksOf,
  pathText,
  type Step,
  TEMPLATE_ERRORS,
  templateFault,
  templateOf,
} from '../campaigns/template_checks.ts';
import type { Call } from '../operation.ts';
import { readPlay } from './output.ts';

export const PLAY_TEMPLATE_ERRORS = `template_invalid ${TEMPLATE_ERRORS}`;

type Asked = Pick<Call<unknown>, 'context' | 'principal'>;

/**
 * Checks a submitted cadence's templates; one that uses a campaign's steps has none. Throws `template_invalid` (422) with
 * the path of the first fault, or `template_over_budget` (422).
 */
export async function checkCadence(
  asked: Asked,
  { steps = [] }: { steps?: readonly Step[] | undefined },
): Promise<void> {
  await checkTemplates(asked, steps.map(templateOf));
}

/**
 * Checks a stored play's templates, since a proposal by SQL passed no other check. Returns the hash of the checked content.
 * Throws like `checkCadence`.
 */
export async function checkStoredPlay({ context, principal, input }: Call<{ id: string }>): Promise<string> {
  const play = await readPlay(context, principal, input.id);
  const cadence = play.suggested_cadence as SuggestedCadence;
  // Activation reports faults of the cadence.
  const steps = await playSteps(context.db, principal.org_id, cadence).catch(refusedSteps);
  await checkTemplates({ context, principal }, steps.map(storedTemplate));
  return play.content_hash;
}

function storedTemplate({ subject_template: subject, body_template: body }: PlayStep): Template | null {
  return body === null ? null : { subject, body };
}

function refusedSteps(error: unknown): [] {
  if (error instanceof AppError) return [];
  throw error;
}

async function checkTemplates(
  { context, principal }: Asked,
  templates: readonly (Template | null)[],
): Promise<void> {
  const document: TemplateDocument = { kind: 'play', templates, pre_approved: false };
  const fault = await templateFault(checksOf(context, principal), document, undefined, ['suggested_cadence']);
  if (fault === null) return;
  const path = pathText(fault.path);
  throw new AppError('template_invalid', `A template of the play is not valid: ${path}: ${fault.message}.`, {
    errors: [{ path, message: fault.message }],
    hint: 'campaigns/README.md describes templates.',
  });
}
