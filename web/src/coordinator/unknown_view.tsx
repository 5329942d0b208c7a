import { useMutation } from '@tanstack/react-query';
import { cache } from '../api/cache.ts';
import { api, read } from '../api/client.ts';
import { usePages } from '../api/pages.ts';
import { useMe } from '../sessions/me.ts';
import { mayWork } from '../sessions/roles.ts';
import { ActionButton } from '../ui/action_button.tsx';
import { announce } from '../ui/announce.tsx';
import { Empty } from '../ui/empty.tsx';
import { Failure } from '../ui/failure.tsx';
import { Link } from '../ui/link.tsx';
import { More } from '../ui/more.tsx';
import { Time } from '../ui/time.tsx';
import { personOf, type QueueItem } from './held_view.tsx';

const REFRESH_MS = 30_000;

/** Messages of unknown delivery, until a person confirms it. */
export function UnknownView() {
  const pages = usePages(['coordinator', 'unknown'], fetchUnknown, REFRESH_MS);
  return (
    <>
      <Failure error={pages.error} />
      {pages.is_loading ? <p className="muted">Loading…</p> : null}
      {!pages.is_loading && pages.items.length === 0 ? (
        <Empty title="No unknown deliveries">
          <p>
            If the connection drops while a message is handed over, its delivery is unknown. Such a message is
            never resent. It waits here until a person confirms what happened.
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
        {item.campaign_name}, step {item.step_number}. The connection dropped, so delivery is unknown. Until
        you confirm, the message counts as sent and this lead receives nothing else.
      </p>
      <Known item={item} />
      {mayWork(me) ? (
        <ul className="consequences">
          <li>
            <ActionButton type="button" onClick={() => settling.mutate(true)} is_busy={settling.isPending}>
              Confirm sent
            </ActionButton>
            <span>
              The message counts as sent at the time of the handover. The enrollment continues with the next
              step.
            </span>
          </li>
          <li>
            <ActionButton type="button" onClick={() => settling.mutate(false)} is_busy={settling.isPending}>
              Confirm not sent
            </ActionButton>
            <span>
              The message no longer counts and is listed as failed. It is not resent: to send it, edit the
              draft and approve it again.
            </span>
          </li>
        </ul>
      ) : (
        <p className="muted">Users who can send messages can confirm this delivery.</p>
      )}
      <Failure error={settling.error} />
    </li>
  );
}

/** Facts to search for, and where. */
function Known({ item }: { item: QueueItem }) {
  return (
    <dl className="facts">
      <dt>To</dt>
      <dd className="address">{item.lead_email}</dd>
      {item.mailbox_address === null ? null : (
        <>
          <dt>From</dt>
          <dd className="address">{item.mailbox_address} (check its sent folder)</dd>
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
          <dt>Search for</dt>
          <dd>
            <code>{item.unknown_message_id}</code> in the mail server’s log
          </dd>
        </>
      )}
      {item.error === null ? null : (
        <>
          <dt>Last error</dt>
          <dd>{item.error}</dd>
        </>
      )}
    </dl>
  );
}
