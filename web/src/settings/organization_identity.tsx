import { useMutation, useQuery } from '@tanstack/react-query';
import { type FormEvent, useRef, useState } from 'react';
import { cache } from '../api/cache.ts';
import { api, read } from '../api/client.ts';
import { faultsOf } from '../api/faults.ts';
import { readVersioned, type Versioned } from '../api/versioned.ts';
import { useMe, useNow } from '../sessions/me.ts';
import { ActionButton } from '../ui/action_button.tsx';
import { announce } from '../ui/announce.tsx';
import { Failure } from '../ui/failure.tsx';
import { Field } from '../ui/field.tsx';
import { Time } from '../ui/time.tsx';
import { focusFault } from '../ui/unsaved_guard.ts';
import { OrganizationHistory } from './organization_history.tsx';
import { hasRole, isAdmin } from './tabs.ts';
import { type Organization, settingsChanged } from './use_settings.ts';

/** The organization's name, postal address, time zone and sender defaults. Admins change them. */
export function OrganizationIdentity() {
  const me = useMe();
  const organization = useQuery({
    queryKey: ['settings', 'organization'],
    queryFn: () => readVersioned(api.GET('/organization')),
  });
  return (
    <section className="policy_section">
      <h2>Name and address</h2>
      <Failure error={organization.error} />
      {organization.data === undefined ? null : (
        <>
          <Standing organization={organization.data.body} />
          <IdentityForm
            key={organization.data.version}
            organization={organization.data}
            may_change={isAdmin(me)}
          />
        </>
      )}
      {hasRole(me, ['admin', 'auditor']) ? <OrganizationHistory /> : null}
    </section>
  );
}

function Standing({ organization: { own_since, own_by } }: { organization: Organization }) {
  const now_ms = useNow();
  if (own_since === null) {
    return (
      <p className="notice">
        Placeholders. Messages to a real mail server are held until an admin saves your name and postal
        address.
      </p>
    );
  }
  return (
    <p className="muted">
      Shown under every message. Set {own_by === null ? 'at setup' : `by ${own_by}`}{' '}
      <Time iso={own_since} now_ms={now_ms} />.
    </p>
  );
}

type IdentityFormProps = { organization: Versioned<Organization>; may_change: boolean };

const FIELDS = [
  { name: 'name', label: 'Name', max: 200 },
  {
    name: 'legal_name',
    label: 'Legal name',
    max: 200,
    hint: 'If it differs. Shown under messages instead of the name.',
  },
  { name: 'time_zone', label: 'Time zone', max: 100, hint: 'For leads without a time zone of their own.' },
  { name: 'sender_name', label: 'Sender name', max: 200, hint: 'The name that templates sign with.' },
  { name: 'sender_address', label: 'Sender address', max: 254 },
] as const;

type FieldName = (typeof FIELDS)[number]['name'] | 'postal_address';

function IdentityForm({ organization: { body, version }, may_change }: IdentityFormProps) {
  const is_placeholder = body.own_since === null;
  const [values, setValues] = useState<Record<FieldName, string>>({
    name: body.name,
    legal_name: body.legal_name ?? '',
    postal_address: is_placeholder ? '' : body.postal_address,
    time_zone: body.time_zone,
    sender_name: body.sender_name,
    sender_address: body.sender_address,
  });
  const [includes_lead, setIncludesLead] = useState(body.notices_include_lead_text);
  const form = useRef<HTMLFormElement>(null);
  const saving = useMutation({
    mutationFn: () =>
      read(
        api.PATCH('/organization', {
          params: { header: version === null ? {} : { 'If-Match': version } },
          body: {
            ...values,
            legal_name: values.legal_name.trim() === '' ? null : values.legal_name,
            notices_include_lead_text: includes_lead,
          },
        }),
      ),
    onSuccess: () => {
      announce('Organization saved.');
      settingsChanged('organization');
      cache.invalidateQueries({ queryKey: ['today'] });
    },
    onError: () => focusFault(form.current),
  });
  const faults = faultsOf(saving.error);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!saving.isPending) saving.mutate();
  };
  const set = (name: FieldName, value: string) => setValues((before) => ({ ...before, [name]: value }));
  return (
    <form className="settings_form" ref={form} onSubmit={submit}>
      {FIELDS.map(({ name, label, max, ...field }) => (
        <Field key={name} label={label} fault={faults.get(name)} {...field}>
          <input
            required={name !== 'legal_name'}
            readOnly={!may_change}
            maxLength={max}
            autoComplete="off"
            value={values[name]}
            onChange={(event) => set(name, event.target.value)}
          />
        </Field>
      ))}
      <Field
        label="Postal address"
        hint="The law requires one in every commercial message."
        fault={faults.get('postal_address')}
      >
        <textarea
          required
          readOnly={!may_change}
          rows={3}
          maxLength={500}
          placeholder={is_placeholder ? body.postal_address : undefined}
          value={values.postal_address}
          onChange={(event) => set('postal_address', event.target.value)}
        />
      </Field>
      <label className="check">
        <input
          type="checkbox"
          disabled={!may_change}
          checked={includes_lead}
          onChange={({ target }) => setIncludesLead(target.checked)}
        />
        Emailed and posted notifications name the lead and quote the first line of a reply
      </label>
      {faults.size === 0 ? <Failure error={saving.error} /> : null}
      {may_change ? (
        <div className="actions">
          <ActionButton type="submit" className="primary" is_busy={saving.isPending}>
            Save
          </ActionButton>
        </div>
      ) : null}
    </form>
  );
}
