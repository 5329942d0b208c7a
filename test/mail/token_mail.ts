import { once } from 'node:events';
import { SMTPServer } from 'smtp-server';
import type { MailSender } from '../../src/connectors/connector.ts';
import { smtpSender } from '../../src/connectors/smtp.ts';
import { smtpSenders } from '../../src/connectors/smtp_senders.ts';
import { selfSigned } from '../connectors/self_signed.ts';

export type TokenMail = {
  port: number;
  cert: string;
  /** Every login attempt with its token, in order. */
  readonly logins: { user: string; access_token: string; taken: boolean }[];
  /** The sources of the accepted messages. */
  readonly messages: string[];
  /** Sends as the product does, and trusts this server's certificate. */
  sender: MailSender;
  close(): Promise<void>;
};

/** An SMTP server over TLS that accepts tokens by XOAUTH2, and passwords as well. */
export async function startTokenMail(
  takes: (token: string) => boolean,
  password = 'a password',
): Promise<TokenMail> {
  const { key, cert } = selfSigned();
  const logins: TokenMail['logins'] = [];
  const messages: string[] = [];
  const server = new SMTPServer({
    secure: true,
    key,
    cert,
    authMethods: ['PLAIN', 'LOGIN', 'XOAUTH2'],
    disableReverseLookup: true,
    closeTimeout: 50,
    logger: false,
    onAuth({ method, username: user = '', password: shown, accessToken: access_token = '' }, _, done) {
      const taken = method === 'XOAUTH2' ? takes(access_token) : shown === password;
      logins.push({ user, access_token, taken });
      // As large providers do: the reason in a challenge, and a refusal after the answer to it.
      if (taken) done(null, { user });
      else if (method === 'XOAUTH2') done(null, { data: { status: '401' } });
      else done(new Error('Wrong password'));
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
  const waits = { connection_timeout_ms: 5_000, socket_timeout_ms: 5_000 };
  const sender = smtpSenders({
    shared: null,
    own_connections: true,
    open: (target) => smtpSender({ url: { ...target, ca: cert }, ...waits }),
  });
  return {
    port,
    cert,
    logins,
    messages,
    sender,
    close: async () => {
      await sender.close();
      await new Promise<void>((resolve) => server.close(resolve));
    },
  };
}
