import { openOwnerPool } from '../../src/db/open.ts';
import { openAppPool } from '../../src/db/roles.ts';
import { type AdversaryOptions, runAdversary } from './adversary.ts';
import { runUnsubscribeRace, type UnsubscribeRaceOptions } from './adversary_unsubscribe.ts';
import { requireBroken } from './broken_build.ts';

export type AdversaryArgument = { database_url: string; admin_url: string } & (
  | { scenario: 'adversary'; options: AdversaryOptions }
  | { scenario: 'unsubscribe'; options: UnsubscribeRaceOptions }
);

/* One scenario in a separate process, so that a broken build can run it. Prints `ready`, then its report as one line of
   JSON. */
const argument = JSON.parse(process.argv[2] ?? '') as AdversaryArgument;
requireBroken();
// This test must not depend on the machine's load.
const patient = { application_name: 'touchline-adversary', statement_timeout_ms: 60_000 };
const app = await openAppPool({ ...patient, url: argument.database_url });
const db = { ...(await openOwnerPool({ ...patient, url: argument.admin_url })), app };
process.stdout.write('ready\n');
const report =
  argument.scenario === 'adversary'
    ? await runAdversary(db, argument.options)
    : await runUnsubscribeRace(db, argument.options);
await Promise.all([app.close(), db.close()]);
process.stdout.write(`${JSON.stringify(report)}\n`);
