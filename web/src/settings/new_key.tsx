import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { api, read } from '../api/client.ts';
import { faultsOf } from '../api/faults.ts';
import { ActionButton } from '../ui/action_button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Failure } from '../ui/failure.tsx';
import { Field } from '../ui/field.tsx';
import { ShownOnce } from './shown_once.tsx';
import { settingsChanged, useAgents } from './use_settings.ts';

const SCOPE_WORDS = [
  ['all', 'All permissions of its owner'],
  ['read', 'Read only'],
  ['own', 'Read, and change only…'],
] as const;
const NOUNS = [
  'accounts',
  'agents',
  'campaigns',
  'drafts',
  'enrollments',
  'flags',
  'inbound',
  'leads',
  'mailboxes',
  'notifications',
  'plays',
  'policy',
  'send_queue',
  'sequence_requests',
  'tasks',
  'webhooks',
] as const;

type Scope = (typeof SCOPE_WORDS)[number][0];

/** Creates an API key and shows it once. `for_agents`: an admin creates it for an agent; else it is the user's own. */
export function NewKey({ for_agents, onClose }: { for_agents: boolean; onClose(): void }) {
  const [name, setName] = useState('');
  const [agent_id, setAgent] = useState('');
  const [scope, setScope] = useState<Scope>('all');
  const [nouns, setNouns] = useState<readonly string[]>([]);
  const [ends_on, setEnd] = useState('');
  const agents = useAgents();
  const making = useMutation({
    mutationFn: () => {
      const scopes =
        scope === 'all'
          ? undefined
          : ['read', ...(scope === 'own' ? nouns.map((noun) => `${noun}:write`) : [])];
      const body = {
        name: name.trim(),
        ...(for_agents ? { agent_id } : {}),
        ...(scopes === undefined ? {} : { scopes: scopes as 'read'[] }),
        ...(ends_on === '' ? {} : { expires_at: new Date(`${ends_on}T23:59:59`).toISOString() }),
      };
      return read(api.POST('/api_keys', { body }));
    },
    onSuccess: () => settingsChanged('keys'),
  });
  const faults = faultsOf(making.error);
  if (making.data !== undefined) {
    return (
      <Dialog title={`Key “${making.data.name}”`} onClose={onClose}>
        <p>This key is shown only once. Store it as a secret.</p>
        <ShownOnce label="API key" text={making.data.key} />
      </Dialog>
    );
  }
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!making.isPending) making.mutate();
  };
  return (
    <Dialog title={for_agents ? 'Create agent key' : 'Create API key'} onClose={onClose}>
      <form onSubmit={submit}>
        <Field label="Name" hint="The program that uses it." fault={faults.get('name')}>
          <input required maxLength={200} value={name} onChange={(event) => setName(event.target.value)} />
        </Field>
        {for_agents ? (
          <Field label="Agent" fault={faults.get('agent_id')}>
            <select required value={agent_id} onChange={(event) => setAgent(event.target.value)}>
              <option value="">Choose one</option>
              {agents.data?.items.map(({ id, display_name }) => (
                <option key={id} value={id}>
                  {display_name === id ? id : `${display_name} (${id})`}
                </option>
              ))}
            </select>
          </Field>
        ) : null}
        <Field label="Permissions" fault={faults.get('scopes')}>
          <select value={scope} onChange={(event) => setScope(event.target.value as Scope)}>
            {SCOPE_WORDS.map(([one, words]) => (
              <option key={one} value={one}>
                {words}
              </option>
            ))}
          </select>
        </Field>
        {scope === 'own' ? (
          <fieldset className="settings_choices">
            <legend>Change</legend>
            {NOUNS.map((noun) => (
              <label className="check" key={noun}>
                <input
                  type="checkbox"
                  checked={nouns.includes(noun)}
                  onChange={(event) =>
                    setNouns(event.target.checked ? [...nouns, noun] : nouns.filter((one) => one !== noun))
                  }
                />
                {noun.replaceAll('_', ' ')}
              </label>
            ))}
          </fieldset>
        ) : null}
        <Field
          label="Expires"
          hint={for_agents ? 'Leave blank for no expiry.' : 'Leave blank for 90 days.'}
          fault={faults.get('expires_at')}
        >
          <input type="date" value={ends_on} onChange={(event) => setEnd(event.target.value)} />
        </Field>
        <Failure error={faults.size === 0 ? making.error : null} />
        <div className="actions">
          <ActionButton type="submit" className="primary" is_busy={making.isPending}>
            Create key
          </ActionButton>
          <button type="button" onClick={onClose}>
            Cancel
          </button>
        </div>
      </form>
    </Dialog>
  );
}
