import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, read } from '../api/client.ts';
import { usePages } from '../api/pages.ts';
import { useMe, useNow } from '../sessions/me.ts';
import { Empty } from '../ui/empty.tsx';
import { Failure } from '../ui/failure.tsx';
import { Link } from '../ui/link.tsx';
import { Meter } from '../ui/meter.tsx';
import { More } from '../ui/more.tsx';
import { go } from '../ui/route.ts';
import { MailboxForm } from './mailbox_form.tsx';
import { signInWords, stateOf } from './mailbox_words.ts';
import { SettingsPage } from './settings_page.tsx';
import { isAdmin } from './tabs.ts';
import { type Mailbox, REFRESH_MS } from './use_settings.ts';

/** All mailboxes with their state and today's use. */
export function MailboxesPage() {
  const [is_adding, setAdding] = useState(false);
  const me = useMe();
  const pages = usePages(
    ['settings', 'mailboxes', 'list'],
    (cursor) => read(api.GET('/mailboxes', { params: { query: cursor === undefined ? {} : { cursor } } })),
    REFRESH_MS,
  );
  return (
    <SettingsPage
      tab="mailboxes"
      actions={
        isAdmin(me) ? (
          <button type="button" className="primary" onClick={() => setAdding(true)}>
            Add mailbox
          </button>
        ) : undefined
      }
    >
      <Failure error={pages.error} />
      {pages.is_loading ? <p className="muted">Loading…</p> : null}
      {!pages.is_loading && pages.items.length === 0 ? (
        <Empty title="No mailboxes yet">
          <p>Messages are sent from mailboxes. An admin adds the first one here.</p>
        </Empty>
      ) : (
        <ul className="rows rows_wide mailbox_rows">
          {pages.items.map((mailbox) => (
            <li key={mailbox.id}>
              <Link className="row" to={`/settings/mailboxes/${mailbox.id}`}>
                <MailboxRow mailbox={mailbox} />
              </Link>
            </li>
          ))}
        </ul>
      )}
      <More pages={pages} />
      {is_adding ? (
        <MailboxForm
          known={null}
          onClose={() => setAdding(false)}
          onSaved={({ id }) => go(`/settings/mailboxes/${id}`)}
        />
      ) : null}
    </SettingsPage>
  );
}

function MailboxRow({ mailbox }: { mailbox: Mailbox }) {
  const state = stateOf(mailbox, useNow());
  return (
    <>
      <span>
        <strong>{mailbox.address}</strong>
        <span className="row_text muted">
          {mailbox.display_name} · {signInWords(mailbox)}
        </span>
        {state.why === null ? null : <span className="row_text">{state.why}</span>}
      </span>
      <TodayOf mailbox={mailbox} />
      <span className="row_end">
        <span className={state.is_bad ? 'badge badge_bad' : 'badge'}>{state.words}</span>
        {mailbox.dkim === null ? null : <span className="badge">DKIM</span>}
      </span>
    </>
  );
}

function TodayOf({ mailbox: { id, retired_at } }: { mailbox: Mailbox }) {
  const { data } = useMailboxUse(id, retired_at === null);
  return <span>{data === undefined ? null : <UseMeter label="Today" used={data.day} />}</span>;
}

export function useMailboxUse(id: string, is_wanted = true) {
  return useQuery({
    queryKey: ['settings', 'mailboxes', id, 'use'],
    queryFn: () => read(api.GET('/mailboxes/{id}/use', { params: { path: { id } } })),
    refetchInterval: REFRESH_MS,
    enabled: is_wanted,
  });
}

/** A meter if there is a limit, else the count alone. */
export function UseMeter({ label, used }: { label: string; used: { count: number; limit: number | null } }) {
  if (used.limit !== null) return <Meter label={label} value={used.count} max={used.limit} />;
  return (
    <span className="muted">
      {label}: {used.count.toLocaleString('en')}, no limit
    </span>
  );
}
