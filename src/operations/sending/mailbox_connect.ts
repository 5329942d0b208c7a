import { z } from 'zod';
import type { OauthClient, OauthFlow } from '../../connectors/oauth_port.ts';
import type { OperationContext } from '../../context.ts';
import {
  clientOf,
  grantSecretOwner,
  type SealedOf,
  type TokenOwner,
} from '../../coordinator/sending/mailbox_tokens.ts';
import { openSecret, sealSecret } from '../../coordinator/sending/sealed_secret.ts';
import { MINUTE_MS } from '../../core/durations.ts';
import { type Tx, transaction } from '../../db/pool.ts';
import {
  forgetMailboxTokens,
  forgetOtherClient,
  type GetMailboxGrantResult,
  getMailboxGrant,
  requireMailHosts,
  saveMailboxGrant,
} from '../../db/queries/mailbox_grants.gen.ts';
import { getMailbox, lockMailbox } from '../../db/queries/mailboxes.gen.ts';
import { AppError } from '../../errors.ts';
import { actorOf } from '../../principal.ts';
import { sha256 } from '../access/sessions.ts';
import { requirePerson } from '../access/users.ts';
import { id, notFound, nullableInstant } from '../fields.ts';
import { operation } from '../operation.ts';
import { clientGiven, clientIncomplete, clientInput, isAsBefore } from './mailbox_client.ts';
import { keepConnection, lastingTokens, MAILBOX_CALLBACK, oauthMissing } from './mailbox_connection.ts';

/** Consenting at the provider, with a second factor that has to be found first. */
const CONNECT_MS = 15 * MINUTE_MS;

export const connectMailbox = operation({
  name: 'connect_mailbox',
  summary:
    'Connect a mailbox to its provider by OAuth: answers the link at which its user consents, in a browser where you are signed in. Servers with login oauth then use its tokens, which are sealed and never shown.',
  http: { method: 'POST', path: '/mailboxes/{id}/connect' },
  cli: { command: 'mailbox connect', args: ['id'] },
  answers_secret: true,
  input: z.object({
    id,
    ...clientInput,
    refresh_token: z
      .string()
      .min(1)
      .max(8_192)
      .regex(/^[\x20-\x7e]+$/, 'is no token')
      .optional()
      .describe('had elsewhere: it is tried at once, and nobody has to consent'),
  }),
  output: z.object({
    id,
    address: z.string(),
    authorize_url: z.string().nullable().describe('to be opened in your browser; null: it is connected'),
    redirect_uri: z.string().describe('the address to which the provider sends you back: it has to know it'),
    expires_at: nullableInstant.describe('until when the link is good, once'),
  }),
  errors: [
    'not_found',
    'oauth_client_incomplete',
    'oauth_url_refused',
    'oauth_refused',
    'oauth_unavailable',
    'mail_host_refused',
    'secret_unreadable',
    'admin_only',
  ],
  text: ({ address, authorize_url, redirect_uri }) =>
    authorize_url === null
      ? `${address} is connected. touchline mailbox test tries it out.`
      : `Open this in a browser where you are signed in to Touchline, and consent as the user of ${address}. It is good for 15 minutes, once.\n${authorize_url}\nThe client at the provider has to know this address to come back to:\n${redirect_uri}`,
  run: async ({ context, principal, input }) => {
    const user_id = requirePerson(principal);
    const { org_id } = principal;
    const { id, refresh_token, ...given } = input;
    const { mail_oauth, public_url, db } = context;
    const [mailbox] = await getMailbox.run({ org_id, id }, db);
    if (mailbox === undefined) throw notFound('mailbox');
    if (mail_oauth === undefined) throw oauthMissing();
    const owner = { org_id, mailbox_id: id };
    const { client, user } = isAsBefore(given)
      ? await clientBefore(context, owner, refresh_token !== undefined)
      : {
          client: clientGiven(given, {
            has_token: refresh_token !== undefined,
            allow_local: mail_oauth.allow_local,
          }),
          user: given.user ?? mailbox.address,
        };
    const redirect_uri = `${public_url}${MAILBOX_CALLBACK}`;
    const answer = { id, address: mailbox.address, redirect_uri };
    const asked = { ...owner, user_id, client, user };
    // Before a token is shown that may be good only once.
    await requireMailHosts.run({ ...owner, provider: client.provider }, db);
    const act = <T>(run: (tx: Tx) => Promise<T>) => transaction(db, actorOf(principal), run);
    if (refresh_token !== undefined) {
      const tokens = lastingTokens(await mail_oauth.renew(client, refresh_token), refresh_token);
      const by = { user_id, state_sha256: null, secret: context.secret };
      await act(async (tx) => {
        await saveGrant(tx, context, asked, null);
        await keepConnection({ tx, org_id, clock: context.clock }, owner, tokens, by);
      });
      context.nudge();
      return { ...answer, authorize_url: null, expires_at: null };
    }
    const { url, flow } = await mail_oauth.begin(client, { redirect_uri, login_hint: user });
    const expires_at = await act((tx) => saveGrant(tx, context, asked, flow));
    return { ...answer, authorize_url: url, expires_at };
  },
});

export const disconnectMailbox = operation({
  name: 'disconnect_mailbox',
  summary:
    'Disconnect a mailbox: delete its tokens, and revoke them where the provider allows it. Its mail waits until it is connected again.',
  http: { method: 'POST', path: '/mailboxes/{id}/disconnect' },
  cli: { command: 'mailbox disconnect', args: ['id'] },
  input: z.object({ id }),
  output: z.object({
    id,
    address: z.string(),
    revoked: z
      .boolean()
      .describe('false: the provider was not told, so the consent is to be taken back there by its user'),
  }),
  errors: ['not_found'],
  text: ({ address, revoked }) =>
    revoked
      ? `${address} is disconnected, and the provider has taken its tokens back.`
      : `${address} is disconnected. The provider was not told: its user takes the consent back there.`,
  run: async ({ context, principal, input: { id } }) => {
    requirePerson(principal);
    const { org_id } = principal;
    const owner = { org_id, mailbox_id: id };
    const found = await transaction(context.db, actorOf(principal), async (tx) => {
      const [mailbox] = await lockMailbox.run({ org_id, id }, tx);
      if (mailbox === undefined) throw notFound('mailbox');
      const [grant] = await getMailboxGrant.run(owner, tx);
      await forgetMailboxTokens.run(owner, tx);
      return { address: mailbox.address, grant };
    });
    const { address, grant } = found;
    return { id, address, revoked: grant !== undefined && (await revoke(context, owner, grant)) };
  },
});

type Asked = TokenOwner & { user_id: string; client: OauthClient; user: string };

/** Whoever is sent to consent has until the time that this answers; without a flow nobody is. What another client got goes. */
async function saveGrant(
  tx: Tx,
  { clock, secret }: OperationContext,
  { user_id, client, user: login_user, ...owner }: Asked,
  flow: OauthFlow | null,
): Promise<Date | null> {
  const { provider, authorize_url, token_url, client_id: oauth_client_id, client_secret, scopes } = client;
  const seal = (what: SealedOf, text: string) => sealSecret(secret, text, grantSecretOwner(what, owner));
  const asked_until = flow && new Date(clock.now_ms() + CONNECT_MS * clock.speed);
  await lockMailbox.run({ org_id: owner.org_id, id: owner.mailbox_id }, tx);
  const identity = { provider, token_url, oauth_client_id, login_user };
  await forgetOtherClient.run({ ...owner, ...identity }, tx);
  await saveMailboxGrant.run(
    {
      ...owner,
      ...identity,
      authorize_url,
      scopes: [...scopes],
      oauth_client_secret: client_secret === null ? null : seal('client_secret', client_secret),
      state_sha256: flow && sha256(flow.state),
      code_verifier: flow && seal('code_verifier', flow.code_verifier),
      asked_by: flow && user_id,
      asked_until,
    },
    tx,
  );
  return asked_until;
}

async function clientBefore(
  { db, secret }: OperationContext,
  owner: TokenOwner,
  has_token: boolean,
): Promise<{ client: OauthClient; user: string }> {
  const [grant] = await getMailboxGrant.run(owner, db);
  if (grant === undefined) {
    const message = 'is required: the mailbox was never connected';
    throw clientIncomplete([{ path: 'provider', message }]);
  }
  const client = clientOf(grant, secret);
  if (client === null) {
    throw new AppError(
      'secret_unreadable',
      'The client secret cannot be opened with this TOUCHLINE_SECRET.',
      { hint: 'Give provider, client_id and client_secret again.' },
    );
  }
  if (client.authorize_url === null && !has_token) {
    const message = 'is required: the mailbox was connected by a refresh token of elsewhere';
    throw clientIncomplete([{ path: 'authorize_url', message }]);
  }
  return { client, user: grant.login_user };
}

async function revoke(
  { mail_oauth, secret }: OperationContext,
  owner: TokenOwner,
  grant: GetMailboxGrantResult,
): Promise<boolean> {
  const client = clientOf(grant, secret);
  if (mail_oauth === undefined || client === null || grant.refresh_token === null) return false;
  const token = openSecret(secret, grant.refresh_token, grantSecretOwner('refresh_token', owner));
  return token !== null && (await mail_oauth.revoke(client, token));
}
