import type { Socket } from 'node:net';

/** Sends all writes of one turn of the event loop together: a write costs the system more than many statements do. */
export function sentByTurns(socket: Socket): Socket {
  // Not earlier: connecting restores the socket's own `write`.
  socket.once('connect', () => gatherWrites(socket));
  return socket;
}

function gatherWrites(socket: Socket): void {
  const write = socket.write;
  let is_gathering = false;
  socket.write = ((...args: unknown[]) => {
    if (!is_gathering) {
      is_gathering = true;
      socket.cork();
      process.nextTick(() => {
        is_gathering = false;
        socket.uncork();
      });
    }
    return write.apply(socket, args as never);
  }) as typeof write;
}
