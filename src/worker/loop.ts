import type { MailSender } from '../connectors/connector.ts';
import type { Context } from '../context.ts';
import { DAY_MS } from '../core/durations.ts';
import { systemDb } from '../db/acting.ts';
import { ensureEventPartitions } from '../db/queries/events.gen.ts';
import { listOrganizations } from '../db/queries/principals.gen.ts';
import { type CheckTurns, checkTurns, runCheck } from './checks.ts';
import { CrmWriter } from './crm.ts';
import { CrmReader } from './crm_incoming.ts';
import { Isolation } from './isolation.ts';
import { DRAFT_WITH_MODEL, writeModelDrafts } from './model_drafts.ts';
import { NotificationDeliverer, type NotifiedOrg } from './notifications.ts';
import type { SendingOrg } from './outbound_mail.ts';
import { rest } from './rest.ts';
import { SEND, sendApproved } from './send.ts';
import { checkSendSettings, SEND_SETTINGS, type SendSettings } from './send_settings.ts';
import { PLAY_STAGES, STAGES, type Stage } from './stages.ts';
import { WebhookDeliverer } from './webhooks.ts';

const POLL_MS = 500;
/** With a fast clock, half a second would be half a day. */
const POLL_FAST_MS = 50;
const ORGS_MAX = 10_000;
/** How far ahead log partitions are created. */
const PARTITIONS_AHEAD_MS = 62 * DAY_MS;
/** The limit per stage and organization, so one that always finds work does not starve the others. */
const REPEATS_MAX = 10;

export type Worker = {
  /** Looks for work now instead of at the next poll. A hint: without it, polling finds the same work. */
  nudge(): void;
  /** Finishes the current batch of decisions and the current message, returns other reservations, then stops. */
  stop(): Promise<void>;
};

/**
 * Starts the worker. Any number of workers share one database: each claims its work, and none leads. Deciding and sending
 * run in separate loops, so a slow mail server delays no decision. The timeouts of `settings` must be those of `mail`.
 * Throws `lease_too_short`.
 */
export function startWorker(
  context: Context,
  mail: MailSender,
  settings: SendSettings = SEND_SETTINGS,
): Worker {
  checkSendSettings(settings);
  const stagesOf = (stages: readonly Stage[]) => {
    const isolation = new Isolation(context);
    return startLoop(context, (isStopping) => coordinate(context, { stages, isolation, isStopping }));
  };
  const loops = [
    stagesOf(STAGES),
    // A play with a hundred thousand leads takes a minute: no due step waits for it.
    stagesOf(PLAY_STAGES),
    startLoop(context, (isStopping) => deliver(context, mail, { isStopping }, settings)),
  ];
  const stopping = new AbortController();
  if (context.model !== undefined) {
    // A model takes seconds: no other work waits for it.
    loops.push(startLoop(context, (isStopping) => write(context, { isStopping }, stopping.signal)));
  }
  const deliverer = context.webhooks && new WebhookDeliverer(context, context.webhooks);
  if (deliverer !== undefined) {
    const begin = ({ org_id }: SendingOrg) => guarded(context, 'webhooks', () => deliverer.begin(org_id));
    loops.push(startLoop(context, (isStopping) => forEachOrg(context, { isStopping }, begin)));
  }
  const crm = context.crm && new CrmWriter(context, context.crm);
  if (crm !== undefined) {
    const begin = ({ org_id }: SendingOrg) => guarded(context, 'crm_writes', () => crm.begin(org_id));
    loops.push(startLoop(context, (isStopping) => forEachOrg(context, { isStopping }, begin)));
  }
  const reader = context.crm && new CrmReader(context, context.crm);
  if (reader !== undefined) {
    const begin = ({ org_id }: SendingOrg) => guarded(context, 'crm_incoming', () => reader.begin(org_id));
    loops.push(startLoop(context, (isStopping) => forEachOrg(context, { isStopping }, begin)));
  }
  const notifier = new NotificationDeliverer(context);
  const beginNotices = (org: NotifiedOrg) => guarded(context, 'notifications', () => notifier.begin(org));
  loops.push(startLoop(context, (isStopping) => forEachOrg(context, { isStopping }, beginNotices)));
  if (context.clock.speed > 1) {
    const turns = checkTurns(context);
    loops.push(startLoop(context, (isStopping) => runDueChecks(context, turns, isStopping)));
  }
  return {
    nudge: () => {
      for (const loop of loops) loop.nudge();
    },
    stop: async () => {
      stopping.abort();
      await Promise.all(loops.map((loop) => loop.stop()));
      await Promise.all([deliverer?.drained(), crm?.drained(), reader?.drained(), notifier.drained()]);
    },
  };
}

/** One round of all work in sequence, for all organizations or the named one. Returns the number of rows found. */
export async function round(context: Context, mail: MailSender, org_id?: string): Promise<number> {
  const isolation = new Isolation(context);
  const all = { isStopping: () => false, org_id };
  let found = 0;
  for (const stages of [PLAY_STAGES, STAGES])
    found += await coordinate(context, { ...all, stages, isolation });
  return found + (await write(context, all)) + (await deliver(context, mail, all));
}

function startLoop(context: Context, goRound: (isStopping: () => boolean) => Promise<number>): Worker {
  const poll_ms = context.clock.speed > 1 ? POLL_FAST_MS : POLL_MS;
  let stopping = false;
  let nudged = new AbortController();
  const done = (async () => {
    while (!stopping) {
      nudged = new AbortController();
      const found = await goRound(() => stopping);
      if (found === 0) await rest(poll_ms, nudged.signal);
    }
  })();
  return {
    nudge: () => nudged.abort(),
    stop: () => {
      stopping = true;
      nudged.abort();
      return done;
    },
  };
}

type Round = { isStopping: () => boolean; org_id?: string | undefined };
type Coordinating = Round & { stages: readonly Stage[]; isolation: Isolation };

/** All organizations and stages; each stage repeats while its batches are full. A failed one does not affect the others. */
async function coordinate(
  context: Context,
  { stages, isolation, isStopping, org_id }: Coordinating,
): Promise<number> {
  await guarded(context, 'ensure_event_partitions', () => ensurePartitions(context));
  return forEachOrg(context, { isStopping, org_id }, async (org) => {
    let found = 0;
    for (const stage of stages) {
      const run = () => guarded(context, stage.name, () => isolation.run(org.org_id, stage));
      found += await repeated(isStopping, stage.limit, run);
    }
    return found;
  });
}

/** All organizations, a few model drafts each. */
async function write(context: Context, round: Round, signal?: AbortSignal): Promise<number> {
  if (context.model === undefined) return 0;
  return forEachOrg(context, round, ({ org_id }) =>
    guarded(context, DRAFT_WITH_MODEL, (own) => writeModelDrafts(own, org_id, signal)),
  );
}

/** All organizations, a few batches of approved messages each. */
async function deliver(
  context: Context,
  mail: MailSender,
  round: Round,
  settings = SEND_SETTINGS,
): Promise<number> {
  const { isStopping } = round;
  return forEachOrg(context, round, (org) =>
    repeated(isStopping, 1, () =>
      guarded(context, SEND, (own) => sendApproved(own, org, mail, { isStopping, settings })),
    ),
  );
}

/** With a fast clock, for which real-time cron would be too late; at speed 1 the schedule runs the checks. Returns 0. */
async function runDueChecks(context: Context, turns: CheckTurns, isStopping: () => boolean): Promise<number> {
  return forEachOrg(context, { isStopping }, async ({ org_id }) => {
    for (const check of turns.due(org_id)) {
      if (isStopping()) break;
      await guarded(context, check.name, async () => {
        await runCheck(context, org_id, check);
        return 0;
      });
    }
    return 0;
  });
}

/** Repeats work while its batches hold at least `full` rows. Returns the number of rows found. */
async function repeated(
  isStopping: () => boolean,
  full: number,
  run: () => Promise<number>,
): Promise<number> {
  let found = 0;
  for (let repeats = 0; repeats < REPEATS_MAX && !isStopping(); repeats += 1) {
    const claimed = await run();
    found += claimed;
    if (claimed < full) break;
  }
  return found;
}

/** Cheap if the partitions exist, so it runs every round: a fast clock passes a month in minutes. */
async function ensurePartitions(context: Context): Promise<0> {
  const now_ms = context.clock.now_ms();
  const to_time = new Date(now_ms + PARTITIONS_AHEAD_MS);
  await ensureEventPartitions.run({ from_time: new Date(now_ms), to_time }, systemDb(context.db));
  return 0;
}

/** Runs work for all organizations, or for the named one. Returns the number of rows found. */
async function forEachOrg(
  context: Context,
  { isStopping, org_id }: Round,
  run: (org: SendingOrg & NotifiedOrg) => Promise<number>,
): Promise<number> {
  const orgs = await listOrganizations.run({ limit: ORGS_MAX }, systemDb(context.db)).catch((error) => {
    context.log.error({ err: error }, 'the worker cannot read the organizations');
    return [];
  });
  let found = 0;
  for (const org of orgs) {
    if (isStopping()) break;
    if (org_id === undefined || org.org_id === org_id) found += await run(org);
  }
  return found;
}

/** Counts and traces rounds that found work or failed; idle polling, twice a second, is not recorded. */
async function guarded(
  context: Context,
  stage: string,
  run: (own: Context) => Promise<number>,
): Promise<number> {
  const { metrics, tracer } = context;
  const span = tracer?.begin(`worker ${stage}`);
  const began_ms = performance.now();
  try {
    const claimed = await run(span === undefined ? context : { ...context, tracer: span });
    if (claimed === 0) return 0;
    metrics?.worked(stage, { claimed, seconds: (performance.now() - began_ms) / 1_000 });
    span?.set({ 'touchline.stage': stage, 'touchline.claimed': claimed });
    span?.end();
    return claimed;
  } catch (error) {
    metrics?.failed(stage);
    span?.end(error);
    context.log.error({ err: error, stage }, 'a stage failed; it will be retried in the next round');
    return 0;
  }
}
