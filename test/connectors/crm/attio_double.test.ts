import { readFileSync } from 'node:fs';
import { ATTIO_CALLS } from '../../../src/connectors/crm/attio_calls.ts';
import { type Description, operationIn } from '../../../tools/crm_schemas.ts';
import { startAttioDouble } from '../attio_double.ts';
import { mutationCases } from './mutation_cases.ts';
import { validRequests } from './valid_requests.ts';
import { ATTIO_IDS, newSubjects } from './valid_subjects.ts';

/* With Attio's description in TOUCHLINE_ATTIO_OPENAPI, the valid requests and the double's answers are compared with it. */

const path = process.env.TOUCHLINE_ATTIO_OPENAPI;
const descriptions = path === undefined ? [] : [JSON.parse(readFileSync(path, 'utf8')) as Description];

mutationCases({
  ids: ATTIO_IDS,
  refusal_keys: ['status_code', 'type', 'code', 'message'],
  calls: Object.values(ATTIO_CALLS).filter(({ method }) => method !== 'DELETE'),
  describedBy: ({ method, described }) => operationIn(descriptions, method, described),
  async start(seed, now_ms) {
    const double = await startAttioDouble({ seed, now_ms });
    const { world, url, journal, takeDeliveries, close } = double;
    const subjects = newSubjects(double);
    return {
      url,
      api_key: world.api_key,
      requests: (turn) => validRequests(subjects, turn),
      state() {
        const { attributes, notes, tasks, webhooks } = world;
        const records = [...world.records.values()].map((one) => ({ ...one, values: [...one.values] }));
        return JSON.stringify([
          journal.length,
          attributes,
          records,
          notes,
          tasks,
          webhooks,
          takeDeliveries(),
        ]);
      },
      close,
    };
  },
});
