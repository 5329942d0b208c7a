import { useMutation, useQuery } from '@tanstack/react-query';
import { type FormEvent, useRef, useState } from 'react';
import { api, read } from '../api/client.ts';
import { faultsOf } from '../api/faults.ts';
import { useMe } from '../sessions/me.ts';
import { announce } from '../ui/announce.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Failure } from '../ui/failure.tsx';
import { Field } from '../ui/field.tsx';
import { focusFault } from '../ui/unsaved_guard.ts';
import { bodyOf, type MailboxDraft, mailboxDraft } from './mailbox_draft.ts';
import { MailboxServer } from './mailbox_server.tsx';
import { isAdmin } from './tabs.ts';
import { type Mailbox, settingsChanged, useUsers } from './use_settings.ts';

type MailboxFormProps = {
  /** Null: a new one. */
  mailbox: Mailbox | null;
  onSaved(mailbox: Mailbox): void;
  onClose(): void;
};

/** Adds a mailbox or changes one. */
export function MailboxForm({ mailbox, onSaved, onClose }: MailboxFormProps) {
  const [draft, setDraft] = useState(() => mailboxDraft(mailbox));
  const me = useMe();
  const form = useRef<HTMLFormElement>(null);
  const saving = useMutation({
    mutationFn: () => {
      const body = bodyOf(draft, mailbox, isAdmin(me));
      return mailbox === null
        ? read(api.POST('/mailboxes', { body: { ...body, address: draft.address.trim() } }))
        : read(api.PATCH('/mailboxes/{id}', { params: { path: { id: mailbox.id } }, body }));
    },
    onSuccess: (saved) => {
      announce(mailbox === null ? 'The mailbox is there. Try it with a test message.' : 'Saved.');
      settingsChanged('mailboxes');
      onSaved(saved);
    },
    onError: () => focusFault(form.current),
  });
  const faults = faultsOf(saving.error);
  const set = (part: Partial<MailboxDraft>) => setDraft({ ...draft, ...part });
  const text = (
    name: TextName,
    props: { label: string; hint?: string; type?: string; required?: boolean },
  ) => (
    <Field label={props.label} hint={props.hint} fault={faults.get(name)}>
      <input
        type={props.type ?? 'text'}
        required={props.required}
        autoComplete="off"
        value={draft[name]}
        onChange={(event) => set({ [name]: event.target.value })}
      />
    </Field>
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!saving.isPending) saving.mutate();
  };
  return (
    <Dialog title={mailbox === null ? 'Add a mailbox' : `Edit ${mailbox.address}`} is_wide onClose={onClose}>
      <form ref={form} onSubmit={submit}>
        <div className="form_grid">
          {mailbox === null
            ? text('address', {
                label: 'Address',
                hint: 'It is never changed later.',
                type: 'email',
                required: true,
              })
            : null}
          {text('display_name', { label: 'Name', hint: 'Shown as the sender.', required: true })}
          <WhoseFields draft={draft} faults={faults} onChange={set} />
        </div>
        <fieldset className="form_group">
          <legend>Its limits</legend>
          <p className="field_hint">Empty: what the policy says.</p>
          <div className="form_grid">
            {text('hourly_cap', { label: 'Messages in any hour', type: 'number' })}
            {text('daily_cap', { label: 'Messages on one day', type: 'number' })}
            {text('gap_seconds', { label: 'Seconds between two messages', type: 'number' })}
            {text('recipient_domain_daily_cap', { label: 'To one company on one day', type: 'number' })}
            {text('time_zone', { label: 'Time zone of its day', hint: 'Such as Europe/London.' })}
            {text('warm_up_began_on', {
              label: 'Warm-up began on',
              hint: 'Empty: it is warm.',
              type: 'date',
            })}
          </div>
        </fieldset>
        {isAdmin(me) ? (
          <>
            <MailboxServer
              kind="smtp"
              server={draft.smtp}
              faults={faults}
              onChange={(smtp) => set({ smtp })}
            />
            <MailboxServer
              kind="imap"
              server={draft.imap}
              faults={faults}
              onChange={(imap) => set({ imap })}
            />
          </>
        ) : (
          <p className="field_hint">An admin sets its mail servers.</p>
        )}
        <Failure error={saving.error} />
        <div className="actions">
          <button type="submit" className="primary" disabled={saving.isPending}>
            {mailbox === null ? 'Add the mailbox' : 'Save'}
          </button>
          <button type="button" onClick={onClose}>
            Cancel
          </button>
        </div>
      </form>
    </Dialog>
  );
}

type TextName = Exclude<keyof MailboxDraft, 'smtp' | 'imap' | 'owner_user_id' | 'client_id'>;

type WhoseFieldsProps = {
  draft: MailboxDraft;
  faults: ReadonlyMap<string, string>;
  onChange(part: Partial<MailboxDraft>): void;
};

/** Whose leads hear from it first, and for which brand. Only admins see everyone. */
function WhoseFields({ draft, faults, onChange }: WhoseFieldsProps) {
  const me = useMe();
  const users = useUsers(isAdmin(me));
  const clients = useQuery({
    queryKey: ['settings', 'clients'],
    queryFn: () => read(api.GET('/clients', { params: { query: { limit: 200 } } })),
  });
  return (
    <>
      {users.data === undefined ? null : (
        <Field label="Whose" hint="Their leads hear from it first." fault={faults.get('owner_user_id')}>
          <select
            value={draft.owner_user_id}
            onChange={(event) => onChange({ owner_user_id: event.target.value })}
          >
            <option value="">Nobody’s in particular</option>
            {users.data.items.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </select>
        </Field>
      )}
      <Field label="For the brand" fault={faults.get('client_id')}>
        <select value={draft.client_id} onChange={(event) => onChange({ client_id: event.target.value })}>
          <option value="">Every brand</option>
          {clients.data?.items.map(({ client_id, name }) => (
            <option key={client_id} value={client_id}>
              {name}
            </option>
          ))}
        </select>
      </Field>
    </>
  );
}
