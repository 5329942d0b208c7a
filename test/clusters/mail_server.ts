import { once } from 'node:events';
import { SMTPServer } from 'smtp-server';

export type MailServer = {
  /** Without TLS. */
  url: string;
  port: number;
  /** The sources of the messages that it accepted. */
  readonly messages: string[];
  close(): Promise<void>;
};

/**
 * A third-party mail server from the product's point of view: it requires a login and accepts every message. With `tls` it
 * accepts TLS only, with that certificate.
 */
export async function startMailServer(tls?: { key: string; cert: string }): Promise<MailServer> {
  const messages: string[] = [];
  const server = new SMTPServer({
    ...(tls === undefined ? {} : { ...tls, secure: true }),
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    disableReverseLookup: true,
    logger: false,
    closeTimeout: 50,
    onAuth({ username: user = '' }, _, done) {
      done(null, { user });
    },
    onData(stream, _, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        messages.push(Buffer.concat(chunks).toString());
        done();
      });
    },
  });
  server.on('error', () => undefined);
  const listening = server.listen(0, '127.0.0.1');
  await once(listening, 'listening');
  const { port } = listening.address() as { port: number };
  return {
    url: `smtp://tara:secret@127.0.0.1:${port}`,
    port,
    messages,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
