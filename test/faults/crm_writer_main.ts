import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { crmConnector } from '../../src/connectors/crm/connector.ts';
import type { Context } from '../../src/context.ts';
import { holdProcessLock } from '../../src/db/process_lock.ts';
import { openAppPool } from '../../src/db/roles.ts';
import { readMail } from '../../src/mail/read_mail.ts';
import { openTemplates } from '../../src/templates/threads.ts';
import { CrmWriter } from '../../src/worker/crm.ts';
import { runStage, STAGES } from '../../src/worker/stages.ts';
import { requireBroken } from './broken_build.ts';
import { type SharedClock, sharedClock } from './shared_clock.ts';

export type CrmWriterOptions = { database_url: string; org_id: string; clock: SharedClock; secret: string };

const POLL_MS = 50;

/* The writer to the CRM in a separate process, with the stage that frees what dead processes held. Prints `ready` when it begins. */
const options = JSON.parse(process.argv[2] ?? '') as CrmWriterOptions;
const db = await openAppPool({
  url: options.database_url,
  application_name: 'touchline-fault-crm',
  max: 10,
  on_error: () => undefined,
});
const crm = crmConnector({ allow_local: true, only_local: false });
const held = holdProcessLock(options.database_url);
const context: Context = {
  db,
  clock: sharedClock(options.clock),
  log: pino({ level: 'error' }, pino.destination({ dest: 2, sync: true })),
  secret: options.secret,
  public_url: 'http://touchline.test',
  catcher: null,
  readMail,
  templates: openTemplates(),
  process: held,
  crm,
  nudge: () => {},
};
const writer = new CrmWriter(context, crm);
const freeing = STAGES.find(({ name }) => name === 'end_dead_leases')!;
await writer.begin(options.org_id);
requireBroken();
process.stdout.write('ready\n');
while (process.exitCode === undefined) {
  await runStage(context, options.org_id, freeing).catch((err: unknown) =>
    context.log.error({ err }, 'a round failed'),
  );
  await writer.begin(options.org_id).catch((err: unknown) => context.log.error({ err }, 'a round failed'));
  await sleep(POLL_MS);
}
