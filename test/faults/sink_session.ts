import type { Socket } from 'node:net';

export type SinkSession = ReturnType<typeof openSinkSession>;

const END = '\r\n.\r\n';

/** One connection of a mail server, read line by line. A read returns null at the end of the input. */
export function openSinkSession(socket: Socket) {
  let buffered = '';
  let ended = false;
  let wake = () => {};
  const onData = (chunk: Buffer) => {
    buffered += chunk.toString('latin1');
    wake();
  };
  const onEnd = () => {
    ended = true;
    wake();
  };
  socket.setNoDelay(true);
  socket.on('error', () => undefined);
  socket.on('data', onData).on('end', onEnd).on('close', onEnd);
  const more = () =>
    new Promise<void>((resolve) => {
      wake = resolve;
      if (ended) resolve();
    });
  const readUntil = async (end: string): Promise<string | null> => {
    for (;;) {
      const at = buffered.indexOf(end);
      if (at >= 0) {
        const text = buffered.slice(0, at);
        buffered = buffered.slice(at + end.length);
        return text;
      }
      if (ended) return null;
      await more();
    }
  };
  return {
    readLine: () => readUntil('\r\n'),
    /** Everything up to the final dot. */
    readMessage: () => readUntil(END),
    /** Waits until data has arrived; false at the end of the input. */
    async hasMore(): Promise<boolean> {
      while (buffered === '' && !ended) await more();
      return buffered !== '';
    },
    isOpen: () => !ended && socket.writable,
    say(text: string, fragment: boolean): void {
      if (!socket.writable) return;
      if (!fragment) socket.write(text, 'latin1');
      else for (const byte of text) socket.write(byte, 'latin1');
    },
    drip(text: string, every_ms: number): void {
      let at = 0;
      const timer = setInterval(() => socket.write(text[at++ % text.length] ?? ''), every_ms);
      socket.on('close', () => clearInterval(timer));
    },
    end: () => void socket.end(),
    reset: () => void socket.resetAndDestroy(),
    /** Hands over the bare connection, which is no longer read here. */
    detach(): Socket {
      socket.off('data', onData);
      return socket;
    },
  };
}
