import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { api, read } from '../api/client.ts';
import { usePages } from '../api/pages.ts';
import { useMe } from '../sessions/me.ts';
import { ActionButton } from '../ui/action_button.tsx';
import { announce } from '../ui/announce.tsx';
import { ConfirmDialog } from '../ui/confirm_dialog.tsx';
import { Empty } from '../ui/empty.tsx';
import { Failure } from '../ui/failure.tsx';
import { More } from '../ui/more.tsx';
import { Time } from '../ui/time.tsx';
import { Deliveries } from './deliveries.tsx';
import { NewWebhook } from './new_webhook.tsx';
import { SettingsPage } from './settings_page.tsx';
import { isAdmin } from './tabs.ts';
import { REFRESH_MS, settingsChanged, type Webhook } from './use_settings.ts';
import { EVENT_WORDS } from './webhook_words.ts';

/** The organization's webhooks. */
export function WebhooksPage() {
  const [is_adding, setAdding] = useState(false);
  const me = useMe();
  const pages = usePages(
    ['settings', 'webhooks', 'list'],
    (cursor) => read(api.GET('/webhooks', { params: { query: cursor === undefined ? {} : { cursor } } })),
    REFRESH_MS,
  );
  return (
    <SettingsPage
      tab="webhooks"
      actions={
        isAdmin(me) ? (
          <button type="button" className="primary" onClick={() => setAdding(true)}>
            Add webhook
          </button>
        ) : undefined
      }
    >
      <Failure error={pages.error} />
      {!pages.is_loading && pages.items.length === 0 ? (
        <Empty title="No webhooks">
          <p>
            A webhook notifies another program immediately: a draft is pending, a message was sent, a lead
            opted out. It sends ids only; the program reads the rest with its own API key.
          </p>
        </Empty>
      ) : null}
      <ul className="record_list record_list_wide">
        {pages.items.map((webhook) => (
          <WebhookLine key={webhook.id} webhook={webhook} may_change={isAdmin(me)} />
        ))}
      </ul>
      <More pages={pages} />
      {is_adding ? <NewWebhook onClose={() => setAdding(false)} /> : null}
    </SettingsPage>
  );
}

const DISABLED_WORDS = {
  gone: 'its receiver reported that it is gone',
  failing: 'no delivery succeeded for five days',
  secret_lost: 'its secret cannot be decrypted',
} as const;

function WebhookLine({ webhook, may_change }: { webhook: Webhook; may_change: boolean }) {
  const [shown, setShown] = useState<'deliveries' | 'delete' | null>(null);
  const { id, url, events, agent_id, failing_since, disabled_at, disabled_reason } = webhook;
  const params = { path: { id } };
  const testing = useMutation({ mutationFn: () => read(api.POST('/webhooks/{id}/test', { params })) });
  const deleting = useMutation({
    mutationFn: () => read(api.DELETE('/webhooks/{id}', { params })),
    onSuccess: () => {
      announce('Webhook deleted.');
      settingsChanged('webhooks');
    },
    onError: (error) => announce(error.message),
  });
  return (
    <li>
      <div>
        <p className="long_word">
          <strong>{url}</strong>
        </p>
        <p className="muted">
          {events.map((event) => EVENT_WORDS[event]).join(', ')}
          {agent_id === null ? '' : ` · only tasks of ${agent_id}`}
        </p>
        {disabled_at === null ? null : (
          <p className="notice notice_bad">
            Disabled <Time iso={disabled_at} />
            {disabled_reason === null ? '' : `: ${DISABLED_WORDS[disabled_reason]}`}.
          </p>
        )}
        {disabled_at === null && failing_since !== null ? (
          <p className="notice">
            Every attempt has failed since <Time iso={failing_since} />.
          </p>
        ) : null}
        {testing.data === undefined ? null : (
          <p className="notice notice_good" role="status">
            Test response: {testing.data.status}.
          </p>
        )}
        <Failure error={testing.error} />
        {shown === 'deliveries' ? <Deliveries webhook_id={id} /> : null}
      </div>
      <div className="actions">
        <button
          type="button"
          aria-expanded={shown === 'deliveries'}
          onClick={() => setShown(shown === 'deliveries' ? null : 'deliveries')}
        >
          Deliveries
        </button>
        {may_change ? (
          <>
            <ActionButton type="button" is_busy={testing.isPending} onClick={() => testing.mutate()}>
              Test
            </ActionButton>
            <button type="button" className="danger" onClick={() => setShown('delete')}>
              Delete…
            </button>
          </>
        ) : null}
      </div>
      {shown === 'delete' ? (
        <ConfirmDialog
          title="Delete this webhook? Pending deliveries are dropped."
          action="Delete"
          otherwise="Keep webhook"
          onConfirm={() => deleting.mutate()}
          onClose={() => setShown(null)}
        />
      ) : null}
    </li>
  );
}
