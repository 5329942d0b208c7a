import type { TestDb } from '../database.ts';
import { startTokenServer } from '../mail/token_server.ts';
import { addPerson, openDoor } from './door.ts';
import { customClient, oauthWorld } from './mailbox_oauth_world.ts';

/** An org with a mailbox, the product's own HTTP server, a signed-in admin, and a provider that consents without a browser. */
export async function openConnecting(db: TestDb) {
  const tokens = await startTokenServer();
  const world = await oauthWorld(db);
  const door = await openDoor(db, world);
  const admin = await addPerson(db, world.org_id, { roles: ['admin'] });
  const cookie = await door.signIn(admin.email);
  const path = (what: string) => `/mailboxes/${world.mailbox_id}/${what}`;
  const begin = (body: object = customClient(world, tokens)) =>
    door.call('POST', path('connect'), { cookie, body });
  return {
    tokens,
    world,
    door,
    admin,
    cookie,
    path,
    begin,
    shown: async () => (await door.call('GET', `/mailboxes/${world.mailbox_id}`, { cookie })).body,
    /** Requests the callback as a browser does. */
    async comeBack(callback: URL, as = cookie, method = 'GET') {
      const response = await fetch(`${door.url}${callback.pathname}${callback.search}`, {
        method,
        headers: { cookie: as },
      });
      return { status: response.status, text: await response.text() };
    },
    async consented() {
      const { body } = await begin();
      return tokens.consent(body.authorize_url);
    },
    close: async () => {
      await Promise.all([tokens.close(), door.close()]);
    },
  };
}
