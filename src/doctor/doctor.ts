import type { Config } from '../config.ts';
import { systemDb } from '../db/acting.ts';
import { listMailboxes } from '../db/queries/mailboxes.gen.ts';
import { listOrganizations } from '../db/queries/principals.gen.ts';
import { type Check, type CheckStatus, check, failure, ok } from './check.ts';
import { databaseChecks, type Opened } from './database.ts';
import { machineChecks, presentSecret } from './machine.ts';
import { mailboxChecks, mailChecks, type Ports } from './mail.ts';
import { modelCheck } from './model.ts';
import { organizationChecks } from './organization.ts';

/** More than anyone reads; what is wrong is wrong for all of them. */
const ORGS_MAX = 20;
const MAILBOXES_MAX = 20;

export type Diagnosis = {
  /** Whether nothing failed. */
  ok: boolean;
  /** Whether the database is away, so that most could not be looked at. */
  is_away: boolean;
  checks: Check[];
};

/**
 * Looks at everything that a process of this machine, with this environment, would need. Changes nothing and throws
 * nothing: what goes wrong is a finding.
 */
export async function diagnose(config: Config, ports: Ports): Promise<Diagnosis> {
  const [machine, mail, model, database] = await Promise.all([
    machineChecks(config),
    mailChecks(config, ports),
    modelCheck(config, ports.model),
    databaseChecks(config),
  ]);
  try {
    const inside = database.opened === null ? [] : await insideChecks(config, ports, database.opened);
    const checks = [...database.checks, ...machine, ...inside, ...mail, model];
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

/** The diagnosis for a terminal: one line a check, and under it what to do. */
export function diagnosisText({ checks }: Diagnosis): string {
  const width = Math.max(...checks.map(({ name }) => name.length));
  const lines = checks.flatMap(({ name, status, seen, next }) => [
    `${MARKS[status]}  ${name.padEnd(width)}  ${seen}`,
    ...(next === null ? [] : [`${' '.repeat(11 + width)}-> ${next}`]),
  ]);
  const count = (wanted: CheckStatus) => checks.filter(({ status }) => status === wanted).length;
  const failed = count('failure');
  const verdict = failed === 0 ? 'Nothing failed' : `${failed} failed`;
  return [
    ...lines,
    '',
    `${verdict}: ${count('ok')} ok, ${count('warning')} warnings, ${count('skipped')} skipped.`,
  ].join('\n');
}

async function insideChecks(config: Config, { records }: Ports, { app }: Opened): Promise<Check[]> {
  const secret = await presentSecret(config);
  const mail_leaves = config.smtp_url !== null;
  const has_model = config.llm !== null;
  const organizations: Awaited<ReturnType<typeof listOrganizations.run>> = [];
  const made = await check('organization', async () => {
    organizations.push(...(await listOrganizations.run({ limit: ORGS_MAX }, systemDb(app))));
    if (organizations.length > 0) return ok(organizations.map(({ name }) => name).join(', '));
    return failure('this database has none', 'Make one: touchline init --help says what it needs.');
  });
  const is_one_of_many = organizations.length > 1;
  const findings = [made];
  for (const organization of organizations) {
    findings.push(
      ...(await organizationChecks({ app, organization, is_one_of_many, mail_leaves, has_model })),
    );
    const { org_id } = organization;
    const mailboxes: Awaited<ReturnType<typeof listMailboxes.run>> = [];
    const listed = await check('mailboxes', async () => {
      const page = { org_id, after_id: null, limit: MAILBOXES_MAX };
      mailboxes.push(...(await listMailboxes.run(page, systemDb(app, org_id))));
      return mailboxes.length > 0
        ? ok(`${mailboxes.length}`)
        : failure('there is none', 'touchline init makes one.');
    });
    if (listed.status === 'failure') findings.push(listed);
    for (const mailbox of mailboxes) {
      findings.push(...(await mailboxChecks({ mailbox, secret, mail_leaves, records })));
    }
  }
  return findings;
}
