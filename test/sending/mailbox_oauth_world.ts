import { mailOauth } from '../../src/connectors/mail_oauth.ts';
import { coordinatorActor } from '../../src/coordinator/gate/scope.ts';
import { transaction } from '../../src/db/pool.ts';
import { mailboxOperations } from '../../src/operations/sending/mailboxes.ts';
import type { MailboxGrantsRow } from '../../src/schema.gen.ts';
import type { TestDb } from '../database.ts';
import { CLIENT_SECRET, type TokenServer } from '../mail/token_server.ts';
import { createWorld, type World } from '../world.ts';
import { mailboxOf } from './send_world.ts';

export type OauthWorld = World & { mailbox_id: string };

/** An org whose process may use token servers on this machine. */
export async function oauthWorld(db: TestDb): Promise<OauthWorld> {
  const world = await createWorld(db);
  const mail_oauth = mailOauth({ allow_local: true, timeout_ms: 1_000 });
  Object.assign(world.context, { mail_oauth });
  Object.assign(world.worker_context, { mail_oauth });
  return { ...world, mailbox_id: (await mailboxOf(world)).id };
}

/** Runs an operation by name, as the world's person; returns the response as sent. */
export async function operate(world: World, name: string, input: Record<string, unknown>) {
  const operation = mailboxOperations.find((one) => one.name === name)!;
  const call = { context: world.context, principal: world.person, input: operation.input.parse(input) };
  return operation.output.parse(await operation.run(call as never)) as Record<string, unknown>;
}

/** A mail server on this machine that the mailbox logs in to by its grant. */
export const byToken = (port: number) => ({ host: '127.0.0.1', port, security: 'tls', login: 'oauth' });

/** A client of this org alone, so that its requests can be told from those of others. */
export const customClient = ({ org_id }: World, { authorize_url, token_url }: TokenServer) => ({
  provider: 'custom',
  client_id: `client of ${org_id}`,
  client_secret: CLIENT_SECRET,
  authorize_url,
  token_url,
});

/** Connects without a browser, by a refresh token from elsewhere. */
export function connect(world: OauthWorld, tokens: TokenServer) {
  const given = { ...customClient(world, tokens), refresh_token: tokens.refreshToken() };
  return operate(world, 'connect_mailbox', { id: world.mailbox_id, ...given });
}

/** Number of token requests since the connection. */
export function renewalsOf({ org_id }: World, { grants }: TokenServer): number {
  return grants.filter(({ client_id }) => client_id === `client of ${org_id}`).length - 1;
}

export async function grantOf(world: World): Promise<MailboxGrantsRow> {
  return (await world.rows<MailboxGrantsRow>('mailbox_grants'))[0]!;
}

/**
 * Runs raw SQL as the application's role, in the name of the world's person or the coordinator; returns the SQLSTATE of the
 * refusal.
 */
export async function rawRefusal(
  db: TestDb,
  world: World,
  statement: string,
  as: 'person' | 'coordinator' = 'person',
): Promise<string | null> {
  const { org_id, person } = world;
  const user_id = person.kind === 'human' ? person.user_id : '';
  const actor =
    as === 'person' ? ({ org_id, kind: 'human', id: user_id } as const) : coordinatorActor(org_id);
  return transaction(db.app, actor, (tx) => tx.query(statement)).then(
    () => null,
    (error: { code?: string }) => error.code ?? String(error),
  );
}
