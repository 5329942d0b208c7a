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
import type { Tx } from '../../db/pool.ts';
import * as mailbox_grants from '../../db/queries/mailbox_grants.gen.ts';
import { getMailbox, lockMailbox } from '../../db/queries/mailboxes.gen.ts';
import { AppError } from '../../errors.ts';
import { sha256 } from '../access/sessions.ts';
import { existing, id, nullableInstant, requirePerson } from '../fields.ts';
import { operation, transact, transactWork } from '../operation.ts';
import { clientGiven, clientIncomplete, clientInput, isAsBefore } from './mailbox_client.ts';
import { keepConnection, lastingTokens, MAILBOX_CALLBACK, oauthMissing } from './mailbox_connection.ts';

/** Time to consent at the provider, including a second factor. */
const CONNECT_MS = 15 * MINUTE_MS;

export const connectMailbox = operation({
  name: 'connect_mailbox',
  summary:
    'Connect a mailbox to its provider by OAuth. Open the link in a browser where you are signed in, and consent as the mailbox’s user. Servers with login oauth then use its tokens, which are sealed and never shown.',
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
      .regex(/^[\x20-\x7e]+$/, 'is not a token')
      .optional()
      .describe('obtained elsewhere; tried at once, without consent'),
  }),
  output: z.object({
    id,
    address: z.string(),
    authorize_url: z.string().nullable().describe('open it in your browser; null: already connected'),
    redirect_uri: z.string().describe('redirect address to register at the provider'),
    expires_at: nullableInstant.describe('when the link expires; it works once'),
  }),
  errors: `
    not_found oauth_client_incomplete oauth_url_refused oauth_refused oauth_unavailable mail_host_refused
    secret_unreadable admin_only`,
  text: ({ address, authorize_url, redirect_uri }) =>
    authorize_url === null
      ? `${address} is connected. Test it: touchline mailbox test.`
      : `Open this in a browser where you are signed in to Touchline, and consent as the user of ${address}. The link works once, for 15 minutes.\n${authorize_url}\nRegister this redirect address at the provider:\n${redirect_uri}`,
  run: async ({ context, principal, input }) => {
    const user_id = requirePerson(principal);
    const { org_id } = principal;
    const { id, refresh_token, ...given } = input;
    const { mail_oauth, public_url, db } = context;
    const mailbox = existing(await getMailbox.one({ org_id, id }, db), 'mailbox');
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
    // Before showing a token that may be valid only once.
    await mailbox_grants.requireMailHosts.run({ ...owner, provider: client.provider }, db);
    if (refresh_token !== undefined) {
      const tokens = lastingTokens(await mail_oauth.renew(client, refresh_token), refresh_token);
      const by = { user_id, state_sha256: null, secret: context.secret };
      await transactWork({ context, principal }, async (scope) => {
        await saveGrant(scope.tx, context, asked, null);
        await keepConnection(scope, owner, tokens, by);
      });
      return { ...answer, authorize_url: null, expires_at: null };
    }
    const { url, flow } = await mail_oauth.begin(client, { redirect_uri, login_hint: user });
    const expires_at = await transact({ context, principal }, ({ tx }) =>
      saveGrant(tx, context, asked, flow),
    );
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
    revoked: z.boolean().describe('false: the provider was not notified; revoke the consent there'),
  }),
  errors: 'not_found',
  text: ({ address, revoked }) =>
    revoked
      ? `${address} is disconnected, and the provider revoked its tokens.`
      : `${address} is disconnected. The provider was not notified: its user must revoke the consent there.`,
  run: async ({ context, principal, input: { id } }) => {
    requirePerson(principal);
    const owner = { org_id: principal.org_id, mailbox_id: id };
    const { address, grant } = await transact({ context, principal }, async ({ tx, org_id }) => {
      const mailbox = existing(await lockMailbox.one({ org_id, id }, tx), 'mailbox');
      const grant = await mailbox_grants.getMailboxGrant.one(owner, tx);
      await mailbox_grants.forgetMailboxTokens.run(owner, tx);
      return { address: mailbox.address, grant };
    });
    return { id, address, revoked: grant !== undefined && (await revoke(context, owner, grant)) };
  },
});

type Asked = TokenOwner & { user_id: string; client: OauthClient; user: string };

/** Returns the end of the time to consent; null without a flow. Deletes the tokens of any other client. */
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
  await mailbox_grants.forgetOtherClient.run({ ...owner, ...identity }, tx);
  await mailbox_grants.saveMailboxGrant.run(
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
  const grant = await mailbox_grants.getMailboxGrant.one(owner, db);
  if (grant === undefined) throw missing('provider', 'the mailbox was never connected');
  const client = clientOf(grant, secret);
  if (client === null) {
    throw new AppError('secret_unreadable', 'This TOUCHLINE_SECRET does not decrypt the client secret.', {
      hint: 'Give provider, client_id, and client_secret again.',
    });
  }
  if (client.authorize_url === null && !has_token)
    throw missing('authorize_url', 'the mailbox was connected with a refresh token from elsewhere');
  return { client, user: grant.login_user };
}

const missing = (path: string, why: string) => clientIncomplete([{ path, message: `is required: ${why}` }]);

async function revoke(
  { mail_oauth, secret }: OperationContext,
  owner: TokenOwner,
  grant: mailbox_grants.GetMailboxGrantResult,
): Promise<boolean> {
  const client = clientOf(grant, secret);
  if (mail_oauth === undefined || client === null || grant.refresh_token === null) return false;
  const token = openSecret(secret, grant.refresh_token, grantSecretOwner('refresh_token', owner));
  return token !== null && (await mail_oauth.revoke(client, token));
}
