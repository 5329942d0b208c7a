import type { AttioDouble } from '../attio_double.ts';

/* One valid request per call of Attio, and where it can be made invalid. */

export type Body = Record<string, unknown>;
export type Path = readonly (string | number)[];

export type ValidRequest = {
  method: string;
  /** With ids and a query. */
  path: string;
  /** The path in Attio's description. */
  described: string;
  body: Body | null;
  /** Keys that must be present. */
  required?: Path[];
  /** Values that a key must not have, although their type fits. */
  malformed?: [Path, unknown][];
  /** Queries that must be refused. */
  queries?: string[];
  /** The id in the path or query need not exist. */
  is_id_free?: true;
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
