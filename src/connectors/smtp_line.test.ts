import { Socket } from 'node:net';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import { expect, test } from 'vitest';
import { startAdversary } from '../../test/connectors/smtp_adversary.ts';
import { dotStuffed, openLine } from './smtp_line.ts';

const limits = { connection_timeout_ms: 10_000, reply_timeout_ms: 10_000 };

/**
 * Our assumptions about nodemailer. If an update breaks one of these, review `takeOver`: two readers on one socket, or
 * none, would lose the difference between "not delivered" and "perhaps delivered".
 */
test('the extension point in nodemailer is unchanged', async () => {
  const server = await startAdversary({});
  const connection = new SMTPConnection({ host: '127.0.0.1', port: server.port, logger: false });
  const events: string[] = [];
  connection.on('error', () => events.push('error'));
  connection.on('end', () => events.push('end'));
  await new Promise<void>((resolve, reject) =>
    connection.connect((error) => (error ? reject(error) : resolve())),
  );
  const socket = connection._socket;
  expect(socket).toBeInstanceOf(Socket);
  if (!socket) throw new Error('no socket');
  expect(socket.listenerCount('data')).toBe(1);
  // Idle after the handshake: nodemailer writes nothing on its own, and reports the end.
  const commands = server.commands.length;
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(server.commands).toHaveLength(commands);
  server.hangUp();
  await expect.poll(() => events).toEqual(['end']);
  expect(connection.destroyed).toBe(true);
  await server.close();
});

test('an open connection is usable until the server sends an unrequested reply or disconnects', async () => {
  const server = await startAdversary({});
  const target = { host: '127.0.0.1', port: server.port, tls: 'off', auth: null } as const;
  const opened = await openLine(target, limits);
  if (opened.kind !== 'open') throw new Error(opened.why);
  const { line } = opened;
  expect(line.usable()).toBe(true);
  expect(await line.ask('MAIL FROM:<a@x.test>')).toEqual({
    kind: 'reply',
    reply: { code: 250, enhanced: '2.1.0', text: '250 2.1.0 ok' },
  });
  expect(() => line.ask('RCPT TO:<b@x.test>\r\nDATA')).toThrow('not allowed');
  expect(line.usable()).toBe(true);
  server.hangUp('421 4.4.2 too slow\r\n');
  await expect.poll(() => line.usable()).toBe(false);
  expect(await line.ask('RCPT TO:<b@x.test>')).not.toMatchObject({ kind: 'reply' });
  line.drop();
  await server.close();
});

test.each([
  ['', '.\r\n'],
  ['a', 'a\r\n.\r\n'],
  ['a\r\n', 'a\r\n.\r\n'],
  ['.\r\n', '..\r\n.\r\n'],
  ['a\r\n.\r\nb\r\n', 'a\r\n..\r\nb\r\n.\r\n'],
  ['a\n.\nMAIL FROM:<evil@x.test>\n', 'a\r\n..\r\nMAIL FROM:<evil@x.test>\r\n.\r\n'],
  ['a\r.\rb', 'a\r\n..\r\nb\r\n.\r\n'],
  ['a\r\n..b\r\n', 'a\r\n...b\r\n.\r\n'],
  ['\xe4\x85\r\n', '\xe4\x85\r\n.\r\n'],
])('dotStuffed(%j)', (source, wire) => {
  expect(dotStuffed(Buffer.from(source, 'latin1')).toString('latin1')).toBe(wire);
});
