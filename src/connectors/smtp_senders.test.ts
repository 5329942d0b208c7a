import { expect, it } from 'vitest';
import type { MailConnection, OutboundMail } from '../mail/messages.ts';
import type { MailSender } from './connector.ts';
import { smtpSenders } from './smtp_senders.ts';

const message = (address: string, connection?: MailConnection): OutboundMail => ({
  message_id: '<x@y.example>',
  from: { name: 'X', address },
  to: { address: 'lead@prospect.example' },
  subject: 'Hello',
  text: 'Hello',
  list_unsubscribe_url: 'https://touchline.example/u/x',
  footer: null,
  date: new Date(0),
  ...(connection === undefined ? {} : { connection }),
});
const server = (host: string): MailConnection => ({ host, port: 465, security: 'tls', auth: null });

function recorder() {
  const log: string[] = [];
  const made = (name: string): MailSender => ({
    send: async (mail) => {
      log.push(`${name} < ${mail.from.address}`);
      return { kind: 'sent', response: '250 ok' };
    },
    verify: async () => {
      log.push(`${name} verified`);
    },
    close: async () => {
      log.push(`${name} closed`);
    },
  });
  return { log, made };
}

it('the set of senders keeps one sender per mailbox with a server, closes it on changes or when idle, and uses the shared one for the others', async () => {
  const { log, made } = recorder();
  const open = ({ host, tls }: { host: string; tls: string }) => made(`${host} ${tls}`);
  const mail = smtpSenders({ shared: made('shared'), open, own_connections: true, idle_ms: 20 });
  await mail.send(message('a@x.example'));
  await mail.send(message('b@x.example', server('one')));
  await mail.send(message('b@x.example', server('one')));
  await mail.send(message('b@x.example', server('two')));
  await mail.send(message('c@x.example', server('two')));
  expect(log).toEqual([
    'shared < a@x.example',
    'one implicit < b@x.example',
    'one implicit < b@x.example',
    'one implicit closed',
    'two implicit < b@x.example',
    'two implicit < c@x.example',
  ]);
  await new Promise((resolve) => setTimeout(resolve, 60));
  expect(log.filter((line) => line === 'two implicit closed')).toHaveLength(2);
  await mail.verify(server('three'));
  expect(log.slice(-2)).toEqual(['three implicit verified', 'three implicit closed']);
  await mail.close();
  expect(log.at(-1)).toBe('shared closed');
  expect(await mail.send(message('a@x.example'))).toMatchObject({ kind: 'deferred' });
});

it('the set of senders never connects to a real server on a simulated clock', async () => {
  const { log, made } = recorder();
  const mail = smtpSenders({ shared: made('catcher'), open: () => made('real'), own_connections: false });
  await mail.send(message('b@x.example', server('one')));
  await mail.verify(server('one'));
  expect(log).toEqual(['catcher < b@x.example', 'catcher verified']);
});
