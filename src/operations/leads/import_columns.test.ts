import { expect, test } from 'vitest';
import { matchColumns } from './import_columns.ts';

test.each(['HubSpot ID', 'hs_object_id', 'Attio record ID', 'Record ID'])(
  'the column %s has the record in the CRM',
  (header) => {
    const { columns } = matchColumns(['Email', header], { fields: new Map() });
    expect(columns).toContainEqual({ field: 'crm_contact_id', place: 1, header });
  },
);
