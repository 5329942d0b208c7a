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
import { EVENT_WORDS, type WebhookEvent } from './webhook_words.ts';

/** Adds a webhook and shows its secret once. */
export function NewWebhook({ onClose }: { onClose(): void }) {
  const [url, setUrl] = useState('');
  const [agent_id, setAgent] = useState('');
  const [events, setEvents] = useState<readonly WebhookEvent[]>([]);
  const agents = useAgents();
  const adding = useMutation({
    mutationFn: () => {
      const body = { url: url.trim(), events: [...events], ...(agent_id === '' ? {} : { agent_id }) };
      return read(api.POST('/webhooks', { body }));
    },
    onSuccess: () => settingsChanged('webhooks'),
  });
  const faults = faultsOf(adding.error);
  if (adding.data !== undefined) {
    return (
      <Dialog title="Webhook added" onClose={onClose}>
        <p>Receivers verify our messages with this secret. It is shown only once.</p>
        <ShownOnce label="Secret" text={adding.data.secret} />
      </Dialog>
    );
  }
  const is_about_tasks = events.length > 0 && events.every((event) => event.startsWith('task.'));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!adding.isPending) adding.mutate();
  };
  return (
    <Dialog title="Add webhook" onClose={onClose}>
      <form onSubmit={submit}>
        <Field label="URL" hint="An https URL on the public internet." fault={faults.get('url')}>
          <input
            type="url"
            required
            maxLength={2_000}
            value={url}
            onChange={(event) => setUrl(event.target.value)}
          />
        </Field>
        <fieldset className="settings_choices">
          <legend>Events</legend>
          {Object.entries(EVENT_WORDS).map(([event, words]) => (
            <label className="check" key={event}>
              <input
                type="checkbox"
                checked={events.includes(event as WebhookEvent)}
                onChange={({ target }) =>
                  setEvents(
                    target.checked
                      ? [...events, event as WebhookEvent]
                      : events.filter((one) => one !== event),
                  )
                }
              />
              {words}
            </label>
          ))}
          {faults.get('events') === undefined ? null : <p className="field_fault">{faults.get('events')}</p>}
        </fieldset>
        {is_about_tasks ? (
          <Field label="Tasks of" fault={faults.get('agent_id')}>
            <select value={agent_id} onChange={(event) => setAgent(event.target.value)}>
              <option value="">All agents</option>
              {agents.data?.items.map(({ id, display_name }) => (
                <option key={id} value={id}>
                  {display_name}
                </option>
              ))}
            </select>
          </Field>
        ) : null}
        <Failure error={adding.error} />
        <div className="actions">
          <ActionButton
            type="submit"
            className="primary"
            disabled={events.length === 0}
            is_busy={adding.isPending}
          >
            Add webhook
          </ActionButton>
          <button type="button" onClick={onClose}>
            Cancel
          </button>
        </div>
      </form>
    </Dialog>
  );
}
