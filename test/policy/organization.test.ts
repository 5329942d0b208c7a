import { cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MailCatcher } from '../../src/connectors/connector.ts';
import { isOwnAddress, SAMPLE_POSTAL_ADDRESS, UNSET_POSTAL_ADDRESS } from '../../src/core/organization.ts';
import { sqlState } from '../../src/db/errors.ts';
import { migrate } from '../../src/db/migrate.ts';
import { openOwnerPool } from '../../src/db/open.ts';
import { type Actor, transaction } from '../../src/db/pool.ts';
import { todayOperations } from '../../src/operations/log/today.ts';
import { organizationOperations } from '../../src/operations/policy/organization.ts';
import type { CampaignContactsRow, OrganizationsRow, SalesSendQueueRow } from '../../src/schema.gen.ts';
import { testDatabase } from '../database.ts';
import { replaysEveryDecision } from '../gate/replay.ts';
import { addKey, addPerson, type Door, openDoor } from '../sending/door.ts';
import { approvedLeads, attempts, deliver, scripted } from '../sending/send_world.ts';
import { createWorld, type World } from '../world.ts';

/* The name and postal address under a message: a placeholder's never reach a real mail server. */

const { db } = await testDatabase();
/** The test needs only the presence of a catcher. */
const CATCHER = {} as MailCatcher;
const patch = organizationOperations.find(({ name }) => name === 'patch_organization')!;

async function placeholderWorld(): Promise<World> {
  const world = await createWorld(db);
  await db.query(
    `UPDATE organizations SET own_since = NULL, name = 'RedKey', postal_address = $2 WHERE org_id = $1`,
    [world.org_id, SAMPLE_POSTAL_ADDRESS],
  );
  return world;
}

const caughtBy = (world: World, catcher: MailCatcher): World => ({
  ...world,
  worker_context: { ...world.worker_context, catcher },
});
const give = (world: World, input: object) =>
  patch.run({ context: world.context, principal: world.person, input } as never);
const items = (world: World) => world.rows<SalesSendQueueRow>('sales_send_queue');

describe('with a placeholder name and address', () => {
  it('the first gate holds a message to a real server until both are replaced', async () => {
    const world = await placeholderWorld();
    const mail = scripted(() => true);
    await approvedLeads(world, 1);
    await deliver(world, mail);
    expect(mail.messages).toEqual([]);
    expect(await items(world)).toMatchObject([
      { status: 'held', held_reason: 'organization_not_set', wake: 'organization_set', held_until: null },
    ]);
    const [event] = await world.rows<{ trace: { gate: string; says: string; because: string }[] }>(
      'cadence_event_log',
      `event_type = 'held'`,
    );
    expect(event!.trace).toMatchObject([
      {
        gate: 'compliance',
        says: 'hold',
        because: 'organization_not_set',
        saw: { organization: 'placeholder' },
      },
    ]);
    // The hold ends nothing and does not repeat.
    await world.work();
    expect(await world.rows<CampaignContactsRow>('campaign_contacts')).toMatchObject([{ status: 'active' }]);
    expect(await world.rows('cadence_event_log', `event_type = 'held'`)).toHaveLength(1);
    expect(await attempts(world)).toEqual([]);

    await give(world, { postal_address: '7 Own Road\nTownham' });
    await world.work();
    // The name is still the sample's: both must be replaced.
    expect(world.sent).toEqual([]);
    await give(world, { name: 'Own Company', legal_name: 'Own Company Ltd' });
    await world.work();
    expect(world.sent.map(({ mail: { footer } }) => footer)).toMatchObject([
      { sender_name: 'Own Company Ltd', postal_address: '7 Own Road\nTownham' },
    ]);
  });

  it('the catcher accepts a message, unless its mailbox has a server of its own', async () => {
    const world = await placeholderWorld();
    const mail = scripted(() => true);
    await approvedLeads(world, 2);
    await deliver(caughtBy(world, CATCHER), mail);
    expect(mail.messages).toHaveLength(2);
    expect(await attempts(world)).toMatchObject([{ caught: true }, { caught: true }]);

    const other = await placeholderWorld();
    await approvedLeads(other, 1);
    await db.query(
      `UPDATE mailboxes SET smtp_host = 'mail.own.example', smtp_port = 465, smtp_security = 'tls' WHERE org_id = $1`,
      [other.org_id],
    );
    await deliver(caughtBy(other, CATCHER), mail);
    expect(mail.messages).toHaveLength(2);
    expect(await items(other)).toMatchObject([{ status: 'held', held_reason: 'organization_not_set' }]);
  });

  it('Today asks for both where mail would be sent, and where none were given at all', async () => {
    const world = await placeholderWorld();
    const [get] = todayOperations;
    const asks = async (catcher: MailCatcher | null) => {
      const context = { ...world.context, catcher };
      return (await get.run({ context, principal: world.person, input: {} })).needs_organization;
    };
    expect([await asks(null), await asks(CATCHER)]).toEqual([true, false]);
    await db.query(`UPDATE organizations SET postal_address = $2 WHERE org_id = $1`, [
      world.org_id,
      UNSET_POSTAL_ADDRESS,
    ]);
    expect(await asks(CATCHER)).toBe(true);
    await give(world, { name: 'Own', postal_address: '7 Own Road' });
    expect([await asks(null), await asks(CATCHER)]).toEqual([false, false]);
  });
});

describe('the organization over HTTP', () => {
  let world: World;
  let door: Door;
  let admin: string;
  let rep: string;

  beforeAll(async () => {
    world = await placeholderWorld();
    door = await openDoor(db, world);
    if (world.person.kind === 'human')
      admin = await addKey(db, world.org_id, { user_id: world.person.user_id });
    rep = await addKey(db, world.org_id, { user_id: (await addPerson(db, world.org_id)).user_id });
  });
  afterAll(() => door.close());

  it('is shown to everyone, changed by admins only, by version, and audited', async () => {
    const read = await door.call('GET', '/organization', { key: rep });
    expect(read.body).toMatchObject({
      name: 'RedKey',
      postal_address: SAMPLE_POSTAL_ADDRESS,
      own_since: null,
    });
    expect(read.headers.get('etag')).not.toBeNull();
    const body = { name: 'Own Company', postal_address: '7 Own Road\nTownham', time_zone: 'Europe/Berlin' };
    expect((await door.call('PATCH', '/organization', { key: rep, body })).status).toBe(403);
    const changed = await door.call('PATCH', '/organization', { key: admin, body });
    expect(changed.body).toMatchObject({ ...body, own_since: expect.any(String), own_by: 'Admin' });
    const get = organizationOperations.find(({ name }) => name === 'get_organization')!;
    const in_words = get.text!(changed.body);
    expect(in_words).toMatch(
      /^Name and postal address: set by Admin on \w{3}, \w{3} \d+, \d{4}, \d+:\d\d\s[AP]M GMT\+1$/m,
    );
    const { body: audit } = await door.call('GET', '/audit?subject=organizations', { key: admin });
    const line = audit.items.find((one: { operation: string }) => one.operation === 'patch_organization');
    expect(line).toMatchObject({
      actor_kind: 'human',
      changes: { name: { old: 'RedKey', new: 'Own Company' } },
    });
  });

  it.each([
    [{ postal_address: SAMPLE_POSTAL_ADDRESS }, 'postal_address'],
    [{ postal_address: UNSET_POSTAL_ADDRESS.replace(' ', '  ') }, 'postal_address'],
    [{ postal_address: 'a\u001bb' }, 'postal_address'],
    [{ name: 'a\u200eb' }, 'name'],
    [{ legal_name: 'a\u2028b' }, 'legal_name'],
    [{ time_zone: 'Mars/Base' }, 'time_zone'],
    [{ sender_address: 'nobody' }, 'sender_address'],
  ])('refuses %j with its path', async (body, path) => {
    const refused = await door.call('PATCH', '/organization', { key: admin, body });
    expect({
      status: refused.status,
      paths: refused.body.errors.map((one: { path: string }) => one.path),
    }).toEqual({
      status: 422,
      paths: [path],
    });
  });
});

describe('the database', async () => {
  const world = await placeholderWorld();
  const { org_id, person } = world;
  const user_id = person.kind === 'human' ? person.user_id : '';
  const { user_id: rep_id } = await addPerson(db, org_id);
  const admin: Actor = { org_id, kind: 'human', id: user_id };
  const others: Actor[] = [
    { org_id, kind: 'human', id: rep_id },
    { org_id, kind: 'coordinator', id: 'AGT-302' },
  ];
  const attack = (actor: Actor, text: string, values: unknown[] = [org_id]) =>
    transaction(db.app, actor, (tx) => tx.query(text, values)).then(() => null, sqlState);

  it.each(others)('lets only an admin change it: $kind', async (actor) => {
    expect(await attack(actor, `UPDATE organizations SET name = 'Mine' WHERE org_id = $1`)).toBe('TL019');
    expect(await attack(actor, `UPDATE organizations SET own_since = now() WHERE org_id = $1`)).toBe('TL019');
  });

  it('accepts ownership only from a person in their own name, and never of a placeholder address', async () => {
    const own = `UPDATE organizations SET own_since = now(), own_by_user_id = $2`;
    expect(
      await attack(admin, `${own}, postal_address = '7 Own Road' WHERE org_id = $1`, [org_id, rep_id]),
    ).toBe('TL005');
    expect(await attack(admin, `UPDATE organizations SET own_since = now() WHERE org_id = $1`)).toBe('TL005');
    const spaced = [UNSET_POSTAL_ADDRESS, SAMPLE_POSTAL_ADDRESS].flatMap((one) =>
      ['  ', '\n', ' \u00a0', '\u2003\t'].map((space) => ` ${one.replaceAll(' ', space)}\u200b`),
    );
    for (const address of [SAMPLE_POSTAL_ADDRESS, UNSET_POSTAL_ADDRESS, ...spaced]) {
      expect(isOwnAddress(address), address).toBe(false);
      const text = `${own}, postal_address = $3 WHERE org_id = $1`;
      expect(await attack(admin, text, [org_id, user_id, address])).toBe('23514');
    }
  });

  it('refuses every attempt to a real server under a placeholder, whoever writes it', async () => {
    await approvedLeads(world, 1);
    const [mailbox] = await world.rows<{ id: string }>('mailboxes');
    const attempt = (caught: boolean) =>
      attack(
        { org_id, kind: 'coordinator', id: 'AGT-302' },
        `INSERT INTO send_attempts (org_id, id, queue_id, draft_id, mailbox_id, content_hash, message_id, stage, policy_version,
           lease_until, started_at, caught)
         SELECT q.org_id, gen_random_uuid(), q.id, d.id, $2, d.content_hash, '<a@b.example>', 'intent', 1, now(), now(), $3
         FROM sales_send_queue q JOIN staged_drafts d ON d.org_id = q.org_id AND d.id = q.staged_draft_id WHERE q.org_id = $1`,
        [org_id, mailbox!.id, caught],
      );
    expect(await attempt(false)).toBe('TL071');
    await db.query(
      `UPDATE mailboxes SET smtp_host = 'mail.own.example', smtp_port = 465, smtp_security = 'tls' WHERE org_id = $1`,
      [org_id],
    );
    expect(await attempt(true)).toBe('TL071');
  });
});

it('counts values given at setup as own, and the sample’s not', async () => {
  const world = await createWorld(db);
  const [own] = await world.rows<OrganizationsRow>('organizations');
  expect(own).toMatchObject({ own_since: world.clock.now(), own_by_user_id: null });
});

it('counts given values as own after an upgrade, and the sample’s address as a placeholder', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'touchline-upgrade-'));
  const { db: old, owner_url, close } = await testDatabase({ empty: true });
  const owner = await openOwnerPool({ url: owner_url, max: 2 });
  try {
    const shipped = new URL('../../db/', import.meta.url);
    const migrations = await readdir(new URL('migrations/', shipped));
    const first = migrations.filter((name) => name.includes('_own_organization')).sort()[0]!;
    await cp(new URL('migrations/', shipped), join(dir, 'migrations'), {
      recursive: true,
      filter: (path) => !path.endsWith('.sql') || basename(path) < first,
    });
    await migrate(owner, { dir });
    const insert = `INSERT INTO organizations (org_id, slug, name, postal_address, sender_name, sender_address, created_at)
      VALUES (gen_random_uuid(), $1, $1, $2, 'Jo', 'jo@sender.example', '2026-01-02Z')`;
    await old.query(insert, ['mine', '1 Own Way']);
    await old.query(insert, ['redkey', SAMPLE_POSTAL_ADDRESS]);
    await migrate(owner);
    const { rows } = await old.query(
      'SELECT slug, own_since, own_by_user_id FROM organizations ORDER BY slug',
    );
    expect(rows).toEqual([
      { slug: 'mine', own_since: new Date('2026-01-02Z'), own_by_user_id: null },
      { slug: 'redkey', own_since: null, own_by_user_id: null },
    ]);
  } finally {
    await owner.close();
    await close();
    await rm(dir, { recursive: true });
  }
});

replaysEveryDecision(db, ['requested', 'dispatched', 'sent']);
