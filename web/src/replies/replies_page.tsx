import { useEffect, useRef, useState } from 'react';
import { useNow } from '../sessions/me.ts';
import { countText, useToday } from '../today/use_today.ts';
import { useArrival } from '../ui/arrival.ts';
import { Empty } from '../ui/empty.tsx';
import { Failure } from '../ui/failure.tsx';
import { useKeys } from '../ui/keys.ts';
import { Link } from '../ui/link.tsx';
import { go, useRoute } from '../ui/route.ts';
import { keepScope, ScopeBar, useScope } from '../ui/scope.tsx';
import { Tabs } from '../ui/tabs.tsx';
import { useTitle } from '../ui/title.ts';
import { dropInbound, type Inbound, SHOWN, type Shown, useInbound } from './inbound.ts';
import './replies.css';
import { RepliesList } from './replies_list.tsx';
import { ReplyPanel } from './reply_panel.tsx';
import { EMPTY_WORDS, TAB_WORDS } from './words.ts';

/** Inbound messages: the list on the left, the message and its actions on the right. */
export function RepliesPage() {
  const { query } = useRoute();
  useTitle('Replies');
  const shown = SHOWN.find((known) => known === query.get('show')) ?? 'waiting';
  return <RepliesOf key={shown} shown={shown} asked={query.get('message')} />;
}

function RepliesOf({ shown, asked }: { shown: Shown; asked: string | null }) {
  const pages = useInbound(shown);
  const now_ms = useNow();
  const { message, index, is_gone, choose } = useChoice(shown, pages.items, asked);
  const heading = useRef<HTMLHeadingElement>(null);
  useArrival(heading, message === null ? null : `${message.id} ${asked !== null}`);
  const move = (by: number) => {
    const at = is_gone && by > 0 ? index : index + by;
    const next = pages.items[at];
    if (next !== undefined) choose(next, true);
    if (at >= pages.items.length - 3) pages.loadMore();
  };
  useKeys({ j: () => move(1), k: () => move(-1) });
  const leave = (done: Inbound) => {
    if (shown !== 'waiting') return;
    const rest = pages.items.filter((other) => other.id !== done.id);
    dropInbound(shown, done.id);
    choose(rest[Math.min(index, rest.length - 1)] ?? null, true);
  };
  return (
    <div className="split" data-open={asked !== null && message !== null}>
      <h1 className="unseen">Replies</h1>
      <section className="pane_list" aria-label={TAB_WORDS[shown]}>
        <ShownTabs current={shown} />
        <ScopeBar />
        <Failure error={pages.error} />
        <RepliesList
          pages={pages}
          chosen_id={message?.id ?? null}
          now_ms={now_ms}
          onChoose={(chosen) => choose(chosen, asked !== null)}
        />
      </section>
      <section className="pane_detail" aria-label="The message">
        {message === null ? (
          <Nothing shown={shown} is_loading={pages.is_loading} />
        ) : (
          <ReplyPanel
            key={message.id}
            message={message}
            is_gone={is_gone}
            now_ms={now_ms}
            heading={heading}
            back_to={addressOf(shown, null)}
            onLeave={() => leave(message)}
          />
        )}
      </section>
    </div>
  );
}

/** Keeps the shown message on the right when the list moves or loses it. */
function useChoice(shown: Shown, messages: readonly Inbound[], asked: string | null) {
  const [kept, setKept] = useState<{ message: Inbound; index: number } | null>(null);
  const chosen_id = asked ?? kept?.message.id ?? messages[0]?.id ?? null;
  const index = messages.findIndex(({ id }) => id === chosen_id);
  const found = messages[index] ?? null;
  useEffect(() => {
    if (found !== null) setKept({ message: found, index });
  }, [found, index]);
  const choose = (message: Inbound | null, replace: boolean) => {
    setKept(message === null ? null : { message, index: messages.indexOf(message) });
    go(addressOf(shown, message?.id ?? null), { replace });
  };
  if (found !== null) return { message: found, index, is_gone: false, choose };
  const last = kept !== null && kept.message.id === chosen_id ? kept : null;
  return { message: last?.message ?? null, index: last?.index ?? 0, is_gone: last !== null, choose };
}

function ShownTabs({ current }: { current: Shown }) {
  const waiting = useToday(useScope()).data?.replies;
  const tabs = SHOWN.map((shown) => ({
    to: addressOf(shown, null),
    label: TAB_WORDS[shown],
    is_current: shown === current,
    count: shown === 'waiting' && waiting !== undefined && waiting.count > 0 ? countText(waiting) : undefined,
  }));
  return <Tabs label="Replies by state" tabs={tabs} />;
}

function Nothing({ shown, is_loading }: { shown: Shown; is_loading: boolean }) {
  if (is_loading) return <p className="muted padded">Loading…</p>;
  const { title, text } = EMPTY_WORDS[shown];
  return (
    <Empty title={title}>
      <p>{text}</p>
      {shown === 'waiting' ? (
        <p>
          To try this without a mailbox, open a <Link to="/mail">caught message</Link> and reply as its
          recipient would.
        </p>
      ) : null}
    </Empty>
  );
}

function addressOf(shown: Shown, id: string | null): string {
  const query = new URLSearchParams();
  if (shown !== 'waiting') query.set('show', shown);
  if (id !== null) query.set('message', id);
  return keepScope(query.size === 0 ? '/replies' : `/replies?${query}`);
}
