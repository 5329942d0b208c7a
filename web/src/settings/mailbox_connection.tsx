import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { api, read } from '../api/client.ts';
import { faultsOf } from '../api/faults.ts';
import { useMe } from '../sessions/me.ts';
import { ActionButton } from '../ui/action_button.tsx';
import { announce } from '../ui/announce.tsx';
import { ConfirmDialog } from '../ui/confirm_dialog.tsx';
import { Failure } from '../ui/failure.tsx';
import { Field } from '../ui/field.tsx';
import { OutLink } from '../ui/link.tsx';
import { Time } from '../ui/time.tsx';
import { failureWords, PROVIDER_WORDS, usesOauth } from './mailbox_words.ts';
import { ShownOnce } from './shown_once.tsx';
import { isAdmin } from './tabs.ts';
import { type Mailbox, settingsChanged } from './use_settings.ts';

type Provider = NonNullable<Mailbox['oauth']>['provider'];
type Asked = Record<'client_id' | 'client_secret' | 'authorize_url' | 'token_url', string> & {
  provider: Provider;
};

/** The OAuth connection of a mailbox, and the form that creates it. */
export function MailboxConnection({ mailbox }: { mailbox: Mailbox }) {
  const [is_asking, setAsking] = useState(false);
  const me = useMe();
  const { oauth } = mailbox;
  return (
    <section className="policy_section">
      <h2>OAuth</h2>
      {oauth?.connected_at == null ? (
        <p className="muted">
          {usesOauth(mailbox)
            ? 'Not connected, so it cannot send. The mailbox’s user consents once, in your browser.'
            : 'Gmail and Microsoft 365 do not accept passwords from programs. Choose OAuth for their servers, then connect here.'}
        </p>
      ) : (
        <p>
          Connected to {PROVIDER_WORDS[oauth.provider]} as {oauth.user} since{' '}
          <Time iso={oauth.connected_at} />.
        </p>
      )}
      {oauth?.failure == null ? null : <p className="notice notice_bad">{failureWords(oauth.failure)}</p>}
      {isAdmin(me) ? (
        <div className="actions">
          <button type="button" onClick={() => setAsking(!is_asking)} aria-expanded={is_asking}>
            {oauth === null ? 'Connect…' : 'Reconnect…'}
          </button>
          {oauth?.connected_at == null ? null : <Disconnect mailbox={mailbox} />}
        </div>
      ) : null}
      {is_asking ? <ConnectForm mailbox={mailbox} /> : null}
    </section>
  );
}

function Disconnect({ mailbox: { id, address } }: { mailbox: Mailbox }) {
  const [is_asking, setAsking] = useState(false);
  const disconnecting = useMutation({
    mutationFn: () => read(api.POST('/mailboxes/{id}/disconnect', { params: { path: { id } } })),
    onSuccess: ({ revoked }) => {
      announce(
        revoked
          ? 'Disconnected. The provider revoked the consent.'
          : 'Disconnected here. The user must revoke the consent at the provider.',
      );
      setAsking(false);
      settingsChanged('mailboxes');
    },
    onError: (error) => announce(error.message),
  });
  return (
    <>
      <button type="button" className="danger" onClick={() => setAsking(true)}>
        Disconnect…
      </button>
      {is_asking ? (
        <ConfirmDialog
          title={`Disconnect ${address}? Its mail waits until you reconnect it.`}
          action="Disconnect"
          otherwise="Keep connected"
          onConfirm={() => disconnecting.mutate()}
          onClose={() => setAsking(false)}
        />
      ) : null}
    </>
  );
}

function ConnectForm({ mailbox: { id, oauth } }: { mailbox: Mailbox }) {
  const [asked, setAsked] = useState<Asked>({
    provider: oauth?.provider ?? 'google',
    client_id: '',
    client_secret: '',
    authorize_url: '',
    token_url: '',
  });
  const connecting = useMutation({
    mutationFn: () =>
      read(api.POST('/mailboxes/{id}/connect', { params: { path: { id } }, body: bodyOf(asked, oauth) })),
    onSuccess: () => settingsChanged('mailboxes'),
  });
  const faults = faultsOf(connecting.error);
  const set = (part: Partial<Asked>) => setAsked({ ...asked, ...part });
  const text = (name: Exclude<keyof Asked, 'provider'>, label: string, hint?: string) => (
    <Field label={label} hint={hint} fault={faults.get(name)}>
      <input
        type={name === 'client_secret' ? 'password' : 'text'}
        autoComplete="off"
        value={asked[name]}
        onChange={(event) => set({ [name]: event.target.value })}
      />
    </Field>
  );
  if (connecting.data?.authorize_url) {
    const { authorize_url, redirect_uri, expires_at } = connecting.data;
    return (
      <div className="notice" role="status">
        <p>
          Open the provider and consent as the user of this mailbox. The link works once
          {expires_at === null ? '' : ', until '}
          {expires_at === null ? null : <Time iso={expires_at} />}.
        </p>
        <p>
          <OutLink href={authorize_url}>Open provider</OutLink>
        </p>
        <p>Register this redirect URI for the client there:</p>
        <ShownOnce label="Redirect URI" text={redirect_uri} />
      </div>
    );
  }
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!connecting.isPending) connecting.mutate();
  };
  return (
    <form className="settings_form" onSubmit={submit}>
      <Field label="Provider" fault={faults.get('provider')}>
        <select
          value={asked.provider}
          onChange={(event) => set({ provider: event.target.value as Provider })}
        >
          {Object.entries(PROVIDER_WORDS).map(([provider, words]) => (
            <option key={provider} value={provider}>
              {words}
            </option>
          ))}
        </select>
      </Field>
      {text(
        'client_id',
        'Client ID',
        oauth === null
          ? 'From the client you created at the provider.'
          : 'Leave blank to keep the current one.',
      )}
      {text('client_secret', 'Client secret', 'Encrypted, and never shown again.')}
      {asked.provider === 'custom' ? text('authorize_url', 'Authorization URL', 'https://…') : null}
      {asked.provider === 'custom' ? text('token_url', 'Token URL', 'https://…') : null}
      <Failure error={connecting.error} />
      <div className="actions">
        <ActionButton type="submit" className="primary" is_busy={connecting.isPending}>
          {connecting.isPending ? 'Requesting…' : 'Request consent'}
        </ActionButton>
      </div>
    </form>
  );
}

/** Without other fields, the server reconnects with the stored settings. */
function bodyOf({ provider, ...texts }: Asked, oauth: Mailbox['oauth']) {
  const given = Object.fromEntries(
    Object.entries(texts).flatMap(([name, value]) => (value.trim() === '' ? [] : [[name, value.trim()]])),
  );
  return oauth !== null && Object.keys(given).length === 0 && provider === oauth.provider
    ? {}
    : { provider, ...given };
}
