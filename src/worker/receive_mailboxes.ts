import type { AskedCredentials, MailReceiver } from '../connectors/mail_receiver.ts';
import type { Context } from '../context.ts';
import { inboxOf, withToken } from '../coordinator/sending/mailbox_logins.ts';
import { systemDb } from '../db/acting.ts';
import { mailboxesToRead } from '../db/queries/mailboxes.gen.ts';
import { listOrganizations } from '../db/queries/principals.gen.ts';
import type { MailConnection, MailLogin } from '../mail/messages.ts';
import { RECEIVE_SETTINGS, type ReceiveSettings, type Receiving, startReceiving } from './receive.ts';
import { rest } from './rest.ts';

export type ReceiverOptions = {
  /**
   * The process's own receiver: it reads the mailbox whose address it signs in with, else the first mailbox of the only
   * organization. With several organizations and no such address it reads none, because the owner of the mail would be
   * unknown. Null: there is none.
   */
  shared: { receiver: MailReceiver; user: string } | null;
  /** Makes the reader of one server. `credentials`: called for every session if the connection has no login of its own. */
  open: (connection: MailConnection, credentials?: Credentials) => MailReceiver;
  settings?: ReceiveSettings;
  /** How often new, changed, and removed mailboxes are detected. */
  look_ms?: number;
};

type Credentials = (asked: AskedCredentials) => Promise<MailLogin>;
type Reading = { key: string; receiving: Receiving };
type Wanted = { org_id: string; mailbox_id: string; key: string; receiver: () => MailReceiver };

const LOOK_MS = 30_000;
const ORGS_MAX = 10_000;
const MAILBOXES_MAX = 10_000;

/** Reads every readable mailbox for as long as its settings stay the same. Never throws. */
export function startMailboxReceivers(context: Context, options: ReceiverOptions): Receiving {
  const { settings = RECEIVE_SETTINGS, look_ms = LOOK_MS } = options;
  const readings = new Map<string, Reading>();
  const stopping = new AbortController();

  const reconcile = async () => {
    const wanted = await wantedMailboxes(context, options);
    for (const [id, { key, receiving }] of readings) {
      if (wanted.get(id)?.key === key) continue;
      readings.delete(id);
      await receiving.stop();
    }
    for (const [id, { org_id, mailbox_id, key, receiver }] of wanted) {
      if (stopping.signal.aborted || readings.has(id)) continue;
      const receiving = startReceiving(context, [{ org_id, mailbox_id, receiver: receiver() }], settings);
      readings.set(id, { key, receiving });
    }
  };
  const looking = (async () => {
    while (!stopping.signal.aborted) {
      await reconcile().catch((err) =>
        context.log.error({ err }, 'the mailboxes to read could not be loaded'),
      );
      await rest(look_ms, stopping.signal);
    }
  })();
  return {
    stop: async () => {
      stopping.abort();
      await looking;
      await Promise.all([...readings.values()].map(({ receiving }) => receiving.stop()));
    },
  };
}

async function wantedMailboxes(
  context: Context,
  { shared, open }: ReceiverOptions,
): Promise<Map<string, Wanted>> {
  const { db, secret, log } = context;
  const wanted = new Map<string, Wanted>();
  const without: { is_first: boolean; is_shared: boolean; one: Omit<Wanted, 'key' | 'receiver'> }[] = [];
  const orgs = await listOrganizations.run({ limit: ORGS_MAX }, systemDb(db));
  for (const { org_id } of orgs) {
    const own = systemDb(db, org_id);
    const shared_user = shared?.user ?? null;
    for (const row of await mailboxesToRead.run({ org_id, shared_user, limit: MAILBOXES_MAX }, own)) {
      const one = { org_id, mailbox_id: row.id };
      const connection = inboxOf(row, secret);
      if (connection === undefined) {
        log.warn(one, 'a mailbox is not read: its password cannot be decrypted, set it again');
      } else if (connection === null) {
        without.push({ is_first: row.is_first, is_shared: row.is_shared === true, one });
      } else if (row.imap_oauth) {
        // A reconnected mailbox is read at once, without the rest after a refusal.
        const key = JSON.stringify([connection, row.connected_at]);
        wanted.set(row.id, {
          ...one,
          key,
          receiver: () => open(connection, byToken(context, row, connection)),
        });
      } else {
        wanted.set(row.id, { ...one, key: JSON.stringify(connection), receiver: () => open(connection) });
      }
    }
  }
  const shares =
    without.find(({ is_shared }) => is_shared) ??
    (orgs.length === 1 ? without.find(({ is_first }) => is_first) : undefined);
  if (shared !== null && shares !== undefined) {
    const { receiver } = shared;
    wanted.set(shares.one.mailbox_id, { ...shares.one, key: 'shared', receiver: () => receiver });
  }
  return wanted;
}

/** One token per session; another one if the server refused the last. */
function byToken(
  context: Context,
  mailbox: { org_id: string; id: string },
  connection: MailConnection,
): Credentials {
  return async ({ refused_token }) => (await withToken(context, mailbox, connection, refused_token)).auth;
}
