import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { api, read } from '../api/client.ts';
import { dropFromPages, usePages } from '../api/pages.ts';
import { ADDRESSES, CHANNELS } from '../channels.gen.ts';
import { DraftPanel } from '../drafts/draft_panel.tsx';
import { DraftsList } from '../drafts/drafts_list.tsx';
import type { Entry } from '../drafts/entries.ts';
import { useNow } from '../sessions/me.ts';
import { useArrival } from '../ui/arrival.ts';
import { Empty } from '../ui/empty.tsx';
import { Failure } from '../ui/failure.tsx';
import { useKeys } from '../ui/keys.ts';
import { Link } from '../ui/link.tsx';
import { go, useRoute } from '../ui/route.ts';
import { keepScope, type Scope, ScopeBar, useScope } from '../ui/scope.tsx';
import { useTitle } from '../ui/title.ts';
import './personal.css';
import type { ManualSend } from '../api/schema.d.ts';
import { AssignedTo, type Assignee } from './assigned_to.tsx';

type PersonalSend = ManualSend;
type Item = { entry: Entry; why: string; assignee: Assignee };

/** A key below `drafts`, so that every decision on a draft also refetches this list. */
const KEY = ['drafts', 'personal'] as const;
const REFRESH_MS = 30_000;

/** Messages that users send from their own accounts: the text, a link to open, and a button that records the send. */
export function PersonalPage() {
  const { query } = useRoute();
  useTitle('Manual sends');
  const asked = query.get('item');
  const scope = useScope();
  const pages = usePages([...KEY, scope], (cursor) => fetchItems(scope, cursor), REFRESH_MS);
  const now_ms = useNow();
  const elsewhere = useAsked(asked, pages);
  const choice = useChoice(pages.items, asked);
  const { index, is_gone, choose } = choice;
  const item = choice.item ?? elsewhere;
  const heading = useRef<HTMLHeadingElement>(null);
  useArrival(heading, item === null ? null : `${item.entry.queue_id} ${asked !== null}`);
  const move = (by: number) => {
    const at = is_gone && by > 0 ? index : index + by;
    const next = pages.items[at];
    if (next !== undefined) choose(next, true);
    if (at >= pages.items.length - 3) pages.loadMore();
  };
  useKeys({ j: () => move(1), k: () => move(-1) });
  const leave = (done: Item) => {
    const { queue_id } = done.entry;
    const rest = pages.items.filter(({ entry }) => entry.queue_id !== queue_id);
    dropFromPages<Item>(KEY, ({ entry }) => entry.queue_id === queue_id);
    choose(rest[Math.min(index, rest.length - 1)] ?? null, true);
  };
  const onChoose = (entry: Entry) => {
    const found = pages.items.find((one) => one.entry === entry);
    if (found !== undefined) choose(found, asked !== null);
  };
  return (
    <div className="split" data-open={asked !== null && item !== null}>
      <section className="pane_list" aria-label="Manual sends">
        <h1 className="pane_title">Manual sends</h1>
        <ScopeBar />
        <Failure error={pages.error} />
        <DraftsList
          pages={{ ...pages, items: pages.items.map(({ entry }) => entry) }}
          chosen_id={item?.entry.queue_id ?? null}
          now_ms={now_ms}
          onChoose={onChoose}
        />
      </section>
      <section className="pane_detail" aria-label="The message">
        {item === null ? (
          <Nothing is_loading={pages.is_loading} scope={scope} />
        ) : (
          <>
            <p className="why_personal muted">{item.why}</p>
            {is_gone ? null : <AssignedTo queue_id={item.entry.queue_id} assignee={item.assignee} />}
            <DraftPanel
              key={item.entry.queue_id}
              entry={item.entry}
              status="drafted"
              is_gone={is_gone}
              now_ms={now_ms}
              position={
                is_gone || choice.item === null
                  ? null
                  : `${index + 1} of ${pages.items.length}${pages.has_more ? '+' : ''}`
              }
              heading={heading}
              back_to={addressOf(null)}
              onLeave={() => leave(item)}
            />
          </>
        )}
      </section>
    </div>
  );
}

/** The manual send that the address names, if the pages read so far do not contain it. */
function useAsked(
  queue_id: string | null,
  pages: { items: readonly Item[]; is_loading: boolean },
): Item | null {
  const is_listed = pages.items.some(({ entry }) => entry.queue_id === queue_id);
  const query = useQuery({
    // Not under KEY, whose entries are lists in pages.
    queryKey: ['drafts', 'asked_personal', queue_id],
    queryFn: () => fetchItems('all', undefined, queue_id ?? ''),
    enabled: queue_id !== null && !is_listed && !pages.is_loading,
  });
  return is_listed ? null : (query.data?.items[0] ?? null);
}

/** Keeps the shown message on the right when it leaves the list. */
function useChoice(items: readonly Item[], asked: string | null) {
  const [kept, setKept] = useState<{ item: Item; index: number } | null>(null);
  const chosen_id = asked ?? kept?.item.entry.queue_id ?? items[0]?.entry.queue_id ?? null;
  const index = items.findIndex(({ entry }) => entry.queue_id === chosen_id);
  const found = items[index] ?? null;
  useEffect(() => {
    if (found !== null) setKept({ item: found, index });
  }, [found, index]);
  const choose = (item: Item | null, replace: boolean) => {
    setKept(item === null ? null : { item, index: items.indexOf(item) });
    go(addressOf(item?.entry.queue_id ?? null), { replace });
  };
  if (found !== null) return { item: found, index, is_gone: false, choose };
  const last = kept !== null && kept.item.entry.queue_id === chosen_id ? kept : null;
  return { item: last?.item ?? null, index: last?.index ?? 0, is_gone: last !== null, choose };
}

function addressOf(item: string | null): string {
  return keepScope(item === null ? '/personal' : `/personal?item=${item}`);
}

async function fetchItems(scope: Scope, cursor: string | undefined, queue_id?: string) {
  const query = {
    limit: 50,
    scope,
    ...(cursor === undefined ? {} : { cursor }),
    ...(queue_id === undefined ? {} : { queue_id }),
  };
  const page = await read(api.GET('/personal_sends', { params: { query } }));
  return { ...page, items: page.items.map(itemOf) };
}

function itemOf(send: PersonalSend): Item {
  const { id, queue_id, lead_id, company, channel, status, step_number, due_since } = send;
  const person = [send.first_name, send.last_name].filter(Boolean).join(' ') || send.lead_email;
  const entry: Entry = {
    queue_id,
    draft_id: id,
    draft: null,
    lead_id,
    company,
    person,
    campaign: send.campaign_name,
    campaign_slug: send.campaign_slug,
    step_number,
    channel,
    status,
    is_personal: true,
    scheduled_at: due_since,
    sent_at: null,
    held_until: null,
    held_reason: null,
    wake: null,
    error: null,
    rejection: null,
  };
  const { assigned_to_user_id: user_id, assigned_to_name: name } = send;
  return { entry, why: whyOf(send), assignee: { user_id, name } };
}

/** Explains why a user sends it, and what is missing to open it. */
function whyOf({ why, open_url, open_note, channel }: PersonalSend): string {
  if (open_url !== null) return open_note === null ? why : `${why} ${open_note}`;
  return `${why} The lead has no ${ADDRESSES[CHANNELS[channel].address]} to open: copy the text, or add one on the lead’s page.`;
}

function Nothing({ is_loading, scope }: { is_loading: boolean; scope: Scope }) {
  if (is_loading) return <p className="muted padded">Loading…</p>;
  if (scope !== 'all') {
    return (
      <Empty title={`No manual sends for ${scope === 'mine' ? 'you' : 'your team'}`}>
        <p>
          Manual sends assigned to you or your team appear here when they are due, and unassigned ones to your
          leads.
        </p>
        <p>
          <Link to="/personal?scope=all">Show all manual sends</Link>
        </p>
      </Empty>
    );
  }
  return (
    <Empty title="No manual sends">
      <p>
        Steps that a person must send, such as LinkedIn messages, appear here when they are due. Copy the
        text, send it from your own account, then press “I sent it”.
      </p>
    </Empty>
  );
}
