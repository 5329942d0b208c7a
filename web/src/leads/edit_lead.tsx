import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { api, read } from '../api/client.ts';
import { isRefusal, Refusal } from '../api/refusal.ts';
import { useMe } from '../sessions/me.ts';
import { mayKeepRecords } from '../sessions/roles.ts';
import { ActionButton } from '../ui/action_button.tsx';
import { announce } from '../ui/announce.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Failure } from '../ui/failure.tsx';
import { Field } from '../ui/field.tsx';
import { fetchLead, type Lead, leadChanged, nameOf } from './lead.ts';
import { EDITED_FIELDS } from './lead_fields.gen.ts';

type FieldName = (typeof EDITED_FIELDS)[number]['name'];
type Typed = Record<FieldName, string>;

const HINTS = new Map(EDITED_FIELDS.map((field) => [field.name, 'hint' in field ? field.hint : undefined]));

type EditLeadProps = { lead: Lead; version: string | null; onClose(): void };

/** Edits a lead. A concurrent change of the same field is shown before a save replaces it. */
export function EditLead({ lead, version, onClose }: EditLeadProps) {
  const [base, setBase] = useState({ lead, version });
  const [typed, setTyped] = useState<Typed>(() => typedOf(lead));
  const [is_newer, setNewer] = useState<readonly FieldName[]>([]);
  // By its CRM record, a file merges a lead with another.
  const may_merge = mayKeepRecords(useMe());
  const shown = EDITED_FIELDS.filter(({ name }) => name !== 'crm_contact_id' || may_merge);
  const saving = useMutation({
    mutationFn: () => save(base.lead, base.version, typed),
    onSuccess: (saved) => {
      announce(`Saved: ${nameOf(saved)}.`);
      leadChanged();
      onClose();
    },
    onError: async (error) => {
      if (!isRefusal(error, 'version_changed')) return;
      const { body, version: current } = await fetchLead(lead.id);
      const theirs = typedOf(body);
      const before = typedOf(base.lead);
      const changed = EDITED_FIELDS.map(({ name }) => name).filter((name) => theirs[name] !== before[name]);
      // Takes the other user's values for untouched fields and keeps edited ones.
      setTyped((mine) => mapFields((name) => (mine[name] === before[name] ? theirs[name] : mine[name])));
      setBase({ lead: body, version: current });
      setNewer(changed);
    },
  });
  const faults = faultsOf(saving.error);
  const is_same = Object.keys(changesOf(base.lead, typed)).length === 0;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (is_same) onClose();
    else if (!saving.isPending) saving.mutate();
  };
  return (
    <Dialog title={`Edit ${nameOf(lead)}`} is_wide onClose={onClose}>
      <form onSubmit={submit}>
        <div className="field_grid">
          {shown.map(({ name, label, kind }) => (
            <Field key={name} label={label} hint={hintOf(name, is_newer, base.lead)} fault={faults.get(name)}>
              {kind === 'tier' ? (
                <select
                  value={typed[name]}
                  onChange={(event) => setTyped({ ...typed, [name]: event.target.value })}
                >
                  <option value="">Same as account</option>
                  <option>T1</option>
                  <option>T2</option>
                  <option>T3</option>
                </select>
              ) : (
                <input
                  value={typed[name]}
                  maxLength={2_000}
                  onChange={(event) => setTyped({ ...typed, [name]: event.target.value })}
                />
              )}
            </Field>
          ))}
        </div>
        {isRefusal(saving.error, 'version_changed') ? <Changed is_visible={is_newer.length > 0} /> : null}
        {isRefusal(saving.error, 'version_changed') || faults.size > 0 ? null : (
          <Failure error={saving.error} />
        )}
        <div className="actions">
          <ActionButton type="submit" className="primary" is_busy={saving.isPending}>
            Save
          </ActionButton>
          <button type="button" onClick={onClose}>
            Cancel
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function Changed({ is_visible }: { is_visible: boolean }) {
  return (
    <p className="notice notice_bad" role="alert">
      {is_visible
        ? 'Not saved: someone else changed this lead. Review the highlighted changes, then save again. Your edits are kept.'
        : 'Not saved: another field of this lead changed. Save again.'}
    </p>
  );
}

function hintOf(name: FieldName, is_newer: readonly FieldName[], lead: Lead): string | undefined {
  if (!is_newer.includes(name)) return HINTS.get(name);
  return `Changed by someone else to: ${lead[name] ?? 'empty'}.`;
}

function mapFields(fieldOf: (name: FieldName) => string): Typed {
  return Object.fromEntries(EDITED_FIELDS.map(({ name }) => [name, fieldOf(name)])) as Typed;
}

function typedOf(lead: Lead): Typed {
  return mapFields((name) => lead[name] ?? '');
}

/** Sends only changed fields; an emptied field is cleared. */
function changesOf(lead: Lead, typed: Typed): Partial<Record<FieldName, string | null>> {
  const before = typedOf(lead);
  const changed = EDITED_FIELDS.filter(({ name }) => typed[name].trim() !== before[name]);
  return Object.fromEntries(changed.map(({ name }) => [name, typed[name].trim() || null]));
}

function save(lead: Lead, version: string | null, typed: Typed): Promise<Lead> {
  const params = { path: { id: lead.id }, ...(version === null ? {} : { header: { 'If-Match': version } }) };
  return read(
    api.PATCH('/leads/{id}', { params, body: changesOf(lead, typed) as { icp_tier?: 'T1' | null } }),
  );
}

function faultsOf(error: Error | null): ReadonlyMap<string, string> {
  const errors = error instanceof Refusal ? (error.problem.errors ?? []) : [];
  return new Map(errors.map(({ path, message }) => [path, message]));
}
