import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { startCatcher } from '../../src/connectors/catcher.ts';
import { smtpSender } from '../../src/connectors/smtp.ts';
import { mailboxOperations } from '../../src/operations/sending/mailboxes.ts';
import { verifyDkim } from '../connectors/dkim_verify.ts';
import { testDatabase } from '../database.ts';
import { createWorld, DAY_MS } from '../world.ts';
import { approve, approvedLeads, deliver, mailboxOf } from './send_world.ts';

/* The whole path: key by operation, sealed, opened, signed, SMTP, caught; verified with the published record. */

const { db } = await testDatabase();
const world = await createWorld(db);
const dir = await mkdtemp(join(tmpdir(), 'touchline-dkim-'));
const catcher = await startCatcher({ clock: world.clock, dir });
const mail = smtpSender({ url: catcher.url, connection_timeout_ms: 5_000, socket_timeout_ms: 5_000 });
afterAll(async () => {
  await mail.close();
  await catcher.close();
  await rm(dir, { recursive: true });
});

it('received mail is signed with the mailbox’s key, as its DNS record says', async () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const private_key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const patch = mailboxOperations.find(({ name }) => name === 'patch_mailbox')!;
  const { id } = await mailboxOf(world);
  const input = { id, dkim: { domain: 'sender.example', selector: 's1', private_key } };
  const call = { context: world.context, principal: world.person, input };
  const { dkim } = patch.output.parse(await patch.run(call as never)) as {
    dkim: { public_dns_record: string };
  };
  const published = dkim.public_dns_record
    .split('"')
    .filter((_, at) => at % 2 === 1)
    .join('');
  const public_key = published.replace('v=DKIM1; k=rsa; p=', '');

  const [lead_id] = await approvedLeads(world, 1);
  await deliver(world, mail);
  // The second step replies to the first, so that both threading headers are present.
  world.clock.advance(3 * DAY_MS);
  await world.work();
  await approve(world, lead_id!);
  await deliver(world, mail);

  const { items } = await catcher.messages();
  expect(items).toHaveLength(2);
  for (const { raw } of items) {
    const verdict = verifyDkim(raw, public_key);
    expect(verdict).toMatchObject({ body_holds: true, signature_holds: true });
    expect(verdict.tags).toMatchObject({ d: 'sender.example', s: 's1' });
    expect(verdict.signed_names).toContain('list-unsubscribe-post');
    expect(verifyDkim(raw.replace('One-Click', 'Two-Click'), public_key).signature_holds).toBe(false);
    expect(verifyDkim(raw.replace(/^Message-ID: </im, 'Message-ID: <x'), public_key).signature_holds).toBe(
      false,
    );
  }
  const answer = items[0]!.raw;
  expect(answer).toMatch(/^In-Reply-To: /m);
  const cut = answer.replace(/^In-Reply-To: .*\r\n/m, '');
  expect(verifyDkim(cut, public_key).signature_holds).toBe(false);
});
