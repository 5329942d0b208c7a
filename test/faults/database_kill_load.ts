import { setTimeout as sleep } from 'node:timers/promises';
import { unsubscribeToken } from '../../src/coordinator/sending/unsubscribe_token.ts';
import { confirmUnsubscribe } from '../../src/operations/leads/unsubscribe.ts';
import type { World } from '../world.ts';
import { addLeads, approveMail, type Drafted, draftedMails, requestMails } from './adversary_world.ts';

/** Work that the database acknowledged, by id: the promise that a restart must not break. */
export type Acknowledged = {
  requests: Set<string>;
  /** Ids of drafts. */
  approvals: Set<string>;
  /** Ids of leads. */
  unsubscribes: Set<string>;
  /** Ids of events that a reader saw in the log. */
  events: Set<string>;
};

export type Load = {
  acknowledged: Acknowledged;
  /** Failed calls, by cause. */
  failures(): Record<string, number>;
  /** Ends when pending calls have ended. */
  stop(): Promise<void>;
};

const BATCH = 5;
/** For one in this many approvals, the recipient unsubscribes at once. */
const UNSUBSCRIBE_EVERY = 5;
const REST_MS = 20;
const ANALYZE_EVERY_MS = 1_000;
/** A reader sees at most this many of the latest events at once. */
const EVENTS_MAX = 500;

/**
 * Users and agents at work: they add and request leads, approve drafts, and read the log, and some recipients unsubscribe.
 * An acknowledgment is recorded when it arrives, before the next kill. A failure is counted and dropped, as by a user who
 * retries later.
 */
export function startLoad(world: World): Load {
  const acknowledged: Acknowledged = {
    requests: new Set(),
    approvals: new Set(),
    unsubscribes: new Set(),
    events: new Set(),
  };
  let stopping = false;
  const failures = new Map<string, number>();
  const repeat = async (act: () => Promise<void>) => {
    while (!stopping) {
      await act().catch((error: unknown) => {
        const why = String(error).replaceAll(/[0-9a-f-]{36}|127.0.0.1:\d+/g, '...');
        failures.set(why, (failures.get(why) ?? 0) + 1);
      });
      await sleep(REST_MS);
    }
  };
  const done = Promise.all([
    repeat(() => request(world, acknowledged)),
    repeat(() => approve(world, acknowledged)),
    repeat(() => readLog(world, acknowledged)),
    // Autovacuum never runs on a server that is killed repeatedly.
    repeat(async () => {
      await world.db.query('ANALYZE');
      await sleep(ANALYZE_EVERY_MS);
    }),
  ]);
  return {
    acknowledged,
    failures: () => Object.fromEntries(failures),
    stop: async () => {
      stopping = true;
      await done;
    },
  };
}

async function request(world: World, { requests }: Acknowledged): Promise<void> {
  const lead_ids = await addLeads(world, BATCH);
  for (const id of await requestMails(world, lead_ids)) requests.add(id);
}

async function approve(world: World, { approvals, unsubscribes }: Acknowledged): Promise<void> {
  for (const mail of (await draftedMails(world)).slice(0, BATCH)) {
    await approveMail(world, mail);
    approvals.add(mail.draft_id);
    if (approvals.size % UNSUBSCRIBE_EVERY === 0) await unsubscribe(world, mail, unsubscribes);
  }
}

async function unsubscribe(world: World, mail: Drafted, unsubscribes: Set<string>): Promise<void> {
  const { lead_id, queue_id } = mail;
  const { worker_context: context, org_id } = world;
  await confirmUnsubscribe(context, unsubscribeToken(context.secret, { org_id, lead_id, queue_id }));
  unsubscribes.add(lead_id);
}

async function readLog({ db, org_id }: World, { events }: Acknowledged): Promise<void> {
  const { rows } = await db.query<{ id: string }>(
    'SELECT id FROM cadence_event_log WHERE org_id = $1 ORDER BY id DESC LIMIT $2',
    [org_id, EVENTS_MAX],
  );
  for (const { id } of rows) events.add(id);
}
