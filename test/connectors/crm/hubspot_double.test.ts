import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { HUBSPOT_CALLS } from '../../../src/connectors/crm/hubspot_calls.ts';
import { type Description, operationIn } from '../../../tools/crm_schemas.ts';
import { startHubspotDouble } from '../hubspot_double.ts';
import { HUBSPOT_IDS, hubspotSubjects } from './hubspot_subjects.ts';
import { hubspotRequests } from './hubspot_valid.ts';
import { mutationCases } from './mutation_cases.ts';

/* With HubSpot's descriptions in TOUCHLINE_HUBSPOT_OPENAPI, the valid requests and the double's answers are compared. */

const folder = process.env.TOUCHLINE_HUBSPOT_OPENAPI;
const files = folder === undefined ? [] : readdirSync(folder).filter((name) => name.endsWith('.json'));
const descriptions = files.map(
  (name) => JSON.parse(readFileSync(join(folder ?? '', name), 'utf8')) as Description,
);

mutationCases({
  ids: HUBSPOT_IDS,
  refusal_keys: ['status', 'message', 'correlationId', 'category'],
  calls: Object.values(HUBSPOT_CALLS).filter(
    ({ method, path }) => method !== 'DELETE' && !path.endsWith('gdpr-delete'),
  ),
  describedBy: ({ method, path }) => operationIn(descriptions, method, path.replace(/\?.*/, '')),
  async start(seed, now_ms) {
    const double = await startHubspotDouble({ seed, now_ms });
    const { url, world, journal, takeDeliveries, close } = double;
    const subjects = hubspotSubjects(double);
    return {
      url,
      api_key: world.api_key,
      requests: (turn) => hubspotRequests(subjects, turn),
      state() {
        const { properties, links, subscriptions, target_url } = world;
        const records = [...world.records.values()];
        const waiting = takeDeliveries();
        return JSON.stringify([
          journal.length,
          properties,
          records,
          links,
          subscriptions,
          target_url,
          waiting,
        ]);
      },
      close,
    };
  },
});
