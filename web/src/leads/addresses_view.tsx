import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { api, read } from '../api/client.ts';
import { faultsOf } from '../api/faults.ts';
import { useMe } from '../sessions/me.ts';
import { mayWork } from '../sessions/roles.ts';
import { ActionButton } from '../ui/action_button.tsx';
import { announce } from '../ui/announce.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Failure } from '../ui/failure.tsx';
import { Field } from '../ui/field.tsx';
import { Time } from '../ui/time.tsx';
import { type Lead, leadChanged } from './lead.ts';

type Address = Lead['addresses'][number];
type Kind = Address['kind'];
type Change = { is_primary?: true; is_ended?: true; is_verified?: boolean };

const KIND_WORDS: Readonly<Record<Kind, string>> = {
  email: 'Email address',
  linkedin: 'LinkedIn profile',
  phone: 'Phone number',
};

/** Every address of a lead: where touches go, and from where the lead may answer. */
export function AddressesView({ lead }: { lead: Lead }) {
  const [is_adding, setAdding] = useState(false);
  const [changing, setChanging] = useState<Address | null>(null);
  const may_work = mayWork(useMe()) && lead.erased_at === null;
  const in_force = lead.addresses.filter(({ until }) => until === null);
  return (
    <section>
      <h2>Addresses</h2>
      {in_force.length === 0 ? <p className="muted">No address.</p> : null}
      <ul className="lead_addresses">
        {in_force.map((address) => (
          <li key={address.id}>
            <span className="address">{shown(address)}</span>
            {address.is_primary ? <span className="badge badge_strong">Primary</span> : null}
            {address.verified_at === null ? null : <span className="badge">Verified</span>}
            {address.is_suppressed ? <span className="badge badge_bad">Suppressed</span> : null}
            {may_work ? (
              <button
                type="button"
                className="quiet"
                aria-label={`Change ${shown(address)}`}
                onClick={() => setChanging(address)}
              >
                Change…
              </button>
            ) : null}
          </li>
        ))}
      </ul>
      {may_work ? (
        <div className="actions actions_small">
          <button type="button" onClick={() => setAdding(true)}>
            Add address…
          </button>
        </div>
      ) : null}
      {is_adding ? <AddAddress lead={lead} onClose={() => setAdding(false)} /> : null}
      {changing === null ? null : <ChangeAddress address={changing} onClose={() => setChanging(null)} />}
    </section>
  );
}

function shown({ kind, value }: Pick<Address, 'kind' | 'value'>): string {
  return kind === 'linkedin' ? value.replace(/^https?:\/\/(www\.)?/, '').replace(/\/$/, '') : value;
}

function AddAddress({ lead, onClose }: { lead: Lead; onClose(): void }) {
  const [kind, setKind] = useState<Kind>('email');
  const [value, setValue] = useState('');
  const [is_primary, setPrimary] = useState(false);
  const adding = useMutation({
    mutationFn: () =>
      read(
        api.POST('/leads/{id}/addresses', {
          params: { path: { id: lead.id } },
          body: { kind, value, is_primary },
        }),
      ),
    onSuccess: () => {
      announce(`${KIND_WORDS[kind]} added.`);
      leadChanged();
      onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!adding.isPending) adding.mutate();
  };
  return (
    <Dialog title="Add address" onClose={onClose}>
      <form onSubmit={submit}>
        <Field label="Kind">
          <select value={kind} onChange={(event) => setKind(event.target.value as Kind)}>
            {Object.entries(KIND_WORDS).map(([one, words]) => (
              <option key={one} value={one}>
                {words}
              </option>
            ))}
          </select>
        </Field>
        <Field
          label={KIND_WORDS[kind]}
          hint="Replies from it are the lead’s."
          fault={faultsOf(adding.error).get('value')}
        >
          <input required maxLength={500} value={value} onChange={(event) => setValue(event.target.value)} />
        </Field>
        <label className="check">
          <input
            type="checkbox"
            checked={is_primary}
            onChange={(event) => setPrimary(event.target.checked)}
          />{' '}
          Send touches to it from now on
        </label>
        <Failure error={adding.error} />
        <div className="actions">
          <ActionButton
            type="submit"
            className="primary"
            disabled={value.trim() === ''}
            is_busy={adding.isPending}
          >
            Add
          </ActionButton>
          <button type="button" onClick={onClose}>
            Cancel
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function ChangeAddress({ address, onClose }: { address: Address; onClose(): void }) {
  const changing = useMutation({
    mutationFn: (body: Change) =>
      read(api.PATCH('/leads/addresses/{id}', { params: { path: { id: address.id } }, body })),
    onSuccess: () => {
      announce('Address changed.');
      leadChanged();
      onClose();
    },
  });
  const { is_primary, verified_at } = address;
  return (
    <Dialog title={shown(address)} onClose={onClose}>
      <p className="muted">
        {KIND_WORDS[address.kind]} since <Time iso={address.since} />.
      </p>
      {is_primary ? <p>Touches go to this address. Make another one primary before you remove it.</p> : null}
      <Failure error={changing.error} />
      <div className="actions">
        {is_primary ? null : (
          <button type="button" className="primary" onClick={() => changing.mutate({ is_primary: true })}>
            Make primary
          </button>
        )}
        <button type="button" onClick={() => changing.mutate({ is_verified: verified_at === null })}>
          {verified_at === null ? 'Mark as verified' : 'Mark as unverified'}
        </button>
        {is_primary ? null : (
          <button type="button" className="danger" onClick={() => changing.mutate({ is_ended: true })}>
            No longer the lead’s
          </button>
        )}
        <button type="button" onClick={onClose}>
          Cancel
        </button>
      </div>
    </Dialog>
  );
}
