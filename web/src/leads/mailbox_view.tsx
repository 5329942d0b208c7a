import { useMutation, useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { api, read } from '../api/client.ts';
import { useMe } from '../sessions/me.ts';
import { mayKeepRecords } from '../sessions/roles.ts';
import { announce } from '../ui/announce.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Failure } from '../ui/failure.tsx';
import { Field } from '../ui/field.tsx';
import { Time } from '../ui/time.tsx';
import { leadChanged } from './lead.ts';

/** The mailbox that sends to a lead: it stays the same unless a user changes it. */
export function MailboxView({ lead_id }: { lead_id: string }) {
  const [is_asking, setAsking] = useState(false);
  const me = useMe();
  const mailbox = useQuery({
    queryKey: ['leads', lead_id, 'mailbox'],
    queryFn: () => read(api.GET('/leads/{id}/mailbox', { params: { path: { id: lead_id } } })),
  });
  const known = mailbox.data;
  return (
    <section>
      <h2>Mailbox</h2>
      <Failure error={mailbox.error} />
      {known === undefined ? null : (
        <p>
          {known.address === null ? (
            <span className="muted">No mailbox yet. The first message assigns one.</span>
          ) : (
            <>
              <span className="address">{known.address}</span>
              {known.chosen_at === null ? null : (
                <span className="muted">
                  , since <Time iso={known.chosen_at} />
                </span>
              )}
              {known.reason === null ? null : <span className="muted"> (“{known.reason}”)</span>}
            </>
          )}
        </p>
      )}
      {mayKeepRecords(me) && known !== undefined ? (
        <div className="actions actions_small">
          <button type="button" onClick={() => setAsking(true)}>
            Change mailbox…
          </button>
        </div>
      ) : null}
      {is_asking ? (
        <ChooseMailbox
          lead_id={lead_id}
          current_id={known?.mailbox_id ?? null}
          onClose={() => setAsking(false)}
        />
      ) : null}
    </section>
  );
}

type ChooseMailboxProps = { lead_id: string; current_id: string | null; onClose(): void };

function ChooseMailbox({ lead_id, current_id, onClose }: ChooseMailboxProps) {
  const [mailbox_id, setMailbox] = useState('');
  const [reason, setReason] = useState('');
  const mailboxes = useQuery({
    queryKey: ['mailboxes', 'choice'],
    queryFn: () => read(api.GET('/mailboxes', { params: { query: { limit: 200 } } })),
  });
  const others = mailboxes.data?.items.filter(
    ({ id, retired_at }) => id !== current_id && retired_at === null,
  );
  const changing = useMutation({
    mutationFn: () =>
      read(
        api.POST('/leads/{id}/mailbox', { params: { path: { id: lead_id } }, body: { mailbox_id, reason } }),
      ),
    onSuccess: ({ address }) => {
      announce(`Messages to this lead now come from ${address}.`);
      leadChanged();
      onClose();
    },
  });
  const is_ready = mailbox_id !== '' && reason.trim() !== '' && !changing.isPending;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (is_ready) changing.mutate();
  };
  return (
    <Dialog title="Change mailbox" onClose={onClose}>
      <form onSubmit={submit}>
        <p>The lead will hear from a different sender mid-conversation, so a reason is required.</p>
        <Field
          label="Mailbox"
          hint={others?.length === 0 ? 'No other active mailbox. An admin adds mailboxes.' : undefined}
        >
          <select value={mailbox_id} onChange={(event) => setMailbox(event.target.value)} required>
            <option value="">Choose one</option>
            {others?.map(({ id, address }) => (
              <option key={id} value={id}>
                {address}
              </option>
            ))}
          </select>
        </Field>
        <Field label="Reason">
          <textarea
            rows={2}
            maxLength={2_000}
            required
            value={reason}
            onChange={(event) => setReason(event.target.value)}
          />
        </Field>
        <Failure error={mailboxes.error ?? changing.error} />
        <div className="actions">
          <button type="submit" className="primary" disabled={!is_ready}>
            Use this mailbox
          </button>
          <button type="button" onClick={onClose}>
            Cancel
          </button>
        </div>
      </form>
    </Dialog>
  );
}
