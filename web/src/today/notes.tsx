import { useMutation } from '@tanstack/react-query';
import { cache } from '../api/cache.ts';
import { api, read } from '../api/client.ts';
import { usePages } from '../api/pages.ts';
import type { ListedNotification } from '../api/schema.d.ts';
import { useNow } from '../sessions/me.ts';
import { ActionButton } from '../ui/action_button.tsx';
import { announce } from '../ui/announce.tsx';
import { Failure } from '../ui/failure.tsx';
import { Link } from '../ui/link.tsx';
import { More } from '../ui/more.tsx';
import { Time } from '../ui/time.tsx';
import { pageOf, saysOf } from './words.ts';

type Note = ListedNotification;

const REFRESH_MS = 60_000;
const PAGE = 20;

/** Unread notifications. Those about an open warning appear among the warnings. */
export function Notes() {
  const pages = usePages(['notifications'], fetchNotes, REFRESH_MS);
  const notes = pages.items.filter((note) => note.flag_id === null || note.flag_resolved_at !== null);
  const reading = useReading();
  if (notes.length === 0 && !pages.has_more) return null;
  return (
    <section aria-labelledby="notes">
      <div className="section_head">
        <h2 id="notes">
          Notifications <span className="count">{notes.length}</span>
        </h2>
        <ActionButton
          type="button"
          className="quiet"
          disabled={notes.length === 0}
          is_busy={reading.isPending}
          onClick={() => reading.mutate(notes)}
        >
          {notes.length === 1 ? 'Mark as read' : `Mark ${notes.length} as read`}
        </ActionButton>
      </div>
      <Failure error={pages.error ?? reading.error} />
      <ul className="lines">
        {notes.map((note) => (
          <NoteLine key={note.id} note={note} />
        ))}
      </ul>
      <More pages={pages} />
    </section>
  );
}

function fetchNotes(cursor: string | undefined) {
  const query = { limit: PAGE, ...(cursor === undefined ? {} : { cursor }) };
  return read(api.GET('/notifications', { params: { query } }));
}

function useReading() {
  return useMutation({
    mutationFn: async (notes: readonly Note[]) => {
      await Promise.all(
        notes.map(({ id }) => read(api.POST('/notifications/{id}/read', { params: { path: { id } } }))),
      );
    },
    onSuccess: () => announce('Marked as read.'),
    onSettled: () => {
      cache.invalidateQueries({ queryKey: ['notifications'] });
      cache.invalidateQueries({ queryKey: ['today'] });
    },
  });
}

function NoteLine({ note }: { note: Note }) {
  const now_ms = useNow();
  const page = pageOf(note);
  return (
    <li className="line">
      <p>
        {note.lead_id === null ? null : (
          <>
            <Link to={`/leads/${note.lead_id}`}>{note.lead_email}</Link>{' '}
          </>
        )}
        {saysOf(note)} {page === null ? null : <Link to={page.to}>{page.label}</Link>}{' '}
        <span className="muted">
          <Time iso={note.created_at} now_ms={now_ms} />
        </span>
      </p>
    </li>
  );
}
