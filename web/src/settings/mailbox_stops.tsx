import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { api, read } from '../api/client.ts';
import { ActionButton } from '../ui/action_button.tsx';
import { announce } from '../ui/announce.tsx';
import { ReasonDialog } from '../ui/reason_dialog.tsx';
import { type Mailbox, settingsChanged } from './use_settings.ts';

type Act = 'pause' | 'retire';

/** Pauses, retires, resumes, or reactivates a mailbox. Pausing and retiring require a reason. */
export function MailboxStops({ mailbox }: { mailbox: Mailbox }) {
  const [asking, setAsking] = useState<Act | null>(null);
  const params = { path: { id: mailbox.id } };
  const stopping = useMutation({
    mutationFn: (reason: string) =>
      asking === 'retire'
        ? read(api.POST('/mailboxes/{id}/retire', { params, body: { reason, undo: false } }))
        : read(api.POST('/mailboxes/{id}/pause', { params, body: { reason } })),
    onSuccess: () => {
      announce(asking === 'retire' ? 'Mailbox retired.' : 'Mailbox paused.');
      setAsking(null);
      settingsChanged('mailboxes');
    },
  });
  const going_on = useMutation({
    mutationFn: () =>
      mailbox.retired_at === null
        ? read(api.POST('/mailboxes/{id}/resume', { params }))
        : read(api.POST('/mailboxes/{id}/retire', { params, body: { undo: true } })),
    onSuccess: () => {
      announce('Mailbox resumed.');
      settingsChanged('mailboxes');
    },
    onError: (error) => announce(error.message),
  });
  const is_retired = mailbox.retired_at !== null;
  const is_stopped = is_retired || mailbox.paused_at !== null || mailbox.retry_at !== null;
  return (
    <>
      {is_stopped ? (
        <ActionButton
          type="button"
          className="primary"
          is_busy={going_on.isPending}
          onClick={() => going_on.mutate()}
        >
          {is_retired ? 'Reactivate' : 'Resume'}
        </ActionButton>
      ) : null}
      {is_retired || mailbox.paused_at !== null ? null : (
        <button type="button" onClick={() => setAsking('pause')}>
          Pause…
        </button>
      )}
      {is_retired ? null : (
        <button type="button" className="danger" onClick={() => setAsking('retire')}>
          Retire…
        </button>
      )}
      {asking === null ? null : (
        <ReasonDialog
          title={asking === 'pause' ? 'Pause this mailbox?' : 'Retire this mailbox?'}
          text={
            asking === 'pause'
              ? 'It sends nothing until someone resumes it. Approved messages wait.'
              : 'It is no longer used. Messages to its leads wait, and no other mailbox sends them.'
          }
          action={asking === 'pause' ? 'Pause' : 'Retire'}
          is_busy={stopping.isPending}
          error={stopping.error}
          onReason={stopping.mutate}
          onClose={() => {
            setAsking(null);
            stopping.reset();
          }}
        />
      )}
    </>
  );
}
