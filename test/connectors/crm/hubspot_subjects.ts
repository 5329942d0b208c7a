import type { HubspotDouble } from '../hubspot_double.ts';
import type { Ids } from './mutations.ts';

/* The records that valid requests to HubSpot refer to. */

export const HUBSPOT_IDS: Ids = {
  form: /395\d{8}/,
  malformed: ['not-an-id', '39x', '%20', '-39580000001'],
  unknown: '39999999999',
};

export const OBJECTS = '/crm/objects/2026-03';

/** Records that the requests refer to. */
export function hubspotSubjects({ world, asUser }: HubspotDouble) {
  const property = (kind: string, group: string, name: string, type: string, hasUniqueValue: boolean) =>
    asUser('POST', `/crm/properties/2026-03/${kind}`, {
      name,
      label: name,
      groupName: group,
      type,
      fieldType: type === 'bool' ? 'booleancheckbox' : 'text',
      hasUniqueValue,
    });
  property('0-3', 'dealinformation', 'touchline_reference', 'string', true);
  property('contacts', 'contactinformation', 'touchline_opt_out', 'bool', false);
  const create = (kind: string, properties: Record<string, string>) =>
    (asUser('POST', `${OBJECTS}/${kind}`, { properties, associations: [] }) as { id: string }).id;
  const subscriptions = `/webhooks/2026-03/${world.app_id}/subscriptions`;
  asUser('PUT', `/webhooks/2026-03/${world.app_id}/settings`, {
    targetUrl: 'https://touchline.example/',
    throttling: { maxConcurrentRequests: 10 },
  });
  asUser('POST', subscriptions, { active: true, eventType: 'contact.creation' });
  return {
    app_id: world.app_id,
    api_key: world.api_key,
    owner_id: world.owners[0]!.id,
    now_ms: world.now_ms(),
    person_id: create('contacts', { email: 'subject@acme.example' }),
    company_id: create('companies', { domain: 'subject.example' }),
    deal_id: create('0-3', { dealname: 'Subject', dealstage: 'appointmentscheduled' }),
  };
}

export type HubspotSubjects = ReturnType<typeof hubspotSubjects>;
