import type { AttioClient } from './attio_requests.ts';
import { reference as link, machineOf, member, SLUG_OF } from './attio_values.ts';
import { refusedHere } from './crm_client.ts';
import { hasLine, referenceLine } from './crm_reference.ts';
import type { Crm, CrmOutcome } from './port.ts';
import type { CrmActivity, CrmWritten } from './records.ts';

/** Attio's maximum for notes. */
const NOTE_PAGE = 50;
const TASK_PAGE = 100;
/** As many as Attio's limit on reads allows in half a second. */
const PAGES_MAX = 50;

type Logged = { id: string; text: string; actor_id: string | null };

export function attioActivities(
  client: AttioClient,
): Pick<
  Crm,
  'referenceLine' | 'createActivity' | 'findActivity' | 'deleteActivity' | 'createTask' | 'findTask'
> {
  return {
    referenceLine,
    async createActivity(activity) {
      const made = await client.call('create_note', { body: { data: noteOf(activity) } });
      if (made.kind !== 'ok') return made;
      const { id, created_by_actor } = made.value.data;
      return { kind: 'ok', value: { record_id: id.note_id, actor_id: machineOf(created_by_actor) } };
    },
    findActivity: (person_id, unique) =>
      find(unique, NOTE_PAGE, async (offset) => {
        const query = {
          limit: NOTE_PAGE,
          offset,
          parent_object: SLUG_OF.person,
          parent_record_id: person_id,
        };
        const got = await client.call('list_notes', { query });
        if (got.kind !== 'ok') return got;
        const notes = got.value.data.map(({ id, content_plaintext, created_by_actor }) =>
          logged(id.note_id, content_plaintext, created_by_actor),
        );
        return { kind: 'ok', value: notes };
      }),
    async deleteActivity(note_id) {
      const gone = await client.call('delete_note', { params: { note_id } });
      return gone.kind === 'ok' ? { kind: 'ok', value: null } : gone;
    },
    async createTask({ owner_id, text, deadline_at, links, reference }) {
      const made = await client.call('create_task', {
        body: {
          data: {
            content: `${text} (${referenceLine(reference)})`,
            format: 'plaintext',
            deadline_at,
            is_completed: false,
            linked_records: links.map(({ object, record_id }) => link(object, record_id)),
            assignees: [member(owner_id)],
          },
        },
      });
      if (made.kind !== 'ok') return made;
      const { id, created_by_actor } = made.value.data;
      return { kind: 'ok', value: { record_id: id.task_id, actor_id: machineOf(created_by_actor) } };
    },
    findTask: ({ object, record_id }, unique) =>
      find(unique, TASK_PAGE, async (offset) => {
        const query = {
          limit: TASK_PAGE,
          offset,
          linked_object: SLUG_OF[object],
          linked_record_id: record_id,
        };
        const got = await client.call('list_tasks', { query });
        if (got.kind !== 'ok') return got;
        const tasks = got.value.data.map(({ id, content_plaintext, created_by_actor }) =>
          logged(id.task_id, content_plaintext, created_by_actor),
        );
        return { kind: 'ok', value: tasks };
      }),
  };
}

function noteOf({ person_id, title, text, at, now, reference }: CrmActivity) {
  return {
    parent_object: SLUG_OF.person,
    parent_record_id: person_id,
    title,
    format: 'plaintext' as const,
    content: `${text}\n\n${referenceLine(reference)}`,
    created_at: new Date(Math.min(Date.parse(at), Date.parse(now))).toISOString(),
  };
}

function logged(id: string, text: string, actor: unknown): Logged {
  return { id, text, actor_id: machineOf(actor) };
}

async function find(
  unique: string,
  page_size: number,
  pageAt: (offset: number) => Promise<CrmOutcome<Logged[]>>,
): Promise<CrmOutcome<CrmWritten | null>> {
  const line = referenceLine(unique);
  for (let index = 0; index < PAGES_MAX; index += 1) {
    const got = await pageAt(index * page_size);
    if (got.kind !== 'ok') return got;
    const found = got.value.find(({ text }) => hasLine(text, line));
    if (found !== undefined) return { kind: 'ok', value: { record_id: found.id, actor_id: found.actor_id } };
    if (got.value.length < page_size) return { kind: 'ok', value: null };
  }
  return refusedHere('too_many_records', 'reference', 'The record has too many entries to search.');
}
