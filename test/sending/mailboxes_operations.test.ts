import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { dkimKeyOwner } from '../../src/coordinator/sending/mailboxes.ts';
import { openSecret, sealSecret } from '../../src/coordinator/sending/sealed_secret.ts';
import { AppError } from '../../src/errors.ts';
import { readDkimKey } from '../../src/mail/dkim_key.ts';
import { PERMISSIONS } from '../../src/operations/permissions.ts';
import { mailboxOperations } from '../../src/operations/sending/mailboxes.ts';
import { USER_ROLE_VALUES } from '../../src/schema.gen.ts';
import { testDatabase } from '../database.ts';
import { createWorld, type World } from '../world.ts';
import { approvedLeads, deliver, itemOf, mailboxOf, scripted } from './send_world.ts';

const { db } = await testDatabase();
const world = await createWorld(db);
const { id } = await mailboxOf(world);

const pem = (bits: number) =>
  generateKeyPairSync('rsa', { modulusLength: bits })
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString();
const private_key = pem(2048);
const elliptic = generateKeyPairSync('ed25519')
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString();

/** The response as sent: fields outside the output schema are gone. */
async function operate(name: string, input: Record<string, unknown>, change: Partial<World['context']> = {}) {
  const operation = mailboxOperations.find((one) => one.name === name)!;
  const context = { ...world.context, ...change };
  const call = { context, principal: world.person, input: operation.input.parse(input) };
  return operation.output.parse(await operation.run(call as never)) as Record<string, unknown>;
}

const patch = (dkim: Record<string, unknown> | null) => operate('patch_mailbox', { id, dkim });

describe('a mailbox', () => {
  it('is created with its org, from the sender’s address', async () => {
    expect(await operate('list_mailboxes', {})).toMatchObject({
      items: [{ id, address: 'justin@sender.example', display_name: 'Justin', status: 'ok', dkim: null }],
      next_cursor: null,
    });
  });

  it('is changed by admin and revops; agents cannot even read it', () => {
    for (const { name } of mailboxOperations) {
      const { people, agents } = PERMISSIONS[name];
      expect(agents, name).toEqual([]);
      const reads = /^(list|get)_/.test(name);
      const by_admins = ['create_mailbox', 'connect_mailbox', 'disconnect_mailbox'];
      const writers = by_admins.includes(name) ? ['admin'] : ['revops', 'admin'];
      expect(people, name).toEqual(reads ? USER_ROLE_VALUES : writers);
    }
  });

  it('can be renamed, and sends under the new name', async () => {
    await operate('patch_mailbox', { id, display_name: 'Justin of Testers' });
    const [lead_id] = await approvedLeads(world, 1);
    const mail = scripted(() => true);
    await deliver(world, mail);
    expect(mail.messages[0]!.from).toEqual({ name: 'Justin of Testers', address: 'justin@sender.example' });
    expect((await itemOf(world, lead_id!)).status).toBe('sent');
    await expect(operate('patch_mailbox', { id, display_name: 'a\r\nBcc: b' })).rejects.toThrow(/control/);
  });

  it('is paused with a reason, and resumed', async () => {
    await expect(operate('patch_mailbox', { id, paused: true })).rejects.toMatchObject({
      code: 'reason_required',
      errors: [{ path: 'reason' }],
    });
    expect(await operate('patch_mailbox', { id, paused: true, reason: 'new footer' })).toMatchObject({
      paused_by: 'person',
      status: 'paused: new footer',
      paused_reason: 'new footer',
    });
    expect(await operate('patch_mailbox', { id, paused: false })).toMatchObject({ paused_at: null });
    expect(await operate('pause_mailbox', { id, reason: 'again' })).toMatchObject({ paused_by: 'person' });
    expect(await operate('resume_mailbox', { id })).toMatchObject({ paused_at: null });
  });

  it('of another org is not found', async () => {
    const other = await createWorld(db);
    const strange = (await mailboxOf(other)).id;
    for (const name of [
      'get_mailbox',
      'get_mailbox_dkim',
      'patch_mailbox',
      'resume_mailbox',
      'test_mailbox',
    ]) {
      await expect(operate(name, { id: strange }), name).rejects.toMatchObject({ code: 'not_found' });
    }
  });
});

describe('its signature', () => {
  it('is shown as the record to publish; the key is sealed and never shown', async () => {
    const dkim = { domain: 'Sender.Example', selector: 's1', private_key };
    const answers = [
      await patch(dkim),
      await operate('get_mailbox', { id }),
      await operate('list_mailboxes', {}),
    ];
    const record = /^s1\._domainkey\.sender\.example\. IN TXT \( "v=DKIM1; k=rsa; p=[^"]+" "[^"]+" \)$/;
    expect(answers[0]!.dkim).toEqual({
      domain: 'sender.example',
      selector: 's1',
      public_dns_record: expect.stringMatching(record),
      dns_name: 's1._domainkey.sender.example',
      dns_value: `v=DKIM1; k=rsa; p=${readDkimKey(private_key).public_key}`,
    });
    const secret_part = private_key.split('\n')[3]!;
    expect(JSON.stringify(answers)).not.toMatch(/dkim_private_key|PRIVATE KEY/);
    expect(JSON.stringify(answers)).not.toContain(secret_part);
    const stored = (await mailboxOf(world)).dkim_private_key!;
    expect(stored.toString('latin1')).not.toContain(secret_part);

    await approvedLeads(world, 1);
    const mail = scripted(() => true);
    await deliver(world, mail);
    expect(mail.messages[0]!.dkim).toEqual({ domain: 'sender.example', selector: 's1', private_key });
  });

  it.each([
    ['no key', 'not a key'],
    [
      'a public key',
      generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ type: 'spki', format: 'pem' }),
    ],
    ['a short key', pem(512)],
    ['an elliptic key', elliptic],
  ])('is refused with %s', async (_name, key) => {
    const refused = patch({ domain: 'sender.example', selector: 's1', private_key: key });
    const error = await refused.catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'dkim_key_invalid', errors: [{ path: 'dkim.private_key' }] });
    expect((error as AppError).message).not.toContain(String(key).trim());
  });

  it.each(['evil.example', 'ender.example', 'mail.sender.example'])('cannot be for %s', async (domain) => {
    await expect(patch({ domain, selector: 's1', private_key })).rejects.toMatchObject({
      code: 'dkim_domain_unaligned',
      errors: [{ path: 'dkim.domain' }],
    });
  });

  it.each(['example', 'a b.example', 'sender.example\r\n', ''])('rejects domain %j', async (domain) => {
    const whole = domain.trim() === 'sender.example';
    const answer = patch({ domain, selector: 's1', private_key });
    if (whole) expect(await answer).toMatchObject({ dkim: { domain: 'sender.example' } });
    else await expect(answer).rejects.toThrow();
  });

  it('uses a key that the server generates and never shows, if none is given', async () => {
    const made = await patch({ domain: 'sender.example', selector: 'made' });
    const { dkim_private_key } = await mailboxOf(world);
    const pem_text = openSecret(world.context.secret, dkim_private_key!, dkimKeyOwner(world.org_id, id))!;
    const { public_key, private_key: key } = readDkimKey(pem_text);
    expect(key.asymmetricKeyDetails).toMatchObject({ modulusLength: 2048 });
    expect(made.dkim).toMatchObject({ selector: 'made', dns_value: `v=DKIM1; k=rsa; p=${public_key}` });
    expect(JSON.stringify(made)).not.toMatch(/PRIVATE KEY/);
    // Repeating the request must not create a key that DNS does not know.
    await expect(patch({ domain: 'sender.example', selector: 'MADE' })).rejects.toMatchObject({
      code: 'dkim_selector_in_use',
      errors: [{ path: 'dkim.selector' }],
    });
    expect((await mailboxOf(world)).dkim_private_key).toEqual(dkim_private_key);
    await expect(patch({ domain: 'evil.example', selector: 'made' })).rejects.toMatchObject({
      code: 'dkim_domain_unaligned',
    });
    expect(await patch({ domain: 'sender.example', selector: 'made', private_key })).toMatchObject({
      dkim: { dns_value: `v=DKIM1; k=rsa; p=${readDkimKey(private_key).public_key}` },
    });
  });

  it('is looked up in DNS', async () => {
    const { dkim } = (await patch({ domain: 'sender.example', selector: 's1', private_key })) as {
      dkim: { dns_value: string };
    };
    const asked: string[] = [];
    const saying = (answer: () => Promise<string[]>) => ({
      dns: {
        txt(name: string) {
          asked.push(name);
          return answer();
        },
      },
    });
    const state = async (change: Partial<World['context']>) =>
      (await operate('get_mailbox_dkim', { id }, change)).state;
    expect(await state(saying(async () => ['site=1', dkim.dns_value]))).toBe('published');
    expect(await state(saying(async () => []))).toBe('missing');
    expect(await state(saying(async () => ['v=DKIM1; p=AAAA']))).toBe('other_key');
    const lost = new AppError('dns_unanswered', 'No answer.', { status: 503 });
    expect(await state(saying(() => Promise.reject(lost)))).toBe('unanswered');
    expect(await state({})).toBe('unanswered');
    expect(new Set(asked)).toEqual(new Set(['s1._domainkey.sender.example']));
    await expect(state(saying(() => Promise.reject(new Error('a bug'))))).rejects.toThrow('a bug');
    await patch(null);
    expect(await state(saying(async () => []))).toBe('unsigned');
  });

  it('stops the mailbox, so that no message is sent unsigned, when the key cannot be opened', async () => {
    await patch({ domain: 'sender.example', selector: 's1', private_key });
    const [lead_id] = await approvedLeads(world, 1);
    const mail = scripted(() => true);
    const other = { ...world, worker_context: { ...world.worker_context, secret: 'another secret' } };
    expect(await deliver(other, mail)).toBe(0);
    expect(mail.messages).toEqual([]);
    expect(await mailboxOf(world)).toMatchObject({ paused_by: 'server' });
    expect((await itemOf(world, lead_id!)).status).toBe('approved');
    expect(await patch(null)).toMatchObject({ dkim: null });
    await operate('resume_mailbox', { id });
    expect(await deliver(world, mail)).toBe(1);
    expect(mail.messages[0]!.dkim).toBeUndefined();
  });
});

describe('a sealed secret', () => {
  const sealed = sealSecret('secret', 'the key', ['org', 'box']);

  it('opens for its own row with its own secret, and differs each time', () => {
    expect(openSecret('secret', sealed, ['org', 'box'])).toBe('the key');
    expect(sealSecret('secret', 'the key', ['org', 'box'])).not.toEqual(sealed);
  });

  it('opens in no other case', () => {
    expect(openSecret('other', sealed, ['org', 'box'])).toBeNull();
    expect(openSecret('secret', sealed, ['org', 'other'])).toBeNull();
    expect(openSecret('secret', sealed, ['orgbox'])).toBeNull();
    expect(openSecret('secret', Buffer.alloc(0), ['org', 'box'])).toBeNull();
    for (let at = 0; at < sealed.length; at += 1) {
      const changed = Buffer.from(sealed);
      changed[at]! ^= 1;
      expect(openSecret('secret', changed, ['org', 'box'])).toBeNull();
    }
    expect(openSecret('secret', sealed.subarray(0, -1), ['org', 'box'])).toBeNull();
  });
});

describe('testing a mailbox', () => {
  it('reports whether the server accepts the login, and changes nothing', async () => {
    const well = { mail: { verify: async () => {} } };
    expect(await operate('test_mailbox', { id }, well)).toMatchObject({ ok: true, paused_at: null });
    const { text } = mailboxOperations.find(({ name }) => name === 'test_mailbox')!;
    const words = (found: Record<string, unknown>) =>
      text!({ id, address: 'a@b.example', ok: true, sent_to: null, ...found } as never);
    const untried = 'The sender was not tested; nothing was sent.';
    expect(words({ paused_by: null })).toMatch(new RegExp(`connection and the login. ${untried}$`));
    expect(words({ paused_by: 'server', paused_reason: '550 5.7.1 no' })).toContain(
      `The mailbox stays paused: 550 5.7.1 no. Fix the cause, then: touchline mailbox resume ${id}.`,
    );
    expect(words({ paused_by: 'person', paused_reason: 'holiday' })).toContain(
      'A person paused the mailbox: holiday.',
    );
    const refused = new AppError('mailbox_refused', '535');
    const broken = { mail: { verify: () => Promise.reject(refused) } };
    await expect(operate('test_mailbox', { id }, broken)).rejects.toMatchObject({ code: 'mailbox_refused' });
    expect((await mailboxOf(world)).paused_at).toBeNull();
  });

  it('needs a process that knows the server', async () => {
    await expect(operate('test_mailbox', { id })).rejects.toMatchObject({ code: 'mailbox_missing' });
  });
});
