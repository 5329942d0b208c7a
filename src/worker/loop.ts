import type { MailSender } from '../connectors/connector.ts';
import type { Context } from '../context.ts';
import { ensureEventPartitions } from '../db/queries/events.gen.ts';
import { listOrganizations } from '../db/queries/principals.gen.ts';
import { sendApproved } from './send.ts';
import { checkSendSettings, SEND_SETTINGS, type SendSettings } from './send_settings.ts';
import { runStage, STAGES } from './stages.ts';

const POLL_MS = 500;
/** With a clock that runs fast, half a second would be half a day. */
const POLL_FAST_MS = 50;
const ORGS_MAX = 10_000;
/** Partitions of the log are made this far ahead. */
const PARTITIONS_AHEAD_MS = 62 * 24 * 3_600_000;
/** A stage that always finds work must not keep the others from theirs. */
const REPEATS_MAX = 50;

export type Worker = {
  /** Looks for work now instead of at the next poll. A hint: without it, polling finds the same work. */
  nudge(): void;
  /** Finishes the message or the stage under way, gives back what else was reserved, then stops. */
  stop(): Promise<void>;
};

/**
 * Starts the worker: it goes round all orgs and stages until it is stopped. `settings.connection_timeout_ms` and
 * `settings.socket_timeout_ms` are to be those of `mail`. Throws `lease_too_short`.
 */
export function startWorker(
  context: Context,
  mail: MailSender,
  settings: SendSettings = SEND_SETTINGS,
): Worker {
  checkSendSettings(settings);
  let stopping = false;
  let wake = () => {};
  let nudged = false;
  const rest = () =>
    new Promise<void>((resolve) => {
      if (nudged || stopping) return resolve();
      const timer = setTimeout(resolve, context.clock.speed > 1 ? POLL_FAST_MS : POLL_MS);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  const done = (async () => {
    while (!stopping) {
      nudged = false;
      const found = await round(context, mail, () => stopping, settings);
      if (found === 0) await rest();
    }
  })();
  const nudge = () => {
    nudged = true;
    wake();
  };
  return {
    nudge,
    stop: () => {
      stopping = true;
      nudge();
      return done;
    },
  };
}

/**
 * One round over all orgs and stages; each stage is repeated while it finds full batches. A stage that fails is
 * logged and tried again in the next round; the others go on. Returns how much was found.
 */
export async function round(
  context: Context,
  mail: MailSender,
  isStopping: () => boolean = () => false,
  settings: SendSettings = SEND_SETTINGS,
): Promise<number> {
  let found = 0;
  await guarded(context, 'ensure_event_partitions', async () => {
    await ensurePartitions(context);
    return 0;
  });
  const orgs = await guardedList(context);
  for (const org of orgs) {
    for (const stage of STAGES) {
      for (let repeats = 0; repeats < REPEATS_MAX && !isStopping(); repeats += 1) {
        const claimed = await guarded(context, stage.name, () => runStage(context, org.org_id, stage));
        found += claimed;
        if (claimed < stage.limit) break;
      }
    }
    for (let repeats = 0; repeats < REPEATS_MAX && !isStopping(); repeats += 1) {
      const send = () => sendApproved(context, org, mail, { isStopping, settings });
      const sent = await guarded(context, 'send', send);
      found += sent;
      if (sent === 0) break;
    }
  }
  return found;
}

/** Cheap when they exist, so it is asked every round: a clock that runs fast passes a month in minutes. */
async function ensurePartitions(context: Context): Promise<void> {
  const now_ms = context.clock.now_ms();
  const to_time = new Date(now_ms + PARTITIONS_AHEAD_MS);
  await ensureEventPartitions.run({ from_time: new Date(now_ms), to_time }, context.db);
}

async function guardedList(context: Context) {
  try {
    return await listOrganizations.run({ limit: ORGS_MAX }, context.db);
  } catch (error) {
    context.log.error({ err: error }, 'the worker cannot read the organizations');
    return [];
  }
}

async function guarded(context: Context, stage: string, run: () => Promise<number>): Promise<number> {
  try {
    return await run();
  } catch (error) {
    context.log.error({ err: error, stage }, 'a stage failed; it is tried again in the next round');
    return 0;
  }
}
