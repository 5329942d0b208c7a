import { api, read } from '../api/client.ts';
import { type Pages, usePages } from '../api/pages.ts';
import { isRefusal } from '../api/refusal.ts';
import { useNow } from '../sessions/me.ts';
import { Empty } from '../ui/empty.tsx';
import { Failure } from '../ui/failure.tsx';
import { useKeys } from '../ui/keys.ts';
import { Link } from '../ui/link.tsx';
import { More } from '../ui/more.tsx';
import { go, useRoute } from '../ui/route.ts';
import { useRoving } from '../ui/roving.ts';
import { Time } from '../ui/time.tsx';
import { useTitle } from '../ui/title.ts';
import type { Message } from './message.ts';
import { MessageView, TO_A_TEAMMATE } from './message_view.tsx';

const REFRESH_MS = 3_000;

/** Mail that was caught instead of sent, as its recipients would get it. */
export function MailPage() {
  const { query } = useRoute();
  useTitle('Caught mail');
  const pages = usePages(['catcher'], fetchMessages, REFRESH_MS);
  const now_ms = useNow();
  const asked = query.get('message');
  const at = asked === null ? 0 : pages.items.findIndex((message) => message.id === asked);
  const chosen = pages.items[at];
  const move = (by: number) => {
    const next = pages.items[at + by];
    if (next !== undefined) go(addressOf(next), { replace: true });
    if (at + by >= pages.items.length - 3) pages.loadMore();
  };
  useKeys({ j: () => move(1), k: () => move(-1) });
  if (isRefusal(pages.error, 'no_catcher')) return <NoCatcher />;
  return (
    <div className="split" data-open={asked !== null && chosen !== undefined}>
      <section className="pane_list" aria-label="Caught mail">
        <h1 className="pane_title">Caught mail</h1>
        <Failure error={pages.error} />
        <MessageList pages={pages} chosen_id={chosen?.id} now_ms={now_ms} />
      </section>
      <section className="pane_detail" aria-label="The message">
        {chosen === undefined ? (
          <Nothing is_loading={pages.is_loading} is_asked={asked !== null} />
        ) : (
          <MessageView key={chosen.id} message={chosen} />
        )}
      </section>
    </div>
  );
}

function fetchMessages(cursor: string | undefined) {
  const query = { limit: 30, ...(cursor === undefined ? {} : { cursor }) };
  return read(api.GET('/catcher/messages', { params: { query } }));
}

type MessageListProps = { pages: Pages<Message>; chosen_id: string | undefined; now_ms: number | undefined };

function MessageList({ pages, chosen_id, now_ms }: MessageListProps) {
  const rowProps = useRoving({
    ids: pages.items.map((message) => message.id),
    current: chosen_id ?? null,
    onArrow: (id) => {
      const at = pages.items.findIndex((message) => message.id === id);
      const message = pages.items[at];
      if (message !== undefined) go(addressOf(message), { replace: true });
      if (at >= pages.items.length - 3) pages.loadMore();
    },
  });
  return (
    <>
      <ul className="rows">
        {pages.items.map((message) => (
          <li key={message.id}>
            <Link
              className="row"
              to={addressOf(message)}
              aria-current={message.id === chosen_id ? 'true' : undefined}
              {...rowProps(message.id)}
            >
              <span className="row_head mail_head">
                <strong>{message.to.join(', ') || message.envelope.to.join(', ')}</strong>
                <span className="muted">
                  <Time iso={message.received_at} now_ms={now_ms} />
                </span>
              </span>
              <span className="row_text">{message.subject || '(no subject)'}</span>
              {message.is_to_user ? (
                <span className="badges">
                  <span className="badge">{TO_A_TEAMMATE}</span>
                </span>
              ) : null}
            </Link>
          </li>
        ))}
      </ul>
      <More pages={pages} />
    </>
  );
}

function Nothing({ is_loading, is_asked }: { is_loading: boolean; is_asked: boolean }) {
  if (is_loading) return <p className="muted padded">Loading…</p>;
  return (
    <Empty title={is_asked ? 'Message not found' : 'No caught mail yet'}>
      <p>
        Touchline sends to its own catcher here, so nothing reaches real recipients.{' '}
        <Link to="/drafts">Approve a draft</Link>, and it appears here within seconds, exactly as it would
        arrive.
      </p>
    </Empty>
  );
}

function NoCatcher() {
  return (
    <Empty title="Mail goes to a real server">
      <p>
        This Touchline was started with <code>SMTP_URL</code>, so messages are sent, not caught. Without it,
        they appear here instead.
      </p>
    </Empty>
  );
}

function addressOf(message: Message): string {
  return `/mail?message=${encodeURIComponent(message.id)}`;
}
