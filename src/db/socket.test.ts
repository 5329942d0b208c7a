import { once } from 'node:events';
import { type AddressInfo, createServer, Socket } from 'node:net';
import { expect, test } from 'vitest';
import { sentByTurns } from './open.ts';

test('data written in one turn is sent together once the socket has connected', async () => {
  const server = createServer((peer) => peer.pipe(peer)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = sentByTurns(new Socket());
  socket.connect((server.address() as AddressInfo).port, '127.0.0.1');
  await once(socket, 'connect');
  const writes: number[] = [];
  const { _writev } = socket;
  socket._writev = (chunks, done) => {
    writes.push(chunks.length);
    _writev?.call(socket, chunks, done);
  };
  for (const turn of ['abc', 'de']) {
    for (const letter of turn) socket.write(letter);
    const [echo] = (await once(socket, 'data')) as [Buffer];
    expect(echo.toString()).toBe(turn);
  }
  expect(writes).toEqual([3, 2]);
  socket.destroy();
  server.close();
});
