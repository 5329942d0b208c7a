import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { cache } from '../api/cache.ts';
import { api, read } from '../api/client.ts';
import { usePages } from '../api/pages.ts';
import type { ListedQueueItem } from '../api/schema.d.ts';
import { CHANNELS } from '../channels.gen.ts';
import { useMe, useNow } from '../sessions/me.ts';
import { mayWork } from '../sessions/roles.ts';
import { announce } from '../ui/announce.tsx';
import { Empty } from '../ui/empty.tsx';
import { Failure } from '../ui/failure.tsx';
import { Link } from '../ui/link.tsx';
import { More } from '../ui/more.tsx';
import { fullName } from '../ui/names.ts';
import { ReasonDialog } from '../ui/reason_dialog.tsx';
import { reasonName, wakeWords } from '../ui/reasons.ts';
import { Time } from '../ui/time.tsx';

export type QueueItem = ListedQueueItem;

const REFRESH_MS = 30_000;

/** Held touches that are released automatically, the nearest first. */
export function HeldView() {
  const pages = usePages(['coordinator', 'held'], fetchHeld, REFRESH_MS);
  const now_ms = useNow();
  const [asked, setAsked] = useState<QueueItem | null>(null);
  return (
    <>
      <Failure error={pages.error} />
      {pages.is_loading ? <p className="muted">Loading…</p> : null}
      {!pages.is_loading && pages.items.length === 0 ? <Nothing /> : null}
      <ul className="log">
        {pages.items.map((item) => (
          <HeldLine key={item.id} item={item} now_ms={now_ms} onCancel={() => setAsked(item)} />
        ))}
      </ul>
      <More pages={pages} />
      {asked === null ? null : <CancelDialog item={asked} onClose={() => setAsked(null)} />}
    </>
  );
}

function fetchHeld(cursor: string | undefined) {
  const query = {
    status: 'held',
    order: 'release',
    limit: 50,
    ...(cursor === undefined ? {} : { cursor }),
  } as const;
  return read(api.GET('/send_queue', { params: { query } }));
}

type HeldLineProps = { item: QueueItem; now_ms: number | undefined; onCancel(): void };

function HeldLine({ item, now_ms, onCancel }: HeldLineProps) {
  const me = useMe();
  const { held_until, held_reason, wake } = item;
  return (
    <li className="log_line held_line">
      <span className="moment">
        {held_until === null ? (
          <span className="muted">{wakeWords(wake)}</span>
        ) : (
          <>
            <strong>
              <Time iso={held_until} now_ms={now_ms} />
            </strong>
            <br />
            <span className="muted">
              <Time iso={held_until} />
            </span>
          </>
        )}
      </span>
      <div>
        <p>
          <Link to={`/leads/${item.lead_id}`}>
            <strong>{personOf(item)}</strong>
          </Link>
          {item.company === null ? null : (
            <span className="muted">
              , <bdi>{item.company}</bdi>
            </span>
          )}
        </p>
        <p className="muted">
          {item.campaign_name}, step {item.step_number}, {CHANNELS[item.channel].label}
        </p>
        <p>
          <span className="badge">{reasonName(held_reason ?? '')}</span> <Place item={item} />
        </p>
      </div>
      {mayWork(me) ? (
        <button type="button" onClick={onCancel}>
          Drop…
        </button>
      ) : null}
    </li>
  );
}

/** Position among the touches held for the same lead. */
function Place({ item: { held_place, held_count } }: { item: QueueItem }) {
  if (held_place === null || held_count === null || held_count < 2) return null;
  return (
    <span className="muted">
      {held_place === 1 ? 'First' : `Number ${held_place}`} of {held_count} held for this lead
    </span>
  );
}

export function personOf({ first_name, last_name, lead_email }: QueueItem): string {
  return fullName(first_name, last_name) ?? lead_email;
}

function CancelDialog({ item, onClose }: { item: QueueItem; onClose(): void }) {
  const { id } = item;
  const canceling = useMutation({
    mutationFn: (reason: string) =>
      read(api.POST('/send_queue/{id}/cancel', { params: { path: { id } }, body: { reason } })),
    onSuccess: () => {
      announce(`Dropped: ${personOf(item)}, ${item.campaign_name}, step ${item.step_number}.`);
      cache.invalidateQueries({ queryKey: ['coordinator'] });
      cache.invalidateQueries({ queryKey: ['drafts'] });
      onClose();
    },
  });
  return (
    <ReasonDialog
      title="Drop this touch?"
      text={`Step ${item.step_number} of ${item.campaign_name} is not sent to ${personOf(item)}. The enrollment continues with its next step.`}
      action="Drop touch"
      is_busy={canceling.isPending}
      error={canceling.error}
      onReason={canceling.mutate}
      onClose={onClose}
    />
  );
}

function Nothing() {
  return (
    <Empty title="No held touches">
      <p>
        Touches over a cap, or waiting for the other side, appear here with the reason and the time. They are
        released automatically.
      </p>
      <p>Held and queued requests have no message yet. Find them in the log and on the lead’s page.</p>
    </Empty>
  );
}
