import { z } from 'zod';
import { type AboutEvents, explainEvent, explainGates } from '../core/explain/explain.ts';
import { flagFact } from '../core/explain/flag_words.ts';
import type { Asker, HistoryEvent, Names } from '../core/explain/history.ts';
import { isRecord } from '../core/json.ts';
import type { Queryable } from '../db/pool.ts';
import { leadsOfEvents } from '../db/queries/events.gen.ts';
import {
  agentNames,
  campaignNames,
  mergedLeadNames,
  peopleNames,
  requestAskers,
} from '../db/queries/explanations.gen.ts';
import type { Json } from '../schema.gen.ts';
import { noun } from './fields.ts';

export const gatesInWords = z
  .array(noun('GateVerdict', { gate: z.string(), says: z.string(), text: z.string() }))
  .describe('every gate that was asked, with the facts it saw');

export const eventWords = noun('EventWords', {
  text: z.string().describe('in plain words; times in it are in the lead’s zone'),
  gates: gatesInWords,
  lead_email: z.string(),
  lead_name: z.string().nullable(),
  company: z.string().nullable(),
  campaign_name: z.string().nullable(),
  asked_by: z.string().nullable().describe('who asked for the sequence, where the event is of a request'),
});

type Logged = HistoryEvent & { lead_id: string };

/** Explains events of many leads, in the order given. */
export async function wordsOfEvents(db: Queryable, org_id: string, events: readonly Logged[]) {
  const ids = [...new Set(events.map(({ lead_id }) => lead_id))];
  const [leads, { names, askers }] = await Promise.all([
    leadsOfEvents.run({ org_id, ids }, db),
    namesOf(db, org_id, events),
  ]);
  return events.map((event): z.input<typeof eventWords> => {
    const lead = leads.find(({ id }) => id === event.lead_id)!;
    const asker = askers.find(({ id }) => id === event.request_id);
    return {
      ...sentencesOf(event, { names, askers, time_zone: lead.effective_time_zone }),
      lead_email: lead.email,
      lead_name: [lead.first_name, lead.last_name].filter(Boolean).join(' ') || null,
      company: lead.company,
      campaign_name: event.campaign_name,
      asked_by: asker === undefined ? null : nameOfAsker(asker, names),
    };
  });
}

export function sentencesOf(event: HistoryEvent, about: AboutEvents) {
  return { text: explainEvent(event, about), gates: explainGates(event, about) };
}

function nameOfAsker({ requested_by, requested_by_user_id }: Asker, { people, agents }: Names): string {
  if (requested_by_user_id !== null) return people[requested_by_user_id] ?? 'A person';
  const name = agents[requested_by];
  return name === undefined ? requested_by : `${name} (${requested_by})`;
}

/** The requesters of the events' requests, and the names used by the sentences. `other_agents`: more agents to name. */
export async function namesOf(
  db: Queryable,
  org_id: string,
  events: readonly HistoryEvent[],
  other_agents: readonly string[] = [],
): Promise<{ names: Names; askers: Asker[] }> {
  const ids = [...new Set(events.flatMap(({ request_id }) => request_id ?? []))];
  const askers = ids.length === 0 ? [] : await requestAskers.run({ org_id, ids }, db);
  const people_ids = [
    ...events.flatMap((row) => (row.actor_kind === 'human' ? [row.actor_id] : [])),
    ...askers.flatMap(({ requested_by_user_id }) => requested_by_user_id ?? []),
  ];
  const agent_ids = [
    ...other_agents,
    ...events.flatMap((row) => (row.actor_kind === 'agent' ? [row.actor_id] : [])),
    ...askers.map(({ requested_by }) => requested_by),
  ];
  const slugs = events.flatMap(({ detail }) => successorSlugs(detail));
  const merged_ids = events.flatMap(({ event_type, detail }) =>
    event_type === 'merged' ? (flagFact(detail, 'merged_lead_id') ?? []) : [],
  );
  const [people, agents, campaigns, merged] = await Promise.all([
    peopleNames.run({ org_id, ids: [...new Set(people_ids)] }, db),
    agentNames.run({ org_id, ids: [...new Set(agent_ids)] }, db),
    campaignNames.run({ org_id, slugs: [...new Set(slugs)] }, db),
    merged_ids.length === 0 ? [] : mergedLeadNames.run({ org_id, ids: merged_ids }, db),
  ]);
  const names = {
    people: Object.fromEntries(people.map((row) => [row.id, row.name])),
    agents: Object.fromEntries(agents.map((row) => [row.id, row.display_name])),
    campaigns: Object.fromEntries(campaigns.map((row) => [row.slug, row.name])),
    leads: Object.fromEntries(merged.flatMap(({ id, name }) => (name === null ? [] : [[id, name]]))),
  };
  return { names, askers };
}

/** Campaigns that an exit led to or suggested. */
function successorSlugs(detail: Json | null): string[] {
  if (!isRecord(detail)) return [];
  const { next } = detail;
  if (typeof next === 'string') return [next];
  if (!isRecord(next)) return [];
  return typeof next.suggest === 'string' ? [next.suggest] : [];
}
