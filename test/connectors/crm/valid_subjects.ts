import type { AttioDouble } from '../attio_double.ts';

import type { Ids } from './mutations.ts';
import type { Body, Path } from './valid_request.ts';

/* The records that valid requests to Attio refer to. */

/** Ids of Attio are UUIDs. */
export const ATTIO_IDS: Ids = {
  form: /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/,
  malformed: ['not-a-uuid', '12345', '22222222-2222-4222-8222-2222222222220', '%20'],
  unknown: '22222222-2222-4222-8222-222222222222',
};

export const at = (...path: Path): Path => ['data', ...path];
export const value = (...path: Path): Path => ['data', 'values', ...path];

/** Records that the requests refer to. */
export function newSubjects({ world, asMember }: AttioDouble) {
  const create = (object: string, values: Body) =>
    asMember('POST', `/v2/objects/${object}/records`, { data: { values } }).data.id.record_id;
  const owner_id = world.members[0]!.id;
  const [stage_id, archived_id] = [world.statuses[0]!.status_id, world.statuses.at(-1)!.status_id];
  const owner = { referenced_actor_type: 'workspace-member', referenced_actor_id: owner_id };
  const attribute = (object: string, api_slug: string, type: string, is_unique: boolean) =>
    asMember('POST', `/v2/objects/${object}/attributes`, {
      data: {
        title: api_slug,
        description: null,
        api_slug,
        type,
        is_required: false,
        is_unique,
        is_multiselect: false,
        config: {},
      },
    });
  attribute('deals', 'touchline_reference', 'text', true);
  attribute('people', 'touchline_opt_out', 'checkbox', false);
  return {
    owner,
    stage_id,
    archived_id,
    now_ms: world.now_ms(),
    person_id: create('people', { email_addresses: ['subject@acme.example'] }),
    company_id: create('companies', { domains: ['subject.example'] }),
    deal_id: create('deals', { name: 'Subject', stage: stage_id, owner }),
  };
}

export type Subjects = ReturnType<typeof newSubjects>;
