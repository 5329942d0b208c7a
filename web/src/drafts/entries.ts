import type { InfiniteData } from '@tanstack/react-query';
import { cache } from '../api/cache.ts';
import { api, read } from '../api/client.ts';
import { dropFromPages, type Page, type Pages, usePages } from '../api/pages.ts';
import type { Draft as DraftDetail, ListedDraft, ListedQueueItem } from '../api/schema.d.ts';
import { CHANNELS } from '../channels.gen.ts';
import { type Scope, shownScope, useScope } from '../ui/scope.tsx';
import { showsDecidable } from './decidable.tsx';
import { useLeaving } from './leaving.ts';

export type { Draft as DraftDetail } from '../api/schema.d.ts';

type Written = Pick<DraftDetail, 'id' | 'version' | 'to_id' | 'body' | 'content_hash' | 'created_at'>;
/** A listed touch with its text. */
export type Draft = Omit<ListedDraft, keyof Written> & Written;
type QueueItem = ListedQueueItem;

/** The tabs. A rejected touch is canceled and has a person's reason. */
export const STATUSES = ['drafted', 'approved', 'held', 'sent', 'failed', 'unknown', 'rejected'] as const;
export type Status = (typeof STATUSES)[number];

/** One touch, drafted or not. */
export type Entry = {
  queue_id: string;
  draft_id: string | null;
  /** Null if the list does not carry the text; `draft_id` then leads to it. */
  draft: Draft | null;
  lead_id: string;
  company: string | null;
  person: string;
  campaign: string;
  campaign_slug: string;
  step_number: number;
  channel: Draft['channel'];
  status: Draft['status'];
  is_personal: boolean;
  scheduled_at: string;
  sent_at: string | null;
  held_until: string | null;
  held_reason: Draft['held_reason'];
  wake: string | null;
  error: string | null;
  rejection: Draft['rejection'];
};

/** A fallback for missed live changes. */
const REFRESH_MS = 30_000;
const PAGE = 50;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Touches of one tab, refreshed while visible. Approved manual sends follow the last of all pending drafts. `campaign`
 * narrows pending drafts to one slug.
 */
export function useEntries(status: Status, campaign: string | null): Pages<Entry> {
  const scope = useScope();
  const own = usePages(
    entriesKey(status, campaign),
    (cursor) => fetchEntries(status, cursor, PAGE, campaign, scope),
    REFRESH_MS,
  );
  const leaving = useLeaving();
  const is_complete = status === 'drafted' && !showsDecidable() && !own.is_loading && !own.has_more;
  const approved = usePages(
    entriesKey('approved'),
    (cursor) => fetchEntries('approved', cursor, PAGE, null, scope),
    REFRESH_MS,
    is_complete,
  );
  const items = own.items.filter((entry) => !leaving.has(entry.queue_id));
  if (!is_complete) return { ...own, items };
  const listed = new Set(own.items.map((entry) => entry.queue_id));
  const personal = approved.items.filter(
    (entry) =>
      entry.is_personal &&
      (campaign === null || entry.campaign_slug === campaign) &&
      !listed.has(entry.queue_id) &&
      !leaving.has(entry.queue_id),
  );
  return {
    ...approved,
    items: [...items, ...personal],
    is_loading: own.items.length === 0 && approved.is_loading,
    error: own.error ?? approved.error,
  };
}

/** Removes a touch from its tab, once the server has confirmed it. */
export function dropEntry(status: Status, queue_id: string): void {
  const isGone = (entry: Entry) => entry.queue_id === queue_id;
  dropFromPages(entriesKey(status), isGone);
  if (status === 'drafted') dropFromPages(entriesKey('approved'), isGone);
}

/** Puts a touch back in its place among the pending drafts until the lists are read again. */
export function restoreEntry(entry: Entry): void {
  restoreIn(entriesKey('drafted', null), entry);
  restoreIn(entriesKey('drafted', entry.campaign_slug), entry);
}

function restoreIn(key: readonly unknown[], entry: Entry): void {
  cache.setQueryData<InfiniteData<Page<Entry>>>(key, (data) => {
    if (data === undefined || data.pages.some((page) => page.items.some((one) => isSame(one, entry))))
      return data;
    const at = data.pages.findIndex((page, index) => {
      return index === data.pages.length - 1 || page.items.some((one) => isAfter(one, entry));
    });
    const pages = data.pages.map((page, index) => {
      if (index !== at) return page;
      const before = page.items.filter((one) => !isAfter(one, entry));
      return { ...page, items: [...before, entry, ...page.items.slice(before.length)] };
    });
    return { ...data, pages };
  });
}

function isSame(one: Entry, other: Entry): boolean {
  return one.queue_id === other.queue_id;
}

/** List order: by due time. */
function isAfter(one: Entry, other: Entry): boolean {
  return [one.scheduled_at, one.queue_id].join() > [other.scheduled_at, other.queue_id].join();
}

/** Names the shown scope and choice. Without a campaign, also the prefix of the keys of all lists of the tab. */
function entriesKey(status: Status, campaign: string | null = null): readonly unknown[] {
  const decidable = status === 'drafted' && showsDecidable();
  return ['drafts', 'list', status, shownScope(), decidable, ...(campaign === null ? [] : [campaign])];
}

/** Held, failed, and unknown touches may have no text, so the queue lists them. */
export async function fetchEntries(
  status: Status,
  cursor: string | undefined,
  limit = PAGE,
  campaign: string | null = null,
  scope: Scope = shownScope(),
): Promise<Page<Entry>> {
  const query = { limit, scope, ...(cursor === undefined ? {} : { cursor }) };
  if (status === 'held' || status === 'failed' || status === 'unknown') {
    return fetchItems({ status, ...query });
  }
  const only = {
    ...(campaign === null ? {} : { campaign_slug: campaign }),
    ...(status === 'drafted' && showsDecidable() ? { decidable: true } : {}),
  };
  const page = await read(api.GET('/drafts', { params: { query: { status, ...only, ...query } } }));
  return { ...page, items: page.items.filter(isWritten).map(entryOfDraft) };
}

/** A touch by ID, in any tab; null without a text or if it does not exist. */
export async function fetchEntry(queue_id: string): Promise<Entry | null> {
  if (!UUID.test(queue_id)) return null;
  const { items } = await read(api.GET('/drafts', { params: { query: { queue_id } } }));
  const [draft] = items.filter(isWritten);
  return draft === undefined ? null : entryOfDraft(draft);
}

function isWritten(listed: ListedDraft): listed is ListedDraft & Draft {
  return listed.id !== null;
}

async function fetchItems(query: {
  status: 'held' | 'failed' | 'unknown';
  limit: number;
  scope: Scope;
  cursor?: string;
}): Promise<Page<Entry>> {
  const page = await read(api.GET('/send_queue', { params: { query } }));
  return { ...page, items: page.items.map(entryOfItem) };
}

export function personOf(draft: Pick<Draft, 'first_name' | 'last_name' | 'lead_email'>): string {
  return [draft.first_name, draft.last_name].filter(Boolean).join(' ') || draft.lead_email;
}

function entryOfDraft(draft: Draft): Entry {
  const { queue_id, lead_id, company, step_number, channel, status } = draft;
  const { scheduled_at, sent_at, held_until, held_reason, error, rejection } = draft;
  return {
    queue_id,
    draft_id: draft.id,
    draft,
    lead_id,
    company,
    person: personOf(draft),
    campaign: draft.campaign_name,
    campaign_slug: draft.campaign_slug,
    step_number,
    channel,
    status,
    is_personal: isPersonal(draft),
    scheduled_at,
    sent_at,
    held_until,
    held_reason,
    wake: null,
    error,
    rejection,
  };
}

function entryOfItem(item: QueueItem): Entry {
  const { lead_id, company, step_number, channel, status, wake, error } = item;
  const { scheduled_at, sent_at, held_until, held_reason } = item;
  return {
    queue_id: item.id,
    draft_id: item.staged_draft_id,
    draft: null,
    lead_id,
    company,
    person: personOf(item),
    campaign: item.campaign_name,
    campaign_slug: item.campaign_slug,
    step_number,
    channel,
    status,
    is_personal: isPersonal(item),
    scheduled_at,
    sent_at,
    held_until,
    held_reason,
    wake,
    error,
    rejection: null,
  };
}

function isPersonal({ requires_personal_send, channel }: Pick<Draft, 'requires_personal_send' | 'channel'>) {
  return requires_personal_send || CHANNELS[channel].sent_by === 'person';
}
