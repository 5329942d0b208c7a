import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useRef, useState } from 'react';
import { cache } from '../api/cache.ts';
import { api, read } from '../api/client.ts';
import { faultsOf } from '../api/faults.ts';
import { ActionButton } from '../ui/action_button.tsx';
import { announce } from '../ui/announce.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Failure } from '../ui/failure.tsx';
import { Field } from '../ui/field.tsx';
import { focusFault } from '../ui/unsaved_guard.ts';
import { type Brand, settingsChanged } from './use_settings.ts';

type BrandFormProps = {
  /** Null: a new brand. */
  brand: Brand | null;
  onClose(): void;
};

/** Adds or renames a brand. */
export function BrandForm({ brand, onClose }: BrandFormProps) {
  const [name, setName] = useState(brand?.name ?? '');
  // Follows the name until the user edits it.
  const [own_id, setOwnId] = useState<string | null>(null);
  const client_id = own_id ?? shortName(name);
  const form = useRef<HTMLFormElement>(null);
  const saving = useMutation({
    mutationFn: () =>
      brand === null
        ? read(api.POST('/clients', { body: { client_id, name: name.trim() } }))
        : read(
            api.PATCH('/clients/{client_id}', {
              params: { path: { client_id: brand.client_id } },
              body: { name: name.trim() },
            }),
          ),
    onSuccess: (saved) => {
      announce(brand === null ? `${saved.name} added.` : `Renamed to ${saved.name}.`);
      settingsChanged('clients');
      cache.invalidateQueries({ queryKey: ['clients'] });
      onClose();
    },
    onError: () => focusFault(form.current),
  });
  const faults = faultsOf(saving.error);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!saving.isPending) saving.mutate();
  };
  return (
    <Dialog title={brand === null ? 'Add brand' : `Rename ${brand.name}`} onClose={onClose}>
      <form ref={form} onSubmit={submit}>
        <Field label="Name" fault={faults.get('name')}>
          <input
            required
            maxLength={200}
            autoComplete="off"
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
        </Field>
        {brand === null ? (
          <Field
            label="Short name"
            hint="Identifies the brand in campaign files and other programs. It cannot be changed later."
            fault={faults.get('client_id')}
          >
            <input
              required
              maxLength={63}
              autoComplete="off"
              spellCheck={false}
              value={client_id}
              onChange={(event) => setOwnId(event.target.value)}
            />
          </Field>
        ) : null}
        {faults.size === 0 ? <Failure error={saving.error} /> : null}
        <div className="actions">
          <ActionButton type="submit" className="primary" is_busy={saving.isPending}>
            {brand === null ? 'Add brand' : 'Save'}
          </ActionButton>
          <button type="button" onClick={onClose}>
            Cancel
          </button>
        </div>
      </form>
    </Dialog>
  );
}

/** Turns `Fjörd & Co` into `fjord_co`. */
function shortName(name: string): string {
  return name
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replaceAll(/^_+|_+$/g, '')
    .slice(0, 63);
}
