import { startClock } from '../clock.ts';
import type { Config } from '../config.ts';
import type { DnsRecords } from '../connectors/connector.ts';
import { systemDb } from '../db/acting.ts';
import type { Queryable } from '../db/pool.ts';
import { type MailboxesInUseResult, mailboxesInUse } from '../db/queries/doctor.gen.ts';
import { listOrganizations } from '../db/queries/principals.gen.ts';
import { type Check, type CheckStatus, check, counted, failure, ok, patience, skipped } from './check.ts';
import { crmChecks } from './crm.ts';
import { databaseChecks, type Opened } from './database.ts';
import { machineChecks, presentSecret } from './machine.ts';
import { mailChecks, type Ports } from './mail.ts';
import { mailboxChecks } from './mailboxes.ts';
import { modelCheck } from './model.ts';
import { organizationChecks } from './organization.ts';
import { serverCheck } from './server.ts';

/** More than anyone reads; a fault usually affects all of them. */
const ORGS_MAX = 20;
/** Per organization, so that large ones do not take longer. */
const MAILBOXES_MAX = 50;
/** For the servers and DNS of all mailboxes together: a dead network must not keep people waiting for minutes. */
const MAILBOXES_MS = 60_000;
/** Providers tolerate this many logins from one address at once. */
const MAILBOXES_BESIDE = 8;

/** A DNS record may have thousands of characters. */
const TEXT_MAX = 1_000;

export type Diagnosis = {
  ok: boolean;
  /** Whether the database is away, which skips most checks. */
  is_away: boolean;
  checks: Check[];
};

/**
 * Checks everything that a process with this environment would need. It changes nothing, except that it renews expired
 * mailbox tokens, and throws nothing: errors are findings.
 */
export async function diagnose(config: Config, ports: Ports): Promise<Diagnosis> {
  const [machine, model, database] = await Promise.all([
    machineChecks(config),
    modelCheck(config, ports.model),
    databaseChecks(config),
  ]);
  try {
    const server = await serverCheck(ports.server, database.opened?.owner ?? null);
    const inside = database.opened === null ? NOTHING : await insideChecks(config, ports, database.opened);
    const mail = await mailChecks(config, ports, inside.has_own_servers);
    const checks = [...database.checks, ...machine, server, ...inside.checks, ...mail, model];
    const is_ok = checks.every(({ status }) => status !== 'failure');
    return { ok: is_ok, is_away: database.is_away, checks };
  } finally {
    await database.close().catch(() => undefined);
  }
}

const MARKS: Readonly<Record<CheckStatus, string>> = {
  ok: 'ok     ',
  warning: 'WARNING',
  failure: 'FAILURE',
  skipped: 'skipped',
};

/** The diagnosis for a terminal: one line per check, with the next step below. */
export function diagnosisText({ checks }: Diagnosis): string {
  const width = Math.max(...checks.map(({ name }) => name.length));
  const lines = checks.flatMap(({ name, status, seen, next }) => [
    `${MARKS[status]}  ${name.padEnd(width)}  ${onOneLine(seen)}`,
    ...(next === null ? [] : [`${' '.repeat(11 + width)}-> ${onOneLine(next)}`]),
  ]);
  const count = (wanted: CheckStatus) => checks.filter(({ status }) => status === wanted).length;
  const failed = count('failure');
  const verdict = failed === 0 ? 'Nothing failed' : `${failed} failed`;
  const warnings = counted(count('warning'), 'warning');
  return [...lines, '', `${verdict}: ${count('ok')} ok, ${warnings}, ${count('skipped')} skipped.`].join(
    '\n',
  );
}

/** Servers and DNS can return anything: their text must not control a terminal. */
function onOneLine(text: string): string {
  const plain = text.replace(/\p{Cc}+/gu, ' ');
  return plain.length > TEXT_MAX ? `${plain.slice(0, TEXT_MAX)}...` : plain;
}

type Inside = { checks: Check[]; has_own_servers: boolean };

const NOTHING: Inside = { checks: [], has_own_servers: false };

async function insideChecks(config: Config, ports: Ports, { app }: Opened): Promise<Inside> {
  const organizations: Awaited<ReturnType<typeof listOrganizations.run>> = [];
  const made = await check('organization', async () => {
    organizations.push(...(await listOrganizations.run({ limit: ORGS_MAX }, systemDb(app))));
    if (organizations.length > 0) return ok(organizations.map(({ name }) => name).join(', '));
    return failure('this database has none', 'Create one: see touchline init --help.');
  });
  const secret = await presentSecret(config);
  const { smtp_url } = config;
  const asking = { ...ports, records: askedOnce(ports.records) };
  const waiting = patience(MAILBOXES_MS, MAILBOXES_BESIDE);
  const is_one_of_many = organizations.length > 1;
  const checks = [made];
  let has_own_servers = false;
  for (const organization of organizations) {
    const mail_leaves = smtp_url !== null;
    const has_model = config.llm !== null;
    checks.push(...(await organizationChecks({ app, organization, is_one_of_many, mail_leaves, has_model })));
    const { org_id, slug } = organization;
    const of_crm = { name: is_one_of_many ? `CRM ${slug}` : 'CRM', app, org_id, secret, connect: ports.crm };
    checks.push(...(await crmChecks(of_crm)));
    const name = is_one_of_many ? `mailboxes ${slug}` : 'mailboxes';
    const { listed, mailboxes } = await mailboxesOf(name, systemDb(app, organization.org_id), organization);
    if (listed.status !== 'ok') checks.push(listed);
    has_own_servers ||= mailboxes.some(({ smtp_host }) => smtp_host !== null);
    const tokens = { db: app, clock: startClock(), mail_oauth: ports.mail_oauth };
    const parts = { mailboxes, secret, smtp_url, ports: asking, patience: waiting, tokens };
    checks.push(...(await mailboxChecks(parts)));
  }
  return { checks, has_own_servers };
}

async function mailboxesOf(name: string, db: Queryable, { org_id }: { org_id: string }) {
  const mailboxes: MailboxesInUseResult[] = [];
  const listed = await check(name, async () => {
    mailboxes.push(...(await mailboxesInUse.run({ org_id, limit: MAILBOXES_MAX }, db)));
    const count = mailboxes[0]?.mailbox_count ?? 0;
    if (count === 0) return failure('no active mailbox', 'Create one: touchline mailbox add --help');
    const more = count - mailboxes.length;
    return more === 0
      ? ok(`${count}`)
      : skipped(`only the first ${mailboxes.length} were checked; ${more} more were not`);
  });
  return { listed, mailboxes };
}

/** Sends each query once, however many mailboxes share a domain; failures are kept too. */
export function askedOnce(records: DnsRecords): DnsRecords {
  const once = (ask: (name: string) => Promise<string[]>) => {
    const answers = new Map<string, Promise<string[]>>();
    return (name: string) => answers.getOrInsertComputed(name.toLowerCase(), () => ask(name));
  };
  return { txt: once(records.txt), a: once(records.a), aaaa: once(records.aaaa), mx: once(records.mx) };
}
