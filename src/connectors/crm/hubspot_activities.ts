import { hasLine, referenceLine } from './crm_reference.ts';
import { BATCH_MAX } from './hubspot_calls.ts';
import type { HubspotReads } from './hubspot_reads.ts';
import type { HubspotClient } from './hubspot_requests.ts';
import { linkTo, TYPE_OF } from './hubspot_values.ts';
import type { HubspotWrites } from './hubspot_writes.ts';
import type { Crm, CrmOutcome } from './port.ts';
import type { CrmActivity, CrmRecordId, CrmTask, CrmWritten } from './records.ts';

type Kind = 'notes' | 'tasks';
/** The property that contains the text; HubSpot reads it as HTML. */
const TEXT = { notes: 'hs_note_body', tasks: 'hs_task_body' } as const satisfies Record<Kind, string>;
const SOURCE = ['hs_object_source', 'hs_object_source_id'];

/**
 * Notes and tasks are created with their links in one request, and found by those links: HubSpot reads links at once, while
 * its search lags.
 */
export function hubspotActivities(
  client: HubspotClient,
  reads: HubspotReads,
  writes: HubspotWrites,
): Pick<
  Crm,
  'referenceLine' | 'createActivity' | 'findActivity' | 'deleteActivity' | 'createTask' | 'findTask'
> {
  const create = async (
    object: Kind,
    properties: Record<string, string>,
    links: readonly CrmRecordId[],
  ): Promise<CrmOutcome<CrmWritten>> => {
    const associations = links.map((link) => linkTo(object, link.object, link.record_id));
    const made = await client.call('create_object', {
      params: { object },
      body: { properties, associations },
    });
    if (made.kind === 'ok') return writes.written(made.value.id);
    if (made.kind !== 'refused' || made.status === null) return made;
    // HubSpot refuses a link to a missing record like any other fault.
    for (const { object: to, record_id } of links) {
      const stored = await reads.live(to, record_id);
      if (stored.kind === 'missing') return stored;
    }
    return made;
  };
  const find = async (
    object: Kind,
    { object: of, record_id }: CrmRecordId,
    reference: string,
  ): Promise<CrmOutcome<CrmWritten | null>> => {
    const ids = await reads.links(TYPE_OF[of], record_id, object);
    if (ids.kind !== 'ok') return ids;
    const line = htmlOf(referenceLine(reference));
    for (let index = 0; index < ids.value.length; index += BATCH_MAX) {
      const inputs = ids.value.slice(index, index + BATCH_MAX).map(({ id }) => ({ id }));
      const got = await client.call('batch_read', {
        params: { object },
        body: { inputs, properties: [TEXT[object], ...SOURCE], propertiesWithHistory: [] },
      });
      if (got.kind !== 'ok') return got;
      const found = got.value.results.find((one) => hasLine(one.properties[TEXT[object]] ?? '', line));
      if (found === undefined) continue;
      const { hs_object_source, hs_object_source_id = null } = found.properties;
      const actor_id = hs_object_source === 'INTEGRATION' ? hs_object_source_id : null;
      return { kind: 'ok', value: { record_id: found.id, actor_id } };
    }
    return { kind: 'ok', value: null };
  };
  return {
    referenceLine,
    createActivity: (activity) =>
      create('notes', noteOf(activity), [{ object: 'person', record_id: activity.person_id }]),
    findActivity: (record_id, reference) => find('notes', { object: 'person', record_id }, reference),
    async deleteActivity(id) {
      // HubSpot answers the deletion of a missing note as if there had been one.
      const params = { object: 'notes', id };
      const stored = await client.call('get_object', { params, query: { properties: SOURCE } });
      if (stored.kind !== 'ok') return stored;
      const gone = await client.call('archive_object', { params });
      return gone.kind === 'ok' ? { kind: 'ok', value: null } : gone;
    },
    createTask: (task) => create('tasks', taskOf(task), task.links),
    findTask: (link, reference) => find('tasks', link, reference),
  };
}

function noteOf({ title, text, at, now, reference }: CrmActivity): Record<string, string> {
  return {
    hs_timestamp: new Date(Math.min(Date.parse(at), Date.parse(now))).toISOString(),
    hs_note_body: htmlOf(`${title}\n\n${text}\n\n${referenceLine(reference)}`),
  };
}

/** HubSpot needs a date for each task. */
function taskOf({ owner_id, text, deadline_at, now, reference }: CrmTask): Record<string, string> {
  return {
    hs_timestamp: deadline_at ?? now,
    hs_task_subject: text,
    hs_task_body: htmlOf(referenceLine(reference)),
    hs_task_status: 'NOT_STARTED',
    hubspot_owner_id: owner_id,
  };
}

const HTML: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '\n': '<br>' };

function htmlOf(text: string): string {
  return text.replace(/\r\n?/g, '\n').replace(/[&<>\n]/g, (char) => HTML[char]!);
}
