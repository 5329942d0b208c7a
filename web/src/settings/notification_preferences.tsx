import { useMutation, useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { api, read } from '../api/client.ts';
import { faultsOf } from '../api/faults.ts';
import type { NotificationGroup, NotificationPreferences as Preferences } from '../api/schema.d.ts';
import { useNow } from '../sessions/me.ts';
import { ActionButton } from '../ui/action_button.tsx';
import { announce } from '../ui/announce.tsx';
import { Failure } from '../ui/failure.tsx';
import { Field } from '../ui/field.tsx';
import { Time } from '../ui/time.tsx';
import { settingsChanged } from './use_settings.ts';

const KIND_WORDS: Record<NotificationGroup, string> = {
  reply: 'Replies',
  meeting: 'Booked meetings and enrollment requests',
  assigned: 'Assignments',
  manual_send: 'Manual sends',
  warning: 'Warnings',
  play: 'Plays',
  request: 'Decisions on your requests',
};
const DELIVERY_WORDS = { at_once: 'At once', digest: 'Digest', off: 'Off' } as const;
const FORM_WORDS = { slack: 'Slack', teams: 'Teams' } as const;

type Choice = { kind: NotificationGroup } & Partial<Pick<Preferences['items'][number], 'email' | 'webhook'>>;

/** How the user's notifications leave the browser. Each choice is saved at once. */
export function NotificationPreferences() {
  const now_ms = useNow();
  const preferences = useQuery({
    queryKey: ['settings', 'notification_preferences'],
    queryFn: () => read(api.GET('/notification_preferences')),
  });
  const choosing = useMutation({
    mutationFn: ({ kind, ...choice }: Choice) =>
      read(api.PUT('/notification_preferences', { body: { kinds: [kind], ...choice } })),
    onSuccess: (_, { kind }) => announce(`${KIND_WORDS[kind]} saved.`),
    onSettled: () => settingsChanged('notification_preferences'),
  });
  const { data } = preferences;
  return (
    <section className="policy_section">
      <h2>Notifications</h2>
      <p className="muted">
        A digest is one message with all new notifications, sent at 8:00 AM on working days.{' '}
        {data?.includes_lead_text
          ? 'Notifications name the lead and quote the first line of a reply.'
          : 'Notifications carry a link, but no name or text of a lead.'}
      </p>
      <Failure error={preferences.error ?? choosing.error} />
      {data === undefined ? null : (
        <>
          {data.email_failed_at === null ? null : (
            <p className="notice">
              The latest email was not delivered <Time iso={data.email_failed_at} now_ms={now_ms} />.
            </p>
          )}
          <table className="notification_choices">
            <thead>
              <tr>
                <th scope="col">Kind</th>
                <th scope="col">Email</th>
                <th scope="col">Webhook</th>
              </tr>
            </thead>
            <tbody>
              {data.items.map(({ kind, email, webhook }) => (
                <tr key={kind}>
                  <th scope="row">{KIND_WORDS[kind]}</th>
                  <td>
                    <Choices
                      label={`${KIND_WORDS[kind]} by email`}
                      choices={['at_once', 'digest', 'off']}
                      value={email}
                      onChoose={(chosen) => choosing.mutate({ kind, email: chosen })}
                    />
                  </td>
                  <td>
                    <Choices
                      label={`${KIND_WORDS[kind]} by webhook`}
                      choices={['at_once', 'off']}
                      value={webhook}
                      onChoose={(chosen) => choosing.mutate({ kind, webhook: chosen })}
                    />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
          {data.webhook === null ? <NewChatWebhook /> : <ChatWebhook webhook={data.webhook} />}
        </>
      )}
    </section>
  );
}

type ChoicesProps<Value extends keyof typeof DELIVERY_WORDS> = {
  label: string;
  choices: readonly Value[];
  value: Value;
  onChoose(chosen: Value): void;
};

function Choices<Value extends keyof typeof DELIVERY_WORDS>(props: ChoicesProps<Value>) {
  const { label, choices, value, onChoose } = props;
  return (
    <select aria-label={label} value={value} onChange={({ target }) => onChoose(target.value as Value)}>
      {choices.map((choice) => (
        <option key={choice} value={choice}>
          {DELIVERY_WORDS[choice]}
        </option>
      ))}
    </select>
  );
}

function ChatWebhook({ webhook }: { webhook: NonNullable<Preferences['webhook']> }) {
  const now_ms = useNow();
  const { form, host, failing_since, last_error } = webhook;
  const testing = useMutation({
    mutationFn: () => read(api.POST('/notification_preferences/webhook/test')),
  });
  const deleting = useMutation({
    mutationFn: () => read(api.DELETE('/notification_preferences/webhook')),
    onSuccess: () => {
      announce('Webhook deleted.');
      settingsChanged('notification_preferences');
    },
  });
  return (
    <div className="settings_form">
      <p className="long_word">
        {FORM_WORDS[form]} webhook at <strong>{host}</strong>
      </p>
      {failing_since === null ? null : (
        <p className="notice">
          Every message has failed since <Time iso={failing_since} now_ms={now_ms} />
          {last_error === null ? '' : ` (${last_error})`}.
        </p>
      )}
      {testing.data === undefined ? null : (
        <p className="notice notice_good" role="status">
          Test response: {testing.data.status}.
        </p>
      )}
      <Failure error={testing.error ?? deleting.error} />
      <div className="actions">
        <ActionButton type="button" is_busy={testing.isPending} onClick={() => testing.mutate()}>
          Send test message
        </ActionButton>
        <ActionButton
          type="button"
          className="danger"
          is_busy={deleting.isPending}
          onClick={() => deleting.mutate()}
        >
          Delete webhook
        </ActionButton>
      </div>
    </div>
  );
}

function NewChatWebhook() {
  const [form, setForm] = useState<keyof typeof FORM_WORDS>('slack');
  const [url, setUrl] = useState('');
  const setting = useMutation({
    mutationFn: () => read(api.PUT('/notification_preferences/webhook', { body: { form, url: url.trim() } })),
    onSuccess: () => {
      announce('Webhook saved.');
      settingsChanged('notification_preferences');
    },
  });
  const faults = faultsOf(setting.error);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!setting.isPending) setting.mutate();
  };
  return (
    <form className="settings_form" onSubmit={submit}>
      <Field label="Service">
        <select value={form} onChange={({ target }) => setForm(target.value as keyof typeof FORM_WORDS)}>
          {Object.entries(FORM_WORDS).map(([value, words]) => (
            <option key={value} value={value}>
              {words}
            </option>
          ))}
        </select>
      </Field>
      <Field
        label="Webhook URL"
        hint="Receives the notifications chosen under Webhook. The URL is not shown again."
        fault={faults.get('url')}
      >
        <input
          type="url"
          required
          maxLength={2_000}
          autoComplete="off"
          value={url}
          onChange={({ target }) => setUrl(target.value)}
        />
      </Field>
      <Failure error={faults.size === 0 ? setting.error : null} />
      <div className="actions">
        <ActionButton type="submit" is_busy={setting.isPending}>
          Save webhook
        </ActionButton>
      </div>
    </form>
  );
}
