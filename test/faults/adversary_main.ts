import { openPool } from '../../src/db/pool.ts';
import { type AdversaryOptions, runAdversary } from './adversary.ts';
import { runUnsubscribeRace, type UnsubscribeRaceOptions } from './adversary_unsubscribe.ts';
import { requireBroken } from './broken_build.ts';

export type AdversaryArgument = { database_url: string } & (
  | { scenario: 'adversary'; options: AdversaryOptions }
  | { scenario: 'unsubscribe'; options: UnsubscribeRaceOptions }
);

/*
 * One scenario in a process of its own, so that a broken build can run it. Prints `ready`, then its report as one line
 * of JSON.
 */
const argument = JSON.parse(process.argv[2] ?? '') as AdversaryArgument;
requireBroken();
const db = await openPool({
  url: argument.database_url,
  application_name: 'touchline-adversary',
  // Nothing here is about how busy the machine is.
  statement_timeout_ms: 60_000,
});
process.stdout.write('ready\n');
const report =
  argument.scenario === 'adversary'
    ? await runAdversary(db, argument.options)
    : await runUnsubscribeRace(db, argument.options);
await db.close();
process.stdout.write(`${JSON.stringify(report)}\n`);
