import type { Socket } from 'node:net';

/** Sends what is written in one turn of the event loop together: a write costs the system more than many a statement. */
export function sentByTurns(socket: Socket): Socket {
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
  return socket;
}
