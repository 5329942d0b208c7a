import { useEffect, useRef, useState } from 'react';
import { useMe, useNow } from '../sessions/me.ts';
import { canDecide } from '../sessions/roles.ts';
import { hasActedSince, isInTheMiddle } from '../ui/acts.ts';
import { useArrival } from '../ui/arrival.ts';
import { Empty } from '../ui/empty.tsx';
import { Failure } from '../ui/failure.tsx';
import { useKeys } from '../ui/keys.ts';
import { Link } from '../ui/link.tsx';
import { go, useRoute } from '../ui/route.ts';
import { keepScope, ScopeBar } from '../ui/scope.tsx';
import { Tabs } from '../ui/tabs.tsx';
import { useTitle } from '../ui/title.ts';
import { useAskedEntry } from './asked_entry.ts';
import { usePrefetch } from './background.ts';
import { CampaignChoice } from './campaign_choice.tsx';
import { useCounts } from './counts.ts';
import { DecidableChoice, showsDecidable } from './decidable.tsx';
import { DraftPanel } from './draft_panel.tsx';
import './drafts.css';
import { DraftsList } from './drafts_list.tsx';
import { dropEntry, type Entry, STATUSES, type Status, useEntries } from './entries.ts';
import { isLeaving, useLeaving } from './leaving.ts';
import { RefusedToast } from './refused_toast.tsx';
import { useReturn } from './return.ts';
import { noteUnasked } from './unasked.ts';
import { takeBack, type Undoable } from './undo.ts';
import { UndoToast } from './undo_toast.tsx';
import { EMPTY_WORDS, TAB_WORDS } from './words.ts';

/** The next page loads this many rows before the end: a few seconds of decisions. */
const LOAD_BEFORE_END = 20;

/** Pending drafts and their outcomes: a list on the left, the message on the right. */
export function DraftsPage() {
  const { query } = useRoute();
  useTitle('Drafts');
  const status = STATUSES.find((known) => known === query.get('status')) ?? 'drafted';
  const campaign = status === 'drafted' ? query.get('campaign') : null;
  return (
    <DraftsOf key={`${status} ${campaign}`} status={status} campaign={campaign} asked={query.get('item')} />
  );
}

type DraftsOfProps = {
  status: Status;
  /** Slug of the only campaign to show. */
  campaign: string | null;
  /** The touch that the address names. */
  asked: string | null;
};

function DraftsOf({ status, campaign, asked }: DraftsOfProps) {
  const pages = useEntries(status, campaign);
  const countOf = useCounts();
  const leaving_count = useLeaving().size;
  const me = useMe();
  const now_ms = useNow();
  const addressOfItem = (queue_id: string | null) => addressOf(status, queue_id, campaign);
  const choice = useChoice(addressOfItem, pages.items, asked);
  const { index, is_gone, choose } = choice;
  const elsewhere = useAskedEntry(status, choice.entry === null && !pages.is_loading ? asked : null);
  const entry = choice.entry ?? elsewhere.found;
  const is_missing = asked !== null && entry === null && !pages.is_loading && !elsewhere.is_looking;
  const heading = useRef<HTMLHeadingElement>(null);
  // On a narrow screen, opening a touch brings it on the screen.
  useArrival(heading, entry === null ? null : `${entry.queue_id} ${asked !== null}`);
  usePrefetch(pages.items, index);
  useReturn(pages.items, entry, (back) => choose(back, true));
  const move = (by: number) => {
    const at = choice.entry === null || (is_gone && by > 0) ? index : index + by;
    const next = pages.items[at];
    if (next !== undefined) choose(next, true);
    if (at >= pages.items.length - LOAD_BEFORE_END) pages.loadMore();
  };
  useKeys({ j: () => move(1), k: () => move(-1) });
  const leave = (done: Entry, is_late: boolean) => {
    const rest = pages.items.filter((other) => other.queue_id !== done.queue_id);
    if (!isLeaving(done.queue_id)) dropEntry(status, done.queue_id);
    if (is_late) noteUnasked();
    if (index >= rest.length - LOAD_BEFORE_END) pages.loadMore();
    choose(rest[Math.min(index, rest.length - 1)] ?? null, true);
  };
  // Users who have moved on get a notice and find the draft in the list.
  const undo = async ({ entry: undone, draft_id }: Undoable, asked_ms: number) => {
    if (!(await takeBack({ entry: undone, draft_id }))) return;
    if (location.pathname !== '/drafts' || isInTheMiddle() || hasActedSince(asked_ms)) return;
    noteUnasked();
    go(addressOf('drafted', undone.queue_id, campaign), { replace: true });
  };
  const read_count = `${pages.items.length.toLocaleString('en')}${pages.has_more ? '+' : ''}`;
  const count = campaign === null ? countOf(status, leaving_count) : read_count;
  return (
    <div className="split drafts" data-open={asked !== null && (entry !== null || is_missing)}>
      <h1 className="unseen">Drafts</h1>
      <section className="pane_list" aria-label={TAB_WORDS[status]}>
        <StatusTabs current={status} countOf={(one) => countOf(one, one === status ? leaving_count : 0)} />
        <ScopeBar>
          {status === 'drafted' && canDecide(me) ? <DecidableChoice /> : null}
          {status === 'drafted' ? <CampaignChoice campaign={campaign} /> : null}
        </ScopeBar>
        <Failure error={pages.error} />
        <DraftsList
          pages={pages}
          chosen_id={entry?.queue_id ?? null}
          now_ms={now_ms}
          onChoose={(chosen) => choose(chosen, asked !== null)}
        />
      </section>
      <section className="pane_detail" aria-label="The message">
        <Failure error={elsewhere.error} />
        {entry === null && is_missing ? (
          <NotHere />
        ) : entry === null ? (
          <Nothing
            status={status}
            campaign={campaign}
            is_loading={pages.is_loading || elsewhere.is_looking}
          />
        ) : (
          <DraftPanel
            key={entry.queue_id}
            entry={entry}
            status={status}
            is_gone={is_gone}
            now_ms={now_ms}
            position={
              is_gone || choice.entry === null || count === undefined ? null : `${index + 1} of ${count}`
            }
            heading={heading}
            back_to={addressOfItem(null)}
            onLeave={(is_late) => leave(entry, is_late)}
          />
        )}
      </section>
      <UndoToast onUndo={undo} />
      <RefusedToast onShow={(one) => go(addressOf(one.status, one.entry.queue_id))} />
    </div>
  );
}

/**
 * Chooses the touch on the right. The touch stays when the list moves and even when it leaves the list, so that a text
 * that slid under the finger is never approved.
 */
function useChoice(
  addressOfItem: (queue_id: string | null) => string,
  entries: readonly Entry[],
  asked: string | null,
) {
  const [kept, setKept] = useState<{ entry: Entry; index: number } | null>(null);
  const chosen_id = asked ?? kept?.entry.queue_id ?? entries[0]?.queue_id ?? null;
  const index = entries.findIndex((entry) => entry.queue_id === chosen_id);
  const found = entries[index] ?? null;
  useEffect(() => {
    if (found !== null) setKept({ entry: found, index });
  }, [found, index]);
  const choose = (entry: Entry | null, replace: boolean) => {
    setKept(entry === null ? null : { entry, index: entries.indexOf(entry) });
    go(addressOfItem(entry?.queue_id ?? null), { replace });
  };
  if (found !== null) return { entry: found, index, is_gone: false, choose };
  const last = kept !== null && kept.entry.queue_id === chosen_id ? kept : null;
  return { entry: last?.entry ?? null, index: last?.index ?? 0, is_gone: last !== null, choose };
}

type StatusTabsProps = { current: Status; countOf(status: Status): string | undefined };

function StatusTabs({ current, countOf }: StatusTabsProps) {
  const tabs = STATUSES.map((status) => ({
    to: addressOf(status, null),
    label: TAB_WORDS[status],
    is_current: status === current,
    count: countOf(status),
  }));
  return <Tabs label="Drafts by status" tabs={tabs} />;
}

function NotHere() {
  return (
    <Empty title="Draft not found">
      <p>The draft may have been decided or sent, or the address is incomplete.</p>
      <p className="actions">
        <Link to="/drafts">Show pending drafts</Link>
      </p>
    </Empty>
  );
}

type NothingProps = { status: Status; campaign: string | null; is_loading: boolean };

function Nothing({ status, campaign, is_loading }: NothingProps) {
  if (is_loading) return <p className="muted padded">Loading…</p>;
  if (campaign !== null) {
    return (
      <Empty title="No pending drafts in this campaign">
        <p>Drafts appear here when a step is due.</p>
        <p className="actions">
          <Link to="/drafts">Show pending drafts of all campaigns</Link>
        </p>
      </Empty>
    );
  }
  const { title, text } = EMPTY_WORDS[status];
  return (
    <Empty title={title}>
      <p>{text}</p>
      {status === 'drafted' ? (
        <p className="actions">
          {showsDecidable() ? <Link to="/drafts?pending=all&scope=all">Show all pending drafts</Link> : null}
          <Link to="/leads">Choose leads</Link>
        </p>
      ) : null}
    </Empty>
  );
}

function addressOf(status: Status, queue_id: string | null, campaign: string | null = null): string {
  const query = new URLSearchParams();
  if (status !== 'drafted') query.set('status', status);
  if (campaign !== null) query.set('campaign', campaign);
  if (queue_id !== null) query.set('item', queue_id);
  return keepScope(query.size === 0 ? '/drafts' : `/drafts?${query}`);
}
