import { useMutation } from '@tanstack/react-query';
import { cache } from '../api/cache.ts';
import { api, read } from '../api/client.ts';
import { usePages } from '../api/pages.ts';
import { mayWork } from '../leads/roles.ts';
import { useMe } from '../sessions/me.ts';
import { ActionButton } from '../ui/action_button.tsx';
import { announce } from '../ui/announce.tsx';
import { Empty } from '../ui/empty.tsx';
import { Failure } from '../ui/failure.tsx';
import { Link } from '../ui/link.tsx';
import { More } from '../ui/more.tsx';
import { Time } from '../ui/time.tsx';
import { personOf, type QueueItem } from './held_view.tsx';

const REFRESH_MS = 30_000;

/** Messages of which nobody can know whether they went, until a person has looked. */
export function UnknownView() {
  const pages = usePages(['coordinator', 'unknown'], fetchUnknown, REFRESH_MS);
  return (
    <>
      <Failure error={pages.error} />
      {pages.is_loading ? <p className="muted">Reading …</p> : null}
      {!pages.is_loading && pages.items.length === 0 ? (
        <Empty title="Nothing is unknown">
          <p>
            If the line breaks at the very moment a message is handed over, nobody can know whether it went.
            It is never sent again by itself: it comes here, and a person looks and says what happened.
          </p>
        </Empty>
      ) : null}
      <ul className="unknowns">
        {pages.items.map((item) => (
          <Unknown key={item.id} item={item} />
        ))}
      </ul>
      <More pages={pages} />
    </>
  );
}

function fetchUnknown(cursor: string | undefined) {
  const query = { status: 'unknown', limit: 50, ...(cursor === undefined ? {} : { cursor }) } as const;
  return read(api.GET('/send_queue', { params: { query } }));
}

function Unknown({ item }: { item: QueueItem }) {
  const me = useMe();
  const settling = useMutation({
    mutationFn: (went: boolean) =>
      read(api.POST('/send_queue/{id}/resolve', { params: { path: { id: item.id } }, body: { went } })),
    onSuccess: (_item, went) => {
      announce(went ? `Recorded as sent: ${personOf(item)}.` : `Recorded as not sent: ${personOf(item)}.`);
      cache.invalidateQueries({ queryKey: ['coordinator'] });
      cache.invalidateQueries({ queryKey: ['drafts'] });
    },
  });
  return (
    <li className="notice notice_bad">
      <h2>
        <Link to={`/leads/${item.lead_id}`}>{personOf(item)}</Link>
        {item.company === null ? null : (
          <>
            , <bdi>{item.company}</bdi>
          </>
        )}
      </h2>
      <p>
        {item.campaign_name}, step {item.step_number}. The line broke while this message was handed over, so
        it may or may not have arrived. Until you say, it counts as sent and this person gets nothing else.
      </p>
      <Known item={item} />
      {mayWork(me) ? (
        <ul className="consequences">
          <li>
            <ActionButton type="button" onClick={() => settling.mutate(true)} is_busy={settling.isPending}>
              It went
            </ActionButton>
            <span>
              It counts as sent from when it was handed over, and the sequence goes on with the next step.
            </span>
          </li>
          <li>
            <ActionButton type="button" onClick={() => settling.mutate(false)} is_busy={settling.isPending}>
              It did not go
            </ActionButton>
            <span>
              It counts no more and is listed as failed. It is not sent again by itself: edit it under Drafts
              to let it wait for approval once more.
            </span>
          </li>
        </ul>
      ) : (
        <p className="muted">Whoever sends messages here can say what happened.</p>
      )}
      <Failure error={settling.error} />
    </li>
  );
}

/** What there is to look for, and where. */
function Known({ item }: { item: QueueItem }) {
  return (
    <dl className="facts">
      <dt>To</dt>
      <dd className="address">{item.lead_email}</dd>
      {item.mailbox_address === null ? null : (
        <>
          <dt>From</dt>
          <dd className="address">{item.mailbox_address}: look into its sent folder</dd>
        </>
      )}
      {item.unknown_since === null ? null : (
        <>
          <dt>Handed over</dt>
          <dd>
            <Time iso={item.unknown_since} />
          </dd>
        </>
      )}
      {item.unknown_message_id === null ? null : (
        <>
          <dt>Look for</dt>
          <dd>
            <code>{item.unknown_message_id}</code> in the mail server’s log
          </dd>
        </>
      )}
      {item.error === null ? null : (
        <>
          <dt>Last heard</dt>
          <dd>{item.error}</dd>
        </>
      )}
    </dl>
  );
}
