import { AppError } from '../../errors.ts';
import type { Call } from '../operation.ts';
import {
  type CampaignDefinition,
  type CampaignShape,
  checkCampaign,
  completeCampaign,
} from './definition.ts';
import { readCampaign, shapeOf } from './output.ts';
import { checksOf, documentOf } from './template_checks.ts';

type Stored = Awaited<ReturnType<typeof readCampaign>>;
type Changes = { [Key in keyof CampaignShape]?: CampaignShape[Key] | undefined };

/**
 * Checks a campaign with these changes before locking it. The returned function completes the campaign under its lock.
 * Throws `not_found`, and like `checkCampaign`; that function throws `version_changed` (412) if templates or their rule
 * changed since.
 */
export async function checkChange(
  { context, principal, slug }: Pick<Call<unknown>, 'context' | 'principal'> & { slug: string },
  changes: Changes,
): Promise<(current: Stored) => CampaignDefinition> {
  const before = await readCampaign(context.db, principal.org_id, slug);
  // Stored campaigns were checked when they were stored.
  const known = JSON.stringify(documentOf(shapeOf(before)));
  const wanted = shapeOf(before, changes);
  const checked = JSON.stringify(documentOf(wanted));
  if (checked !== known) await checkCampaign(checksOf(context, principal), wanted);
  return (current) => {
    const shape = shapeOf(current, changes);
    if (JSON.stringify(documentOf(shape)) !== checked) throw changedMeanwhile();
    return completeCampaign(shape);
  };
}

const changedMeanwhile = () =>
  new AppError('version_changed', 'Someone changed this campaign while its templates were checked.', {
    hint: 'Read it again, then repeat your change.',
  });
