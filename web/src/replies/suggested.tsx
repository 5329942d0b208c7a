import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { cache } from '../api/cache.ts';
import { api, read } from '../api/client.ts';
import { ActionButton } from '../ui/action_button.tsx';
import { announce } from '../ui/announce.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Failure } from '../ui/failure.tsx';
import { Field } from '../ui/field.tsx';
import { Link } from '../ui/link.tsx';
import type { Inbound } from './inbound.ts';
import './replies.css';

type SuggestedProps = {
  message: Inbound;
  may_decide: boolean;
  heading?: 'h2' | 'h3';
  onAdded?: () => void;
};

/** The person that a reply suggests instead of its sender, and the action that adds a lead. */
export function Suggested({ message, may_decide, heading: Heading = 'h3', onAdded }: SuggestedProps) {
  const [is_asking, setAsking] = useState(false);
  const { suggested_name, suggested_email, suggested_lead_id } = message;
  if (suggested_name === null && suggested_email === null) return null;
  return (
    <section className={Heading === 'h3' ? 'reply_part' : undefined}>
      <Heading>Suggested person</Heading>
      <p>
        {suggested_name === null ? null : <bdi>{suggested_name}</bdi>}
        {suggested_name === null || suggested_email === null ? '' : ', '}
        {suggested_email === null ? null : <span className="address">{suggested_email}</span>}
        {suggested_lead_id === null ? null : (
          <>
            {' '}
            <Link to={`/leads/${suggested_lead_id}`}>View lead</Link>
          </>
        )}
      </p>
      {may_decide && suggested_lead_id === null ? (
        <div className="actions actions_small">
          <button type="button" onClick={() => setAsking(true)}>
            Add lead…
          </button>
        </div>
      ) : null}
      {is_asking ? (
        <AddLead message={message} onClose={() => setAsking(false)} onAdded={onAdded ?? (() => {})} />
      ) : null}
    </section>
  );
}

type AddLeadProps = { message: Inbound; onClose(): void; onAdded(): void };

function AddLead({ message, onClose, onAdded }: AddLeadProps) {
  const [first = '', ...rest] = (message.suggested_name ?? '').split(' ');
  const [email, setEmail] = useState(message.suggested_email ?? '');
  const [first_name, setFirst] = useState(first);
  const [last_name, setLast] = useState(rest.join(' '));
  const adding = useMutation({
    mutationFn: () => {
      const names = {
        ...(first_name.trim() === '' ? {} : { first_name: first_name.trim() }),
        ...(last_name.trim() === '' ? {} : { last_name: last_name.trim() }),
      };
      const params = { path: { id: message.id } };
      return read(
        api.POST('/inbound/{id}/suggested_lead', { params, body: { email: email.trim(), ...names } }),
      );
    },
    onSuccess: ({ is_new, handled_at }) => {
      announce(is_new ? `${email.trim()} added.` : `${email.trim()} is already a lead.`);
      for (const key of ['replies', 'today', 'leads', 'flags']) cache.invalidateQueries({ queryKey: [key] });
      onClose();
      if (message.handled_at === null && handled_at !== null) onAdded();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!adding.isPending) adding.mutate();
  };
  return (
    <Dialog title="Add lead" onClose={onClose}>
      <form onSubmit={submit}>
        <p>The lead is not enrolled. An existing lead with this address is linked instead.</p>
        <Field label="Email">
          <input type="email" required value={email} onChange={(event) => setEmail(event.target.value)} />
        </Field>
        <Field label="First name">
          <input value={first_name} maxLength={200} onChange={(event) => setFirst(event.target.value)} />
        </Field>
        <Field label="Last name">
          <input value={last_name} maxLength={200} onChange={(event) => setLast(event.target.value)} />
        </Field>
        <Failure error={adding.error} />
        <div className="actions">
          <ActionButton
            type="submit"
            className="primary"
            disabled={email.trim() === ''}
            is_busy={adding.isPending}
          >
            Add lead
          </ActionButton>
          <button type="button" onClick={onClose}>
            Cancel
          </button>
        </div>
      </form>
    </Dialog>
  );
}
