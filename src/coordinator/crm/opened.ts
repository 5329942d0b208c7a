import type { Crm, CrmConnector, CrmHooks } from '../../connectors/crm/port.ts';
import type { CrmConnectionsRow } from '../../schema.gen.ts';
import { openSecret } from '../sending/sealed_secret.ts';
import { crmKeyOwner } from './findings.ts';

/** Opens a stored connection; null if its key cannot be decrypted with this secret. The caller closes it. */
export function openedCrm(
  connect: CrmConnector,
  secret: string,
  { org_id, crm, base_url, api_key }: Pick<CrmConnectionsRow, 'org_id' | 'crm' | 'base_url' | 'api_key'>,
  hooks: CrmHooks = {},
): Crm | null {
  const key = openSecret(secret, api_key, crmKeyOwner(org_id));
  if (key === null) return null;
  return connect(crm, { api_key: key, ...(base_url === null ? {} : { base_url }), ...hooks });
}
