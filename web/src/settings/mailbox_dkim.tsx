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

/** By what receivers know that mail really comes from the address: the key, its record, and whether DNS has it. */
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
          Touchline signs nothing for this mailbox. By a signature receivers know that mail really comes from{' '}
          {domainOf(mailbox.address)}; large ones ask for it. You need none here if your mail server signs by
          itself.
        </p>
      ) : (
        <Signed mailbox={mailbox} dkim={dkim} />
      )}
      {mayPlan(me) ? (
        <div className="actions">
          <button type="button" onClick={() => setAsking(known)}>
            {dkim === null ? 'Sign its mail …' : 'Use another key …'}
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
        Messages are signed as {dkim.domain}, by the selector {dkim.selector}.
      </p>
      <InDns mailbox={mailbox} dkim={dkim} />
      <p className="muted">The record of type TXT in the DNS of {dkim.domain}:</p>
      <dl className="settings_facts">
        <div>
          <dt>Name</dt>
          <dd>
            <ShownOnce label="Name of the record" text={dkim.dns_name} action="Copy the name" />
          </dd>
        </div>
        <div>
          <dt>Value</dt>
          <dd>
            <ShownOnce label="Value of the record" text={dkim.dns_value} action="Copy the value" />
          </dd>
        </div>
      </dl>
    </>
  );
}

/** Asked when someone looks, and again when they say so: DNS keeps what it once said for a while. */
function InDns({ mailbox: { id }, dkim }: { mailbox: Mailbox; dkim: Dkim }) {
  const found = useQuery({
    queryKey: ['settings', 'dkim', id, dkim.dns_value],
    queryFn: () => read(api.GET('/mailboxes/{id}/dkim', { params: { path: { id } } })),
  });
  const said = found.data === undefined ? null : dkimStateWords(found.data.state);
  return (
    <>
      <p className={`notice ${said?.look ?? ''}`.trim()} role="status">
        {said === null ? 'Asking DNS …' : said.words}
      </p>
      <Failure error={found.error} />
      <div className="actions">
        <ActionButton type="button" is_busy={found.isFetching} onClick={() => found.refetch()}>
          Look in DNS again
        </ActionButton>
      </div>
    </>
  );
}

function SignNoMore({ known }: { known: ReadMailbox }) {
  const [asked, setAsked] = useState<ReadMailbox | null>(null);
  const ending = useMutation({
    mutationFn: (of: ReadMailbox) => patchMailbox(of, { dkim: null }),
    onSuccess: () => announce('It signs no more, and the key is gone.'),
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
        Sign no more …
      </ActionButton>
      {asked === null ? null : (
        <ConfirmDialog
          title={`Send from ${known.mailbox.address} without a signature? The key cannot be had back.`}
          action="Sign no more"
          otherwise="Keep signing"
          onConfirm={() => ending.mutate(asked)}
          onClose={() => setAsked(null)}
        />
      )}
      {isRefusal(ending.error, 'version_changed') ? (
        <p className="notice notice_bad" role="alert">
          Somebody changed this mailbox meanwhile, so nothing was done. It stands here as it is now.
        </p>
      ) : (
        <Failure error={ending.error} />
      )}
    </>
  );
}
