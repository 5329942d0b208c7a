import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { chmod, chown, mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { selfSigned } from '../connectors/self_signed.ts';

const DOVECOT = '/usr/sbin/dovecot';
const DOVEADM = '/usr/bin/doveadm';
const run = promisify(execFile);
const PASSWORD = 'for-this-test-only';

/** The owner of mail: `nobody`, since Dovecot and Postfix refuse to handle mail as root. */
export const MAIL_UID = 65_534;
export const MAIL_GID = 65_534;

export type Dovecot = {
  port: number;
  /** The certificate authority of its certificate. */
  ca: string;
  /** In the form of `IMAP_URL`; the address is the user. */
  url(address: string): string;
  /** The folder for deliveries to an address: `domain/name/Maildir/` below this one. */
  maildirs: string;
  /** Delivers as usual for a Maildir: written aside, then moved into `new`. `folder` is `INBOX` or `Junk`. */
  deliver(address: string, name: string, raw: string | Buffer, folder?: 'INBOX' | 'Junk'): Promise<void>;
  /** The flags of each message in the inbox of an address, from its Maildir. */
  flags(address: string): Promise<string[]>;
  /** Ends the sessions of an address, as an administrator does. Returns whether there were any. */
  kick(address: string): Promise<boolean>;
  /** Ends all sessions and starts again. */
  restart(): Promise<void>;
  log(): string;
  close(): Promise<void>;
};

/** Why Dovecot is unavailable here; null if it can be started: it drops rights, so it needs root. */
export function dovecotMissing(): string | null {
  if (!existsSync(DOVECOT)) return 'no Dovecot is installed';
  return process.getuid?.() === 0 ? null : 'Dovecot is started as root';
}

/** A separate Dovecot with its own configuration and data, on a free port of this machine. */
export async function startDovecot(): Promise<Dovecot> {
  const dir = await mkdtemp(join(tmpdir(), 'dovecot-'));
  const port = await freePort();
  const maildirs = join(dir, 'mail');
  const tls = selfSigned();
  await chmod(dir, 0o755);
  await ownedByMail(maildirs);
  await writeFile(join(dir, 'key.pem'), tls.key, { mode: 0o600 });
  await writeFile(join(dir, 'cert.pem'), tls.cert);
  await writeFile(join(dir, 'dovecot.conf'), configuration(dir, port));
  const log = () => readFileSync(join(dir, 'log'), 'utf8');
  let daemon = await begin(dir, port, log);
  return {
    port,
    ca: tls.cert,
    maildirs,
    url: (address) =>
      `imap://${encodeURIComponent(address)}:${encodeURIComponent(PASSWORD)}@127.0.0.1:${port}?tls=require`,
    async deliver(address, name, raw, folder = 'INBOX') {
      const [local = '', domain = ''] = address.split('@');
      const home = join(maildirs, domain, local, 'Maildir');
      const at = folder === 'INBOX' ? home : join(home, '.Junk');
      for (const part of [join(maildirs, domain), join(maildirs, domain, local), home, at]) {
        await ownedByMail(part);
      }
      for (const part of ['tmp', 'new', 'cur']) await ownedByMail(join(at, part));
      await writeFile(join(at, 'tmp', name), raw);
      await chown(join(at, 'tmp', name), MAIL_UID, MAIL_GID);
      await rename(join(at, 'tmp', name), join(at, 'new', name));
    },
    async flags(address) {
      const [local = '', domain = ''] = address.split('@');
      const at = join(maildirs, domain, local, 'Maildir');
      const names = await Promise.all(['new', 'cur'].map((part) => readdir(join(at, part))));
      return names.flat().map((name) => name.replace(/^[^:]*(:2,)?/, ''));
    },
    kick: (address) =>
      run(DOVEADM, ['-c', join(dir, 'dovecot.conf'), 'kick', address]).then(
        () => true,
        () => false,
      ),
    async restart() {
      await ended(daemon);
      daemon = await begin(dir, port, log);
    },
    log,
    async close() {
      await ended(daemon);
      await rm(dir, { recursive: true, force: true });
    },
  };
}

function configuration(dir: string, port: number): string {
  return `
protocols = imap
listen = 127.0.0.1
base_dir = ${dir}/run
state_dir = ${dir}/state
log_path = ${dir}/log
ssl = yes
ssl_cert = <${dir}/cert.pem
ssl_key = <${dir}/key.pem
disable_plaintext_auth = no
auth_mechanisms = plain login
auth_failure_delay = 0
first_valid_uid = ${MAIL_UID}
last_valid_uid = ${MAIL_UID}
first_valid_gid = ${MAIL_GID}
mail_location = maildir:${dir}/mail/%d/%n/Maildir
passdb {
  driver = static
  args = password=${PASSWORD}
}
userdb {
  driver = static
  args = uid=${MAIL_UID} gid=${MAIL_GID} home=${dir}/mail/%d/%n allow_all_users=yes
}
namespace inbox {
  inbox = yes
  mailbox Junk {
    auto = create
    special_use = \\Junk
  }
}
# Guesses are not slowed down.
service anvil {
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
service imap-login {
  inet_listener imap {
    port = ${port}
  }
  inet_listener imaps {
    port = 0
  }
}
`;
}

async function begin(dir: string, port: number, log: () => string): Promise<ChildProcess> {
  const daemon = spawn(DOVECOT, ['-F', '-c', join(dir, 'dovecot.conf')], { stdio: 'ignore' });
  if (!(await answers(port))) {
    await ended(daemon);
    throw new Error(`Dovecot did not start:\n${log()}`);
  }
  return daemon;
}

/** Whether a server listens on the port within ten seconds. */
export async function answers(port: number): Promise<boolean> {
  for (let tries = 0; tries < 200; tries++) {
    const is_there = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true));
      socket.on('connect', () => socket.destroy());
      socket.on('error', () => resolve(false));
    });
    if (is_there) return true;
    await delay(50);
  }
  return false;
}

async function ended(daemon: ChildProcess): Promise<void> {
  if (daemon.exitCode !== null || daemon.signalCode !== null) return;
  const exit = new Promise((resolve) => daemon.once('exit', resolve));
  daemon.kill('SIGTERM');
  await exit;
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}

async function ownedByMail(path: string): Promise<void> {
  await mkdir(path, { recursive: true });
  await chown(path, MAIL_UID, MAIL_GID);
}
