import type { Crm, CrmConnector } from '../connectors/crm/port.ts';
import { crmKeyOwner, look } from '../coordinator/crm/findings.ts';
import { type CrmStages, faultsOf } from '../coordinator/crm/mapping.ts';
import { openSecret } from '../coordinator/sending/sealed_secret.ts';
import { systemDb } from '../db/acting.ts';
import type { Pool } from '../db/pool.ts';
import { getCrmConnection } from '../db/queries/crm_connections.gen.ts';
import { type Check, check, failure, ok } from './check.ts';

type CrmChecked = {
  name: string;
  app: Pool;
  org_id: string;
  /** Null if it cannot be read here. */
  secret: string | null;
  connect: CrmConnector;
};

/** Repeats the checks of the connection to the CRM. No check without one. */
export async function crmChecks({ name, app, org_id, secret, connect }: CrmChecked): Promise<Check[]> {
  const found = await getCrmConnection.one({ org_id }, systemDb(app, org_id));
  if (found === undefined) return [];
  return [
    await check(name, async () => {
      const api_key = secret === null ? null : openSecret(secret, found.api_key, crmKeyOwner(org_id));
      if (api_key === null)
        return failure(
          'the key cannot be decrypted',
          'Set the TOUCHLINE_SECRET of the server, or connect the CRM again.',
        );
      const { crm, base_url, deal_owner_id } = found;
      const opened: Crm = connect(crm, { api_key, ...(base_url === null ? {} : { base_url }) });
      try {
        const { workspace, ...findings } = await look(opened);
        const absent = findings.attributes.filter(({ state }) => state === 'absent').map(({ path }) => path);
        const faults = faultsOf(findings, found.stages as CrmStages, deal_owner_id);
        const all = [
          ...faults.map(({ path, message }) => `${path} ${message}`),
          ...absent.map((path) => `${path} is missing`),
        ];
        if (all.length > 0) return failure(all.join('; '), `Connect it again: touchline crm connect ${crm}`);
        return ok(`${workspace.workspace_name} (${crm})`);
      } finally {
        await opened.close();
      }
    }),
  ];
}
