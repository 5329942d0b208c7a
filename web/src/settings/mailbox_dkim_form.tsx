import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useRef, useState } from 'react';
import { faultsOf, faultsWithin } from '../api/faults.ts';
import { isRefusal } from '../api/refusal.ts';
import { ActionButton } from '../ui/action_button.tsx';
import { announce } from '../ui/announce.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Failure } from '../ui/failure.tsx';
import { Field } from '../ui/field.tsx';
import { focusFault } from '../ui/unsaved_guard.ts';
import { fetchMailbox, patchMailbox, type ReadMailbox } from './mailbox.ts';
import { domainOf, newSelector } from './mailbox_words.ts';
import { settingsChanged } from './use_settings.ts';

type Asked = { kind: 'made' | 'own'; domain: string; selector: string; private_key: string };
type MailboxDkimFormProps = { known: ReadMailbox; onClose(): void };

/** Sets the DKIM key of a mailbox: one that the server creates, or the user's own. */
export function MailboxDkimForm({ known, onClose }: MailboxDkimFormProps) {
  const [base, setBase] = useState(known);
  const { mailbox } = base;
  const [asked, setAsked] = useState<Asked>(() => ({
    kind: 'made',
    domain: mailbox.dkim?.domain ?? domainOf(mailbox.address),
    selector: newSelector(mailbox),
    private_key: '',
  }));
  const form = useRef<HTMLFormElement>(null);
  const saving = useMutation({
    mutationFn: () => patchMailbox(base, { dkim: dkimOf(asked) }),
    onSuccess: async () => {
      await settingsChanged('mailboxes');
      announce('DKIM is on. Publish the record.');
      onClose();
    },
    onError: async (error) => {
      focusFault(form.current);
      if (isRefusal(error, 'version_changed')) setBase(await fetchMailbox(mailbox.id));
    },
  });
  const faults = faultsWithin(faultsOf(saving.error), 'dkim');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!saving.isPending) saving.mutate();
  };
  return (
    <Dialog title={`DKIM for ${mailbox.address}`} onClose={onClose}>
      <form ref={form} onSubmit={submit}>
        <KeyFields asked={asked} faults={faults} onChange={(part) => setAsked({ ...asked, ...part })} />
        <p className="field_hint">
          Signing starts immediately, and you see the record to publish. Until it is in DNS, receivers find no
          key.
        </p>
        {isRefusal(saving.error, 'version_changed') ? (
          <p className="notice notice_bad" role="alert">
            Not saved: someone else changed this mailbox.{' '}
            {mailbox.dkim === null ? 'DKIM is now off.' : `The selector is now ${mailbox.dkim.selector}.`}{' '}
            Save again to continue.
          </p>
        ) : (
          <Failure error={faults.size === 0 ? saving.error : null} />
        )}
        <div className="actions">
          <ActionButton type="submit" className="primary" is_busy={saving.isPending}>
            {asked.kind === 'made' ? 'Create key and sign' : 'Sign with this key'}
          </ActionButton>
          <button type="button" onClick={onClose}>
            Cancel
          </button>
        </div>
      </form>
    </Dialog>
  );
}

type KeyFieldsProps = {
  asked: Asked;
  faults: ReadonlyMap<string, string>;
  onChange(part: Partial<Asked>): void;
};

function KeyFields({ asked, faults, onChange }: KeyFieldsProps) {
  const text = (name: 'domain' | 'selector', label: string, hint: string) => (
    <Field label={label} hint={hint} fault={faults.get(name)}>
      <input
        required
        autoComplete="off"
        spellCheck={false}
        value={asked[name]}
        onChange={(event) => onChange({ [name]: event.target.value })}
      />
    </Field>
  );
  return (
    <>
      <Field
        label="Key"
        hint={asked.kind === 'made' ? 'It stays on the server and is never shown.' : undefined}
      >
        <select
          value={asked.kind}
          onChange={(event) => onChange({ kind: event.target.value as Asked['kind'], private_key: '' })}
        >
          <option value="made">Create a new key pair</option>
          <option value="own">Use my own private key</option>
        </select>
      </Field>
      {text('domain', 'Domain', 'The domain of the address, or a parent of it.')}
      {text('selector', 'Selector', 'Identifies the key within the domain. Each key needs its own.')}
      {asked.kind === 'made' ? null : (
        <Field
          label="Private key"
          hint="RSA, 1024 to 4096 bits, as PEM without a passphrase. Encrypted, and never shown again."
          fault={faults.get('private_key')}
        >
          <textarea
            required
            rows={5}
            autoComplete="off"
            spellCheck={false}
            placeholder="-----BEGIN PRIVATE KEY-----"
            value={asked.private_key}
            onChange={(event) => onChange({ private_key: event.target.value })}
          />
        </Field>
      )}
    </>
  );
}

function dkimOf({ kind, private_key, ...asked }: Asked) {
  return kind === 'made' ? asked : { ...asked, private_key };
}
