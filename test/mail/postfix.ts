import { execFile, execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { chmod, chown, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { answers, freePort, MAIL_GID, MAIL_UID } from './dovecot.ts';

const POSTFIX = '/usr/sbin/postfix';
const run = promisify(execFile);

export type Postfix = {
  port: number;
  /** In the form of `SMTP_URL`. It accepts mail for every domain under `.test` and for no other. */
  url: string;
  log(): string;
  close(): Promise<void>;
};

/** Why Postfix is unavailable here; null if it can be started: its master process must be root. */
export function postfixMissing(): string | null {
  if (!existsSync(POSTFIX)) return 'no Postfix is installed';
  return process.getuid?.() === 0 ? null : 'Postfix is started as root';
}

/**
 * A separate Postfix with its own configuration and queue, on a free port of this machine. It delivers to the Maildirs of
 * `addresses` below `maildirs`, without DNS or outgoing connections. Unknown recipients are detected only at delivery, so
 * the sender gets a report (RFC 3464) as from a remote server.
 */
export async function startPostfix(maildirs: string, addresses: readonly string[]): Promise<Postfix> {
  const dir = await mkdtemp(join(tmpdir(), 'postfix-'));
  const port = await freePort();
  await chmod(dir, 0o755);
  for (const part of ['conf', 'queue', 'data', 'log']) await mkdir(join(dir, part));
  await chown(join(dir, 'data'), accountOf('-u'), accountOf('-g'));
  await writeFile(join(dir, 'conf', 'main.cf'), mainConfiguration(dir, maildirs));
  await writeFile(join(dir, 'conf', 'master.cf'), services(port));
  await writeFile(join(dir, 'conf', 'domains'), '/^[a-z0-9.-]+\\.test$/ yes\n');
  await writeFile(join(dir, 'conf', 'addresses'), addresses.map(maildirOf).join(''));
  const command = (name: string) => run(POSTFIX, ['-c', join(dir, 'conf'), name]);
  const log = () => readFileSync(join(dir, 'log', 'mail'), 'utf8');
  const close = async () => {
    // Fails where it is not running.
    await command('stop').catch(() => undefined);
    while (await command('status').catch(() => null)) await delay(50);
    await rm(dir, { recursive: true, force: true });
  };
  try {
    await command('start');
    if (!(await answers(port))) throw new Error(`Postfix did not start:\n${log()}`);
  } catch (error) {
    await close();
    throw error;
  }
  return { port, url: `smtp://127.0.0.1:${port}`, log, close };
}

/** Postfix requires its data to belong to its installation's account. */
function accountOf(which: '-u' | '-g'): number {
  return Number(execFileSync('/usr/bin/id', [which, 'postfix'], { encoding: 'utf8' }));
}

function maildirOf(address: string): string {
  const [local, domain] = address.split('@');
  return `${address} ${domain}/${local}/Maildir/\n`;
}

function mainConfiguration(dir: string, maildirs: string): string {
  return `
compatibility_level = 3.6
queue_directory = ${dir}/queue
data_directory = ${dir}/data
maillog_file = ${dir}/log/mail
maillog_file_prefixes = ${dir}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
myhostname = mail.server.test
myorigin = server.test
mydestination =
alias_maps =
alias_database =
local_recipient_maps =
local_transport = error:nobody is local
default_transport = error:5.4.4 no network
relay_domains =
smtpd_relay_restrictions = reject_unauth_destination
smtpd_recipient_restrictions =
smtpd_reject_unlisted_recipient = no
smtpd_peername_lookup = no
smtp_dns_support_level = disabled
disable_dns_lookups = yes
virtual_mailbox_domains = regexp:${dir}/conf/domains
virtual_mailbox_maps = texthash:${dir}/conf/addresses
virtual_mailbox_base = ${maildirs}
virtual_uid_maps = static:${MAIL_UID}
virtual_gid_maps = static:${MAIL_GID}
`;
}

/** master.cf: no service in a chroot, since the system's own has the files that they would need. */
function services(port: number): string {
  return [
    `127.0.0.1:${port} inet n - n - - smtpd\n`,
    'cleanup unix n - n - 0 cleanup\n',
    'qmgr unix n - n 300 1 qmgr\n',
    'pickup unix n - n 60 1 pickup\n',
    'rewrite unix - - n - - trivial-rewrite\n',
    'bounce unix - - n - 0 bounce\n',
    'defer unix - - n - 0 bounce\n',
    'trace unix - - n - 0 bounce\n',
    'verify unix - - n - 1 verify\n',
    'flush unix n - n 1000? 0 flush\n',
    'proxymap unix - - n - - proxymap\n',
    'smtp unix - - n - - smtp\n',
    'relay unix - - n - - smtp\n',
    'showq unix n - n - - showq\n',
    'error unix - - n - - error\n',
    'retry unix - - n - - error\n',
    'discard unix - - n - - discard\n',
    'local unix - n n - - local\n',
    'virtual unix - n n - - virtual\n',
    'anvil unix - - n - 1 anvil\n',
    'scache unix - - n - 1 scache\n',
    'tlsmgr unix - - n 1000? 1 tlsmgr\n',
    'postlog unix-dgram n - n - 1 postlogd\n',
  ].join('');
}
