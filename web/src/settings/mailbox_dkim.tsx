import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, read } from '../api/client.ts';
import { isRefusal } from '../api/refusal.ts';
import type { Dkim } from '../api/schema.d.ts';
import { useMe } from '../sessions/me.ts';
import { ActionButton } from '../ui/action_button.tsx';
import { announce } from '../ui/announce.tsx';
import { ConfirmDialog } from '../ui/confirm_dialog.tsx';
import { Failure } from '../ui/failure.tsx';
import { patchMailbox, type ReadMailbox } from './mailbox.ts';
import { MailboxDkimForm } from './mailbox_dkim_form.tsx';
import { dkimStateWords, domainOf } from './mailbox_words.ts';
import { ShownOnce } from './shown_once.tsx';
import { mayPlan } from './tabs.ts';
import { type Mailbox, settingsChanged } from './use_settings.ts';

/** DKIM of a mailbox: the key, its DNS record, and whether DNS has it. */
export function MailboxDkim({ known }: { known: ReadMailbox }) {
  const [asking, setAsking] = useState<ReadMailbox | null>(null);
  const me = useMe();
  const { mailbox } = known;
  const { dkim } = mailbox;
  return (
    <section className="policy_section">
      <h2>Signature (DKIM)</h2>
      {dkim === null ? (
        <p className="muted">
          DKIM is off for this mailbox. A signature proves to receivers that mail really comes from{' '}
          {domainOf(mailbox.address)}; large ones require it. You need none here if your mail server signs.
        </p>
      ) : (
        <Signed mailbox={mailbox} dkim={dkim} />
      )}
      {mayPlan(me) ? (
        <div className="actions">
          <button type="button" onClick={() => setAsking(known)}>
            {dkim === null ? 'Turn on DKIM…' : 'Change key…'}
          </button>
          {dkim === null ? null : <SignNoMore known={known} />}
        </div>
      ) : null}
      {asking === null ? null : <MailboxDkimForm known={asking} onClose={() => setAsking(null)} />}
    </section>
  );
}

function Signed({ mailbox, dkim }: { mailbox: Mailbox; dkim: Dkim }) {
  return (
    <>
      <p>
        Messages are signed for {dkim.domain} with the selector {dkim.selector}.
      </p>
      <InDns mailbox={mailbox} dkim={dkim} />
      <p className="muted">TXT record in the DNS of {dkim.domain}:</p>
      <dl className="settings_facts">
        <div>
          <dt>Name</dt>
          <dd>
            <ShownOnce label="Record name" text={dkim.dns_name} action="Copy name" />
          </dd>
        </div>
        <div>
          <dt>Value</dt>
          <dd>
            <ShownOnce label="Record value" text={dkim.dns_value} action="Copy value" />
          </dd>
        </div>
      </dl>
    </>
  );
}

/** Checks DNS when the page opens and again on request, because DNS answers are cached. */
function InDns({ mailbox: { id }, dkim }: { mailbox: Mailbox; dkim: Dkim }) {
  const found = useQuery({
    queryKey: ['settings', 'dkim', id, dkim.dns_value],
    queryFn: () => read(api.GET('/mailboxes/{id}/dkim', { params: { path: { id } } })),
  });
  const said = found.data === undefined ? null : dkimStateWords(found.data.state);
  return (
    <>
      <p className={`notice ${said?.look ?? ''}`.trim()} role="status">
        {said === null ? 'Checking DNS…' : said.words}
      </p>
      <Failure error={found.error} />
      <div className="actions">
        <ActionButton type="button" is_busy={found.isFetching} onClick={() => found.refetch()}>
          Check DNS again
        </ActionButton>
      </div>
    </>
  );
}

function SignNoMore({ known }: { known: ReadMailbox }) {
  const [asked, setAsked] = useState<ReadMailbox | null>(null);
  const ending = useMutation({
    mutationFn: (of: ReadMailbox) => patchMailbox(of, { dkim: null }),
    onSuccess: () => announce('DKIM is off and the key is deleted.'),
    onSettled: () => {
      setAsked(null);
      return settingsChanged('mailboxes');
    },
  });
  return (
    <>
      <ActionButton
        type="button"
        className="danger"
        is_busy={ending.isPending}
        onClick={() => setAsked(known)}
      >
        Turn off DKIM…
      </ActionButton>
      {asked === null ? null : (
        <ConfirmDialog
          title={`Turn off DKIM for ${known.mailbox.address}? The key is deleted for good.`}
          action="Turn off DKIM"
          otherwise="Keep DKIM on"
          onConfirm={() => ending.mutate(asked)}
          onClose={() => setAsked(null)}
        />
      )}
      {isRefusal(ending.error, 'version_changed') ? (
        <p className="notice notice_bad" role="alert">
          Not changed: someone else changed this mailbox. The current version is shown here.
        </p>
      ) : (
        <Failure error={ending.error} />
      )}
    </>
  );
}
