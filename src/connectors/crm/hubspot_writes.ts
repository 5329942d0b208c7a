import type { HubspotReads } from './hubspot_reads.ts';
import type { HubspotClient } from './hubspot_requests.ts';
import type { HubspotObject } from './hubspot_shapes.ts';
import { linkSpec, linksOf, linkTo, TYPE_OF } from './hubspot_values.ts';
import type { CrmOutcome } from './port.ts';
import type { CrmObject, CrmWritten } from './records.ts';

type Links = { person_ids?: readonly string[] | undefined; company_id?: string | undefined };
type Properties = Record<string, string>;

export type HubspotWrites = {
  written(record_id: string): CrmOutcome<CrmWritten>;
  /** A record and its links, in one request. */
  create(object: CrmObject, properties: Properties, links: Links): Promise<CrmOutcome<CrmWritten>>;
  /** Links first, since a link to a missing record is refused; nothing if nothing differs. */
  update(
    object: CrmObject,
    stored: HubspotObject,
    properties: Properties,
    links: Links,
  ): Promise<CrmOutcome<CrmWritten>>;
  /** For good if HubSpot can; it keeps deleted companies and deals for 90 days. */
  remove(object: CrmObject, id: string): Promise<CrmOutcome<null>>;
};

/** `app_id` is the author of all writes, as HubSpot's events name it. */
export function hubspotWrites(client: HubspotClient, reads: HubspotReads, app_id: string): HubspotWrites {
  const written: HubspotWrites['written'] = (record_id) => ({
    kind: 'ok',
    value: { record_id, actor_id: app_id },
  });
  return {
    written,
    async create(object, properties, { person_ids = [], company_id }) {
      const type = TYPE_OF[object];
      const associations = person_ids.map((id) => linkTo(type, 'person', id));
      if (company_id !== undefined) associations.push(linkTo(type, 'company', company_id));
      const made = await client.call('create_object', {
        params: { object: type },
        body: { properties, associations },
      });
      return made.kind === 'ok' ? written(made.value.id) : made;
    },
    async update(object, stored, properties, { person_ids = [], company_id }) {
      const wanted = [
        ...person_ids.map((id) => ({ to: 'person' as const, id })),
        ...(company_id === undefined ? [] : [{ to: 'company' as const, id: company_id }]),
      ];
      for (const { to, id } of wanted) {
        // A link to a company must be the primary one.
        const own = linksOf(stored, to).filter((link) => link.id === id);
        if (own.some(({ type }) => !type.endsWith('_unlabeled'))) continue;
        const linked = await client.call('link', {
          params: { object: TYPE_OF[object], id: stored.id, to_object: TYPE_OF[to], to_id: id },
          body: [linkSpec(TYPE_OF[object], to)],
        });
        if (linked.kind !== 'ok') return linked;
      }
      if (Object.keys(properties).length === 0) return written(stored.id);
      const params = { object: TYPE_OF[object], id: stored.id };
      const changed = await client.call('update_object', { params, body: { properties } });
      return changed.kind === 'ok' ? written(changed.value.id) : changed;
    },
    async remove(object, id) {
      // HubSpot answers the deletion of a missing record as if there had been one.
      const stored = await reads.live(object, id);
      if (stored.kind !== 'ok') return stored;
      const gone =
        object === 'person'
          ? await client.call('erase_contact', { body: { objectId: id } })
          : await client.call('archive_object', { params: { object: TYPE_OF[object], id } });
      return gone.kind === 'ok' ? { kind: 'ok', value: null } : gone;
    },
  };
}
