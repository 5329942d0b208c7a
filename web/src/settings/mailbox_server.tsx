import { faultsWithin } from '../api/faults.ts';
import { Field } from '../ui/field.tsx';
import { DRAFT_WORDS, NEW_SERVER, type ServerDraft } from './mailbox_draft.ts';
import { SECURITY_WORDS } from './mailbox_words.ts';

type MailboxServerProps = {
  kind: 'smtp' | 'imap';
  server: ServerDraft | null;
  faults: ReadonlyMap<string, string>;
  onChange(server: ServerDraft | null): void;
};

const WORDS = {
  smtp: {
    none: 'Default server',
    own: 'Own server',
  },
  imap: { none: 'Not connected', own: 'Own server (IMAP)' },
} as const;

/** The mailbox's own mail server, or none. */
export function MailboxServer({ kind, server, faults, onChange }: MailboxServerProps) {
  const { none, own } = WORDS[kind];
  const legend = DRAFT_WORDS[kind];
  return (
    <fieldset className="form_group">
      <legend>{legend}</legend>
      <select
        aria-label={legend}
        value={server === null ? 'none' : 'own'}
        onChange={(event) => onChange(event.target.value === 'own' ? NEW_SERVER[kind] : null)}
      >
        <option value="none">{none}</option>
        <option value="own">{own}</option>
      </select>
      {server === null ? null : (
        <ServerFields server={server} faults={faultsWithin(faults, kind)} onChange={onChange} />
      )}
    </fieldset>
  );
}

function ServerFields({
  server,
  faults,
  onChange,
}: {
  server: ServerDraft;
  faults: ReadonlyMap<string, string>;
  onChange(server: ServerDraft): void;
}) {
  const set = (part: Partial<ServerDraft>) => onChange({ ...server, ...part });
  return (
    <div className="form_grid">
      <Field label="Server" fault={faults.get('host')}>
        <input required value={server.host} onChange={(event) => set({ host: event.target.value })} />
      </Field>
      <Field label="Port" fault={faults.get('port')}>
        <input
          type="number"
          required
          value={server.port}
          onChange={(event) => set({ port: event.target.value })}
        />
      </Field>
      <Field label="Encryption" fault={faults.get('security')}>
        <select
          value={server.security}
          onChange={(event) => set({ security: event.target.value as ServerDraft['security'] })}
        >
          {Object.entries(SECURITY_WORDS).map(([security, words]) => (
            <option key={security} value={security}>
              {words}
            </option>
          ))}
        </select>
      </Field>
      <Field
        label="Sign-in"
        hint={server.login === 'oauth' ? 'Save first, then connect at the provider.' : undefined}
        fault={faults.get('login')}
      >
        <select
          value={server.login}
          onChange={(event) => set({ login: event.target.value as ServerDraft['login'] })}
        >
          <option value="password">Password</option>
          <option value="oauth">OAuth (Google, Microsoft 365)</option>
          <option value="none">None</option>
        </select>
      </Field>
      {server.login === 'password' ? (
        <>
          <Field label="User" fault={faults.get('user')}>
            <input
              autoComplete="off"
              value={server.user}
              onChange={(event) => set({ user: event.target.value })}
            />
          </Field>
          <Field
            label="Password"
            hint="Encrypted, and never shown again. Leave blank to keep the current one."
            fault={faults.get('password')}
          >
            <input
              type="password"
              autoComplete="new-password"
              value={server.password}
              onChange={(event) => set({ password: event.target.value })}
            />
          </Field>
        </>
      ) : null}
    </div>
  );
}
