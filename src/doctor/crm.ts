import type { CrmConnector } from '../connectors/crm/port.ts';
import type { CrmFields } from '../coordinator/crm/fields.ts';
import { look } from '../coordinator/crm/findings.ts';
import { type CrmStages, faultsOf } from '../coordinator/crm/mapping.ts';
import { openCrm } from '../coordinator/crm/opened.ts';
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
      const app = found.app_id === null ? '' : ` --app-id ${found.app_id}`;
      const again = `Connect it again: touchline crm connect ${found.crm}${app}`;
      const opened = openCrm(connect, secret, found);
      if (opened.kind === 'sealed')
        return failure(
          'the key cannot be decrypted',
          'Set the TOUCHLINE_SECRET of the server, or connect the CRM again.',
        );
      if (opened.kind === 'refused') return failure(opened.message, again);
      try {
        const { workspace, ...findings } = await look(opened.crm);
        const absent = findings.attributes.filter(({ state }) => state === 'absent').map(({ path }) => path);
        const faults = faultsOf(
          findings,
          found.stages as CrmStages,
          found.deal_owner_id,
          found.fields as CrmFields,
        );
        const all = [
          ...faults.map(({ path, message }) => `${path} ${message}`),
          ...absent.map((path) => `${path} is missing`),
        ];
        if (all.length > 0) return failure(all.join('; '), again);
        return ok(`${workspace.workspace_name} (${found.crm})`);
      } finally {
        await opened.crm.close();
      }
    }),
  ];
}
