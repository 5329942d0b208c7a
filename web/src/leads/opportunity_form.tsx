import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { api, read } from '../api/client.ts';
import { faultsOf } from '../api/faults.ts';
import type { ListedOpportunity } from '../api/schema.d.ts';
import { ActionButton } from '../ui/action_button.tsx';
import { announce } from '../ui/announce.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Failure } from '../ui/failure.tsx';
import { Field } from '../ui/field.tsx';
import { type Lead, leadChanged, nameOf } from './lead.ts';
import { centsOf, OPPORTUNITY_STAGES } from './opportunity.ts';

type Stage = ListedOpportunity['stage'];
type Typed = {
  name: string;
  stage: Stage;
  amount: string;
  currency: string;
  term_months: string;
  lost_reason: string;
};

type EditOpportunityProps = { lead: Lead; known: ListedOpportunity | null; onClose(): void };

/** Records an opportunity of a lead, or changes a recorded one. */
export function EditOpportunity({ lead, known, onClose }: EditOpportunityProps) {
  const [typed, setTyped] = useState<Typed>(() => typedOf(known));
  const amount_cents = typed.amount.trim() === '' ? null : centsOf(typed.amount);
  const is_no_amount = typed.amount.trim() !== '' && amount_cents === null;
  const saving = useMutation({
    mutationFn: () => save(lead.id, known, typed, amount_cents),
    onSuccess: ({ name }) => {
      announce(known === null ? `Recorded: ${name}.` : `Saved: ${name}.`);
      leadChanged();
      onClose();
    },
  });
  const faults = faultsOf(saving.error);
  const set = (changes: Partial<Typed>) => setTyped({ ...typed, ...changes });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!saving.isPending && !is_no_amount) saving.mutate();
  };
  return (
    <Dialog
      title={known === null ? `New opportunity: ${nameOf(lead)}` : known.name}
      is_wide
      onClose={onClose}
    >
      <form onSubmit={submit}>
        <div className="field_grid">
          <Field label="Name" hint="For example, Acme, 50 seats" fault={faults.get('name')}>
            <input
              value={typed.name}
              required
              maxLength={300}
              onChange={(event) => set({ name: event.target.value })}
            />
          </Field>
          <Field label="Stage" fault={faults.get('stage')}>
            <select value={typed.stage} onChange={(event) => set({ stage: event.target.value as Stage })}>
              {OPPORTUNITY_STAGES.map(([value, label]) => (
                <option key={value} value={value}>
                  {label}
                </option>
              ))}
            </select>
          </Field>
          <Field
            label="Amount"
            hint="Of the whole term"
            fault={is_no_amount ? 'Enter an amount such as 12,000.50.' : faults.get('amount_cents')}
          >
            <input
              value={typed.amount}
              inputMode="decimal"
              onChange={(event) => set({ amount: event.target.value })}
            />
          </Field>
          <Field label="Currency" hint="ISO code, such as EUR" fault={faults.get('currency')}>
            <input
              value={typed.currency}
              maxLength={3}
              onChange={(event) => set({ currency: event.target.value })}
            />
          </Field>
          <Field label="Term in months" hint="Blank if there is none" fault={faults.get('term_months')}>
            <input
              value={typed.term_months}
              inputMode="numeric"
              onChange={(event) => set({ term_months: event.target.value })}
            />
          </Field>
          {typed.stage === 'lost' ? (
            <Field label="Reason of the loss" fault={faults.get('lost_reason')}>
              <input
                value={typed.lost_reason}
                maxLength={2000}
                onChange={(event) => set({ lost_reason: event.target.value })}
              />
            </Field>
          ) : null}
        </div>
        {faults.size > 0 ? null : <Failure error={saving.error} />}
        <div className="actions">
          <ActionButton type="submit" className="primary" is_busy={saving.isPending}>
            {known === null ? 'Add opportunity' : 'Save'}
          </ActionButton>
          <button type="button" onClick={onClose}>
            Cancel
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function typedOf(known: ListedOpportunity | null): Typed {
  const { name = '', stage = 'lead', amount_cents = null, currency, term_months, lost_reason } = known ?? {};
  return {
    name,
    stage,
    amount: amount_cents === null ? '' : (amount_cents / 100).toFixed(2),
    currency: currency ?? '',
    term_months: String(term_months ?? ''),
    lost_reason: lost_reason ?? '',
  };
}

function save(lead_id: string, known: ListedOpportunity | null, typed: Typed, amount_cents: number | null) {
  const { name, stage } = typed;
  const reason = stage === 'lost' ? typed.lost_reason.trim() || null : null;
  const worth = {
    amount_cents,
    currency: typed.currency.trim() || null,
    term_months: typed.term_months.trim() === '' ? null : Number(typed.term_months),
  };
  if (known !== null) {
    const body = { name, stage, ...worth, lost_reason: reason };
    return read(api.PATCH('/opportunities/{id}', { params: { path: { id: known.id } }, body }));
  }
  const given = Object.fromEntries(
    Object.entries({ ...worth, lost_reason: reason }).filter(([, value]) => value !== null),
  );
  return read(api.POST('/opportunities', { body: { lead_id, name, stage, ...given } }));
}
