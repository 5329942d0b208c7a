import { afterEach, describe, expect, inject, test } from 'vitest';
import { selfSigned } from '../../test/connectors/self_signed.ts';
import { type Random, seededRandom } from '../../test/faults/seeded_random.ts';
import type { ImapFault, ImapPoint } from '../../test/mail/imap_dialogue.ts';
import { type ImapServer, startImapServer } from '../../test/mail/imap_server.ts';
import { newStore, receiveInto, smallMail } from '../../test/mail/mail_store.ts';
import { scale } from '../../test/scale.ts';
import { imapReceiver } from './imap.ts';

const open: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

const LONG = { timeout: 15_000, interval: 5 };
const QUICK = { backoff_ms: { least: 1, longest: 5 } };

async function serve(...options: Parameters<typeof startImapServer>): Promise<ImapServer> {
  const server = await startImapServer(...options);
  open.push(server.close);
  return server;
}

/** Receives until the end of the test stops the caller. */
function watch(server: ImapServer, options: Partial<Parameters<typeof imapReceiver>[0]> = {}) {
  const store = newStore();
  const receiving = receiveInto(store, imapReceiver({ url: server.url, ...QUICK, ...options }));
  open.push(receiving.stop);
  return { store, receiving };
}

describe('broken connections', () => {
  const DROPS = scale(60, 500);
  const POINTS = 10;

  test(`${DROPS} drops at random points while messages arrive: none missed, none duplicated`, async () => {
    const seed = inject('seed');
    const run = await storm(seededRandom(seed), {});
    expect(run.store.bodies(), `seed ${seed}`).toEqual(run.appended);
    expect(run.store.again).toEqual([]);
  }, 600_000);

  test('a caller that fails in its transaction loses no message', async () => {
    const run = await storm(seededRandom(inject('seed') + 1), { crashes: everySeventh() });
    expect(run.store.bodies()).toEqual(run.appended);
    expect(run.store.again).toEqual([]);
  }, 600_000);

  test('the test catches a broken caller that moves its cursor before it has the message', async () => {
    const caller = { crashes: everySeventh(), cursor_first: true };
    const run = await storm(seededRandom(inject('seed') + 2), caller);
    expect(run.store.mails.length).toBeLessThan(run.appended.length);
  }, 600_000);

  function everySeventh(): () => boolean {
    let taken = 0;
    return () => ++taken % 7 === 0;
  }

  async function storm(random: Random, caller: Parameters<typeof receiveInto>[2]) {
    const server = await serve();
    const points = new Set<ImapPoint>();
    let drops = 0;
    server.fail((point) => {
      const is_late = ['search', 'literal', 'fetched', 'idle', 'news'].includes(point);
      // Each point at least once.
      if (points.has(point) && (drops >= DROPS || !random.chance(is_late ? 0.3 : 0.04))) return null;
      drops += 1;
      points.add(point);
      return random.pick<ImapFault>(['drop', 'reset']);
    });
    const store = newStore();
    const receiving = receiveInto(store, imapReceiver({ url: server.url, ...QUICK }), caller);
    open.push(receiving.stop);
    const appended: string[] = [];
    const add = () => {
      const name = `message ${appended.length + 1}`;
      appended.push(name);
      server.append(smallMail(name));
    };
    while (drops < DROPS || points.size < POINTS) {
      if (random.chance(0.5)) add();
      if (random.chance(0.1)) {
        drops += 1;
        server.hangUp();
      }
      await new Promise((resolve) => setTimeout(resolve, random.integer(0, 8)));
    }
    add();
    await expect.poll(() => store.cursor?.last_uid, LONG).toBe(appended.length);
    return { store, appended };
  }

  test.each<ImapPoint>(['connect', 'greeting', 'login', 'select', 'search', 'literal', 'idle'])(
    'a server that falls silent (%s) is disconnected after the deadline',
    async (stalled) => {
      const server = await serve();
      server.append(smallMail('a'));
      let done = false;
      server.fail((point) => {
        if (done || point !== stalled) return null;
        done = true;
        return 'stall';
      });
      const { store } = watch(server, { connection_timeout_ms: 400, reply_timeout_ms: 400, idle_ms: 100 });
      await expect.poll(() => server.sessions, LONG).toBeGreaterThanOrEqual(2);
      await expect.poll(() => store.bodies(), LONG).toEqual(['a']);
      server.append(smallMail('b'));
      await expect.poll(() => store.bodies(), LONG).toEqual(['a', 'b']);
    },
  );

  test('retry delays grow, vary, and reset after success', async () => {
    const server = await serve({ fault: (point) => (point === 'connect' ? 'drop' : null) });
    const { store } = watch(server, { backoff_ms: { least: 2, longest: 40 } });
    await expect.poll(() => store.states.length, LONG).toBeGreaterThan(8);
    const waits = store.states.map((state) => (state.kind === 'lost' ? state.wait_ms : 0));
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(2);
    expect(Math.max(...waits)).toBeLessThanOrEqual(40);
    expect(Math.max(...waits.slice(6))).toBeGreaterThanOrEqual(20);
    server.fail(() => null);
    server.append(smallMail('a'));
    await expect.poll(() => store.bodies(), LONG).toEqual(['a']);
    const times = () => store.states.filter(({ kind }) => kind === 'watching').length;
    await expect.poll(times, LONG).toBe(1);
    server.hangUp('* BYE going down\r\n');
    await expect.poll(times, LONG).toBe(2);
    expect(store.states.at(-2)).toMatchObject({ kind: 'lost', attempts: 1 });
  });

  test('a server that offers IDLE and then refuses it is polled', async () => {
    const server = await serve({ refuses_idle: true });
    const { store } = watch(server, { poll_ms: 10 });
    await expect
      .poll(() => store.states, LONG)
      .toEqual([
        { kind: 'watching', by: 'idle' },
        { kind: 'watching', by: 'poll' },
      ]);
    server.append(smallMail('a'));
    await expect.poll(() => store.bodies(), LONG).toEqual(['a']);
  });
});

describe('login', () => {
  test('a refused login needs a person and is not retried', async () => {
    const server = await serve();
    const url = server.url.replace('%22word%22', 'wrong');
    const { receiving } = watch(server, { url });
    expect(await receiving.ended).toEqual({ kind: 'refused', response: 'Invalid credentials' });
    expect(server.sessions).toBe(1);
    await expect(imapReceiver({ url }).verify()).rejects.toMatchObject({ code: 'mailbox_refused' });
  });

  test.each([
    'NO [UNAVAILABLE] The directory is down',
    'NO [ALERT] Too many simultaneous connections. (Failure)',
    'BAD internal error',
  ])('a login answered with “%s” is retried', async (text) => {
    const server = await serve();
    server.append(smallMail('a'));
    server.answerLogins(text);
    const { store } = watch(server);
    await expect.poll(() => store.states.length, LONG).toBeGreaterThan(1);
    await expect(imapReceiver({ url: server.url }).verify()).rejects.toMatchObject({
      code: 'mailbox_unreachable',
    });
    server.answerLogins(null);
    await expect.poll(() => store.bodies(), LONG).toEqual(['a']);
    await imapReceiver({ url: server.url }).verify();
  });

  test('every session requests an access token, and a second one if the first has expired', async () => {
    let valid = 'token-1';
    const server = await serve({ access_token: () => valid });
    const asked: boolean[] = [];
    let known = 'token-1';
    const credentials = async ({ refused }: { refused: boolean }) => {
      asked.push(refused);
      if (refused) known = 'token-2';
      return { user: 'tara@b2bea.test', access_token: known };
    };
    const { store, receiving } = watch(server, { credentials });
    server.append(smallMail('a'));
    await expect.poll(() => store.bodies(), LONG).toEqual(['a']);
    valid = 'token-2';
    server.hangUp();
    server.append(smallMail('b'));
    await expect.poll(() => store.bodies(), LONG).toEqual(['a', 'b']);
    expect(asked).toEqual([false, false, true]);
    valid = 'token-3';
    server.hangUp();
    expect(await receiving.ended).toMatchObject({ kind: 'refused' });
  });

  test('a token for a server that accepts none needs a person', async () => {
    const server = await serve();
    const credentials = async () => ({ user: 'tara@b2bea.test', access_token: 't' });
    const { receiving } = watch(server, { credentials });
    expect(await receiving.ended).toMatchObject({ kind: 'refused' });
  });

  test('a URL without a user is refused at once', () => {
    expect(() => imapReceiver({ url: 'imap://127.0.0.1' })).toThrow(
      expect.objectContaining({ code: 'imap_url_invalid' }),
    );
  });

  test('a missing junk folder is reported', async () => {
    const server = await serve({ folders: ['INBOX'] });
    const store = newStore();
    const receiving = receiveInto(store, imapReceiver({ url: server.url }), { folder: 'junk' });
    expect(await receiving.ended).toMatchObject({ kind: 'no_folder' });
    const receiver = imapReceiver({ url: server.url });
    await receiver.verify('inbox');
    await expect(receiver.verify('junk')).rejects.toMatchObject({ code: 'mail_folder_missing' });
  });
});

describe('TLS', () => {
  test('imaps trusts the configured certificate authority; without it no login is sent', async () => {
    const tls = selfSigned();
    const server = await serve({ tls });
    server.append(smallMail('a'));
    await expect(imapReceiver({ url: server.url }).verify()).rejects.toMatchObject({
      code: 'mailbox_unreachable',
    });
    expect(server.commands).toEqual([]);
    const { store } = watch(server, { ca: tls.cert });
    await expect.poll(() => store.bodies(), LONG).toEqual(['a']);
  });

  test('if required STARTTLS is not offered, the password is never sent', async () => {
    const server = await serve();
    const url = `${server.url}?tls=require`;
    await expect(imapReceiver({ url }).verify()).rejects.toMatchObject({ code: 'mailbox_unreachable' });
    expect(server.commands.filter((command) => /LOGIN|AUTHENTICATE/.test(command))).toEqual([]);
  });
});

describe('the end', () => {
  test('an error from the caller is rethrown, and the session is closed', async () => {
    const server = await serve();
    server.append(smallMail('a'));
    const broken = {
      folder: 'inbox' as const,
      position: async () => ({ cursor: null, since: new Date(0) }),
      onMessage: () => Promise.reject(new Error('the database is gone')),
      onCursor: async () => undefined,
      signal: new AbortController().signal,
    };
    const receiver = imapReceiver({ url: server.url });
    await expect(receiver.receive(broken)).rejects.toThrow('the database is gone');
    await expect.poll(() => server.open_sessions, LONG).toBe(0);
  });

  test('the signal stops the reader before a connection exists', async () => {
    const server = await serve();
    const { receiving } = watch(server);
    await new Promise((resolve) => process.nextTick(resolve));
    const began_ms = performance.now();
    expect(await receiving.stop()).toEqual({ kind: 'stopped' });
    expect(performance.now() - began_ms).toBeLessThan(1_000);
  });

  test.each<ImapPoint | 'never'>(['never', 'connect', 'search', 'idle'])(
    'the signal stops the reader at once, even if the server is silent (%s)',
    async (stalled) => {
      const server = await serve({ fault: (point) => (point === stalled ? 'stall' : null) });
      const { receiving } = watch(server);
      await expect.poll(() => server.sessions, LONG).toBe(1);
      await new Promise((resolve) => setTimeout(resolve, 50));
      const began_ms = performance.now();
      expect(await receiving.stop()).toEqual({ kind: 'stopped' });
      expect(performance.now() - began_ms).toBeLessThan(1_000);
      await expect.poll(() => server.open_sessions, LONG).toBe(0);
    },
  );
});
