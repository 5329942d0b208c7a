import { useQuery } from '@tanstack/react-query';
import { api, read } from '../api/client.ts';
import { useMe } from '../sessions/me.ts';
import { Field } from '../ui/field.tsx';
import { DRAFT_WORDS, type MailboxDraft } from './mailbox_draft.ts';
import { MailboxServer } from './mailbox_server.tsx';
import { isAdmin } from './tabs.ts';
import { useUsers } from './use_settings.ts';

type FieldsProps = {
  draft: MailboxDraft;
  faults: ReadonlyMap<string, string>;
  onChange(part: Partial<MailboxDraft>): void;
};

type TextName = Exclude<keyof MailboxDraft, 'smtp' | 'imap' | 'owner_user_id' | 'client_id'>;

/** All settings of a mailbox, with the address of a new one. */
export function MailboxFields({ draft, faults, onChange, is_new }: FieldsProps & { is_new: boolean }) {
  const me = useMe();
  const text = (name: TextName, props: { hint?: string; type?: string; required?: boolean } = {}) => (
    <Field label={DRAFT_WORDS[name]} hint={props.hint} fault={faults.get(name)}>
      <input
        type={props.type ?? 'text'}
        required={props.required}
        autoComplete="off"
        value={draft[name]}
        onChange={(event) => onChange({ [name]: event.target.value })}
      />
    </Field>
  );
  return (
    <>
      <div className="form_grid">
        {is_new
          ? text('address', {
              hint: 'It cannot be changed later.',
              type: 'email',
              required: true,
            })
          : null}
        {text('display_name', { hint: 'Shown as the sender.', required: true })}
        <WhoseFields draft={draft} faults={faults} onChange={onChange} />
      </div>
      <fieldset className="form_group">
        <legend>Limits</legend>
        <p className="field_hint">Leave blank to use the policy.</p>
        <div className="form_grid">
          {text('hourly_cap', { type: 'number' })}
          {text('daily_cap', { type: 'number' })}
          {text('gap_seconds', { type: 'number' })}
          {text('recipient_domain_daily_cap', { type: 'number' })}
          {text('time_zone', { hint: 'For example, Europe/London.' })}
          {text('warm_up_began_on', {
            hint: 'Leave blank if warm-up is complete.',
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
            onChange={(smtp) => onChange({ smtp })}
          />
          <MailboxServer
            kind="imap"
            server={draft.imap}
            faults={faults}
            onChange={(imap) => onChange({ imap })}
          />
        </>
      ) : (
        <p className="field_hint">Only admins can change mail servers.</p>
      )}
    </>
  );
}

/** The owner, whose leads use it first, and the brand. Only admins see all users. */
function WhoseFields({ draft, faults, onChange }: FieldsProps) {
  const me = useMe();
  const users = useUsers(isAdmin(me));
  const clients = useQuery({
    queryKey: ['settings', 'clients'],
    queryFn: () => read(api.GET('/clients', { params: { query: { limit: 200 } } })),
  });
  return (
    <>
      {users.data === undefined ? null : (
        <Field
          label={DRAFT_WORDS.owner_user_id}
          hint="Used first for the owner’s leads."
          fault={faults.get('owner_user_id')}
        >
          <select
            value={draft.owner_user_id}
            onChange={(event) => onChange({ owner_user_id: event.target.value })}
          >
            <option value="">No owner</option>
            {users.data.items.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </select>
        </Field>
      )}
      <Field label={DRAFT_WORDS.client_id} fault={faults.get('client_id')}>
        <select value={draft.client_id} onChange={(event) => onChange({ client_id: event.target.value })}>
          <option value="">All brands</option>
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
