import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, read } from '../api/client.ts';
import { isRefusal } from '../api/refusal.ts';
import { useMe, useNow } from '../sessions/me.ts';
import { ActionButton } from '../ui/action_button.tsx';
import { Empty } from '../ui/empty.tsx';
import { Failure } from '../ui/failure.tsx';
import { Link } from '../ui/link.tsx';
import { Time } from '../ui/time.tsx';
import { fetchMailbox, type ReadMailbox } from './mailbox.ts';
import { MailboxConnection } from './mailbox_connection.tsx';
import { MailboxDkim } from './mailbox_dkim.tsx';
import { MailboxForm } from './mailbox_form.tsx';
import { MailboxStops } from './mailbox_stops.tsx';
import { serverWords, signInWords, stateOf, stoppedWords, usesOauth } from './mailbox_words.ts';
import { UseMeter, useMailboxUse } from './mailboxes_page.tsx';
import { SettingsPage } from './settings_page.tsx';
import { isAdmin, mayPlan } from './tabs.ts';
import { type Mailbox, REFRESH_MS } from './use_settings.ts';

/** One mailbox. */
export function MailboxPage({ id }: { id: string }) {
  const mailbox = useQuery({
    queryKey: ['settings', 'mailboxes', id, 'mailbox'],
    queryFn: () => fetchMailbox(id),
    refetchInterval: REFRESH_MS,
  });
  if (isRefusal(mailbox.error, 'not_found') || isRefusal(mailbox.error, 'input_invalid')) {
    return (
      <Empty title="Mailbox not found">
        <p>
          <Link to="/settings/mailboxes">View mailboxes</Link>.
        </p>
      </Empty>
    );
  }
  return (
    <SettingsPage tab="mailboxes">
      <p className="crumbs">
        <Link to="/settings/mailboxes">‹ All mailboxes</Link>
      </p>
      <Failure error={mailbox.error} />
      {mailbox.data === undefined ? <p className="muted">Loading…</p> : <Known known={mailbox.data} />}
    </SettingsPage>
  );
}

function Known({ known }: { known: ReadMailbox }) {
  const [editing, setEditing] = useState<ReadMailbox | null>(null);
  const { mailbox } = known;
  const me = useMe();
  const state = stateOf(mailbox, useNow());
  return (
    <>
      <div className="page_head">
        <div>
          <h2>{mailbox.address}</h2>
          <p className="muted">{mailbox.display_name}</p>
          <p className="badges">
            <span className={state.is_bad ? 'badge badge_bad' : 'badge'}>{state.words}</span>
          </p>
        </div>
        {mayPlan(me) ? (
          <div className="actions">
            <button type="button" onClick={() => setEditing(known)}>
              Edit
            </button>
            <MailboxStops mailbox={mailbox} />
          </div>
        ) : null}
      </div>
      {state.why === null ? null : (
        <p className="notice notice_bad">
          {state.words}: {state.why}
        </p>
      )}
      <Use mailbox={mailbox} />
      <Facts mailbox={mailbox} />
      {mayPlan(me) ? <Test mailbox={mailbox} /> : null}
      {isAdmin(me) || usesOauth(mailbox) ? <MailboxConnection mailbox={mailbox} /> : null}
      <MailboxDkim known={known} />
      {editing === null ? null : (
        <MailboxForm known={editing} onClose={() => setEditing(null)} onSaved={() => setEditing(null)} />
      )}
    </>
  );
}

function Use({ mailbox }: { mailbox: Mailbox }) {
  const use = useMailboxUse(mailbox.id, mailbox.retired_at === null);
  const stopped = stoppedWords(mailbox, useNow());
  if (use.data === undefined) return null;
  const { hour, day, warm_up_day, next_fit_at, bounce_stop, gap_seconds, time_zone } = use.data;
  return (
    <section className="policy_section">
      <h2>Today</h2>
      <div className="mailbox_meters">
        <UseMeter label="In the last hour" used={hour} />
        <UseMeter label={`Today in ${time_zone}`} used={day} />
      </div>
      <p className="muted">
        {warm_up_day === null ? '' : `Warm-up day ${warm_up_day}: the limit grows each day. `}
        {gap_seconds === 0 ? '' : `${gap_seconds} seconds between messages. `}
        {stopped !== null ? (
          stopped
        ) : next_fit_at === null ? (
          'Ready to send.'
        ) : (
          <>
            Next message from <Time iso={next_fit_at} />.
          </>
        )}
      </p>
      {bounce_stop === null ? null : (
        <p className="notice notice_bad">
          {bounce_stop.bounced_count} of {bounce_stop.sent_count} messages bounced within a day, so no new
          enrollments start from it until <Time iso={bounce_stop.until} />.
        </p>
      )}
    </section>
  );
}

function Facts({ mailbox }: { mailbox: Mailbox }) {
  const { smtp, imap, time_zone, client_id, warm_up_began_on } = mailbox;
  const facts: [string, string][] = [
    ['Sign-in', signInWords(mailbox)],
    ['Outgoing mail', smtp === null ? 'Default server' : serverWords(smtp)],
    ['Incoming mail', imap === null ? 'Not connected' : serverWords(imap)],
    ['Time zone', time_zone ?? 'The organization’s time zone'],
    ['Brand', client_id ?? 'All brands'],
    ['Warm-up', warm_up_began_on === null ? 'Complete' : `Since ${warm_up_began_on}`],
    ['Signature (DKIM)', mailbox.dkim === null ? 'None' : `${mailbox.dkim.domain}, ${mailbox.dkim.selector}`],
  ];
  return (
    <dl className="settings_facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Test({ mailbox: { id } }: { mailbox: Mailbox }) {
  const test = useMutation({
    mutationFn: () =>
      read(api.POST('/mailboxes/{id}/test', { params: { path: { id } }, body: { send: true } })),
  });
  return (
    <section className="policy_section">
      <h2>Test</h2>
      <p className="muted">
        Connects, signs in, and sends you a message. It reaches no lead and counts toward no limit.
      </p>
      <div className="actions">
        <ActionButton type="button" is_busy={test.isPending} onClick={() => test.mutate()}>
          {test.isPending ? 'Sending…' : 'Send test message'}
        </ActionButton>
      </div>
      {test.data === undefined ? null : (
        <p className="notice notice_good" role="status">
          The mail server accepted a test message to {test.data.sent_to}.
          {test.data.paused_at === null ? '' : ' The mailbox stays paused until someone resumes it.'}
        </p>
      )}
      <Failure error={test.error} />
    </section>
  );
}
