import { createServer } from 'node:net';

/** The part of a mail server that a login needs. */
export async function greeter(): Promise<{ url: string; close(): void }> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.write('220 mail.example\r\n');
    socket.on('data', (line) =>
      socket.write(/^quit/i.test(String(line)) ? '221 bye\r\n' : '250 mail.example\r\n'),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  return { url: `smtp://127.0.0.1:${port}`, close: () => server.close() };
}
