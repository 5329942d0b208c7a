import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import type { Context } from '../../src/context.ts';
import type { FlagCheck } from '../../src/coordinator/upkeep/checks.ts';
import { FLAG_CHECKS } from '../../src/coordinator/upkeep/checks.ts';
import type { OwnerPool } from '../../src/db/pool.ts';
import { APP_ROLE } from '../../src/db/roles.ts';
import { CHECKS, checkTurns } from '../../src/worker/checks.ts';
import { cronOf, type Schedule, startSchedule } from '../../src/worker/schedule.ts';
import { testDatabase } from '../database.ts';
import { startProduct } from '../e2e/product.ts';
import { createWorld, type World } from '../world.ts';

const STOPS_WITHIN_MS = 2_000;
const running: Schedule[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((schedule) => schedule.stop()));
});

/** A separate database with `orgs` orgs: schedules of one database share their jobs. */
async function withOrgs(orgs: number) {
  const { db, url } = await testDatabase();
  const worlds: World[] = [];
  for (let org = 0; org < orgs; org += 1) worlds.push(await createWorld(db));
  const lines: { level: number; msg: string }[] = [];
  const log = pino({ level: 'info' }, { write: (line: string) => lines.push(JSON.parse(line)) });
  const context: Context = { ...worlds[0]!.worker_context, log };
  const start = (checks: readonly FlagCheck[], at = url) => {
    const schedule = startSchedule(context, { url: at, checks, poll_seconds: 0.5 });
    running.push(schedule);
    return schedule;
  };
  return { db, url, lines, start, org_ids: worlds.map((world) => world.org_id) };
}

function countingCheck(run: (org_id: string) => Promise<void> = async () => {}) {
  const ran: string[] = [];
  const check: FlagCheck = {
    name: 'counted',
    every_minutes: 5,
    run: async ({ org_id }) => {
      ran.push(org_id);
      await run(org_id);
    },
  };
  return { check, ran };
}

async function jobStates(db: OwnerPool): Promise<string[]> {
  const { rows } = await db.query<{ state: string }>(
    `SELECT state::text FROM pgboss.job WHERE name = 'org_checks' ORDER BY state`,
  );
  return rows.map((row) => row.state);
}

const until = (condition: () => Promise<boolean> | boolean) =>
  expect.poll(condition, { timeout: 10_000 }).toBe(true);

async function stopTime(schedule: Schedule): Promise<number> {
  const began_ms = performance.now();
  await schedule.stop();
  return performance.now() - began_ms;
}

describe('the schedule', () => {
  it('runs a tick once for every org, however many processes there are', async () => {
    const { db, start, org_ids } = await withOrgs(3);
    const { check, ran } = countingCheck(() => sleep(50));
    const schedules = [start([check]), start([check]), start([check])];
    await Promise.all(schedules.map((schedule) => schedule.started));
    await Promise.all(schedules.map((schedule) => schedule.tick('counted')));
    await until(async () => (await jobStates(db)).filter((state) => state === 'completed').length === 3);
    await sleep(1_000);
    expect(ran.sort()).toEqual([...org_ids].sort());
    await schedules[1]!.tick('counted');
    await until(() => ran.length === 6);
  });

  it('logs a failure of one org, retries it, and serves the others', async () => {
    const { db, start, lines, org_ids } = await withOrgs(3);
    const { check, ran } = countingCheck(async (org_id) => {
      if (org_id === org_ids[1]) throw new Error('this org is broken');
    });
    await start([check]).tick('counted');
    await until(
      async () => (await jobStates(db)).join() === 'completed,completed,retry'.split(',').sort().join(),
    );
    expect(ran.sort()).toEqual([...org_ids].sort());
    expect(lines.filter(({ level }) => level === 50)).toMatchObject([
      { msg: 'a check failed; it will be retried', data: { check: 'counted', org_id: org_ids[1] } },
    ]);
  });

  it('recovers when the database closes its connections', async () => {
    const { db, start } = await withOrgs(1);
    const { check, ran } = countingCheck();
    const schedule = start([check]);
    await schedule.tick('counted');
    await until(() => ran.length === 1);
    await db.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'touchline-schedule'`,
    );
    await until(() =>
      schedule.tick('counted').then(
        () => true,
        () => false,
      ),
    );
    await until(() => ran.length === 2);
  });

  it('waits for a database that does not exist yet, and can be stopped while it waits', async () => {
    const { url, start, lines } = await withOrgs(1);
    const nowhere = new URL(url);
    nowhere.port = '1';
    const schedule = start([countingCheck().check], nowhere.href);
    await until(() => lines.length > 0);
    expect(lines[0]!.msg).toContain('cannot start');
    expect(await stopTime(schedule)).toBeLessThan(STOPS_WITHIN_MS);
  });

  it('stops at once, idle, just started, or during a check', async () => {
    const { start } = await withOrgs(1);
    const { check, ran } = countingCheck(() => sleep(3_000));
    expect(await stopTime(start([check]))).toBeLessThan(STOPS_WITHIN_MS);
    const idle = start([check]);
    await idle.started;
    expect(await stopTime(idle)).toBeLessThan(STOPS_WITHIN_MS);
    const busy = start([check]);
    await busy.tick('counted');
    await until(() => ran.length === 1);
    expect(await stopTime(busy)).toBeLessThan(STOPS_WITHIN_MS);
  });

  it('has a cron line for each check of the table, and deletes removed ones', async () => {
    const { db, start } = await withOrgs(1);
    const lines = async () => {
      const { rows } = await db.query<{ key: string; cron: string }>(
        'SELECT key, cron FROM pgboss.schedule ORDER BY key',
      );
      return rows.map(({ key, cron }) => `${key} ${cron}`);
    };
    const first = start([...FLAG_CHECKS, countingCheck().check]);
    await first.started;
    expect(cronOf(5, 8)).toBe('3-59/5 * * * *');
    expect(await lines()).toContain(`counted ${cronOf(5, FLAG_CHECKS.length)}`);
    await first.stop();
    await start(FLAG_CHECKS).started;
    const expected = FLAG_CHECKS.map(({ name, every_minutes }, at) => `${name} ${cronOf(every_minutes, at)}`);
    expect(await lines()).toEqual(expected.sort());
  });

  it('creates its tables apart from ours, with a role that may do so only there', async () => {
    const { db, start } = await withOrgs(1);
    const ours = async () =>
      (await db.query(`SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace`)).rows;
    const before = await ours();
    const { check, ran } = countingCheck();
    const schedule = start([check]);
    await schedule.tick('counted');
    await until(() => ran.length === 1);
    await schedule.stop();
    expect(await ours()).toEqual(before);
    const { rows } = await db.query(`SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'pgboss'`);
    expect(rows).toEqual([{ tableowner: APP_ROLE }]);
  });
});

describe('on a fast clock', () => {
  it('checks run after their interval on that clock, for each org separately, at most once per real second', () => {
    let now_ms = 0;
    const clock = { speed: 60, now_ms: () => now_ms, now: () => new Date(now_ms) };
    const turns = checkTurns({ clock });
    const due = (org_id = 'a') => turns.due(org_id).map((check) => check.every_minutes);
    expect(due()).toHaveLength(CHECKS.length);
    expect(due('b')).toHaveLength(CHECKS.length);
    now_ms = 5 * 60_000 - 1;
    expect(due()).toEqual([]);
    now_ms = 5 * 60_000;
    const every_five = CHECKS.flatMap(({ every_minutes }) => (every_minutes === 5 ? [5] : []));
    expect(every_five.length).toBeGreaterThan(1);
    expect(due()).toEqual(every_five);
    now_ms = 60 * 60_000;
    expect(due()).toHaveLength(CHECKS.length);
    const fast = checkTurns({ clock: { ...clock, speed: 86_400 } });
    fast.due('a');
    now_ms += 23 * 3_600_000;
    expect(fast.due('a')).toEqual([]);
    now_ms += 3_600_000;
    expect(fast.due('a')).toHaveLength(CHECKS.length);
  });
});

describe('the whole product', () => {
  it('stops completely with the schedule in it', { timeout: 60_000 }, async () => {
    const product = await startProduct();
    await product.stop();
    // A part that hangs is cut off after ten seconds, and that is logged.
    expect(product.printed()).not.toContain('cut off');
  });
});
