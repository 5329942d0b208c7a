import { afterEach, expect, test } from 'vitest';
import { mail } from '../../test/connectors/mail.ts';
import { startAdversary } from '../../test/connectors/smtp_adversary.ts';
import { smtpSender } from '../connectors/smtp.ts';
import type { OutboundMail } from './messages.ts';
import { buildMime } from './mime.ts';

const open: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

function sender(port: number, options: { compose?: (message: OutboundMail) => Promise<Buffer> } = {}) {
  const url = `smtp://127.0.0.1:${port}`;
  const made = smtpSender({ url, connection_timeout_ms: 10_000, socket_timeout_ms: 10_000, ...options });
  open.push(made.close);
  return made;
}

test.each([
  ['the postal address in the text', /^1 Main Street\r$/m, 'Elsewhere'],
  ['the unsubscribe link in the text', /^Unsubscribe: .*$/m, 'Unsubscribe'],
  ['the postal address in the HTML', /1 Main Street<br>/, '<br>'],
  ['the postal address in the HTML', /1 Main Street<br>/, '<!--1 Main Street--><br>'],
  ['the unsubscribe link in the HTML', /href=3D"https:/, 'href=3D"http:'],
  ['the List-Unsubscribe header', /^List-Unsubscribe: .*$/m, 'X-Nothing: 1'],
])('a composer that loses %s is refused before any connection', async (what, from, to) => {
  const server = await startAdversary({});
  open.push(server.close);
  const compose = async (message: OutboundMail) => {
    const whole = (await buildMime(message)).toString('latin1');
    const broken = whole.replace(from, to);
    expect(broken).not.toBe(whole);
    return Buffer.from(broken, 'latin1');
  };
  const send = sender(server.port, { compose }).send(mail());
  await expect(send).rejects.toMatchObject({
    code: 'mail_footer_missing',
    message: expect.stringContaining(what),
  });
  expect(server.sessions).toBe(0);
  expect(await sender(server.port).send(mail())).toMatchObject({ kind: 'sent' });
});
