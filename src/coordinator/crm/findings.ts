import type { Crm, CrmOutcome } from '../../connectors/crm/port.ts';
import { AppError } from '../../errors.ts';
import type { CrmFindings } from './mapping.ts';

/** Everything that a check of a CRM reads. Throws `crm_refused` and `crm_unreachable`. */
export async function look(opened: Crm) {
  const { workspace_id, workspace_name, missing_scopes } = answered(await opened.check());
  const found: CrmFindings = {
    missing_scopes,
    // Without the scope, the CRM refuses to describe: the scope is the finding.
    ...(missing_scopes.length > 0
      ? { description: { attributes: [], stages: [], owners: [] }, attributes: [] }
      : {
          description: answered(await opened.describe()),
          attributes: answered(await opened.planAttributes()),
        }),
  };
  return { workspace: { workspace_id, workspace_name }, ...found };
}

/** The value, or the refusal of the operation. Throws `crm_refused` and `crm_unreachable`. */
export function answered<T>(outcome: CrmOutcome<T>): T {
  if (outcome.kind === 'ok') return outcome.value;
  if (outcome.kind === 'refused') {
    const { code, message, path } = outcome;
    const errors = [{ path: path ?? 'api_key', message }];
    throw new AppError('crm_refused', `The CRM refused: ${message}`, { errors, extra: { crm_code: code } });
  }
  const said = outcome.kind === 'missing' ? outcome.message : outcome.response;
  throw new AppError('crm_unreachable', `The CRM did not answer as expected: ${said}`);
}
