import { expect, test } from 'vitest';
import type { OperationName } from '../../src/operations/definitions.ts';
import { PERMISSIONS } from '../../src/operations/permissions.ts';
import { USER_ROLE_VALUES } from '../../src/schema.gen.ts';
import { canDecide, canRoute, mayImport, mayKeepRecords, mayWork } from '../../web/src/sessions/roles.ts';
import { isAdmin, mayPlan } from '../../web/src/settings/tabs.ts';

/** Each rule of the pages, with the operations that it offers. */
const OFFERED: readonly [rule: typeof mayWork, ...operations: OperationName[]][] = [
  [mayImport, 'import_leads'],
  [mayWork, 'opt_out_lead', 'request_sequence', 'add_lead_address'],
  [mayKeepRecords, 'merge_leads', 'reject_merge_suggestion', 'erase_lead', 'export_lead'],
  [canRoute, 'route_task'],
  [mayPlan, 'retry_crm_write', 'skip_crm_write'],
  [isAdmin, 'disconnect_crm'],
  [canDecide, 'handle_inbound', 'approve_draft'],
];

test.each(OFFERED)('the pages offer what the server permits: %o', (rule, ...operations) => {
  const offered = USER_ROLE_VALUES.filter((role) => rule({ roles: [role] }));
  for (const name of operations) {
    const { people, credential } = PERMISSIONS[name];
    expect(credential, name).toBeUndefined();
    expect(people.toSorted(), name).toEqual(offered.toSorted());
  }
});
