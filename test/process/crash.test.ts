import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, inject, it } from 'vitest';
import { isRunning, waitUntil } from '../../src/db/processes.ts';
import { seededRandom } from '../faults/seeded_random.ts';
import {
  type Pids,
  pidsOf,
  productProcesses,
  type Started,
  URL_LINE,
  untilPrinted,
} from './product_process.ts';

/* Every process of `touchline up` is killed, alone and in any order: nothing is left behind, and the next start is healthy. */

const ADMIN_KEY = 'tl_crash_test_key_0123456789abcd';
// On a machine with other work a start takes several times as long.
const LONG = { timeout: 240_000 };
/** Fast shutdown writes a checkpoint first; an orphan must end sooner than a person starts again. */
const GONE_WITHIN_MS = 15_000;

const data_dir = await mkdtemp(join(tmpdir(), 'touchline-crash-'));
const { touchline, stopAll } = productProcesses(data_dir, { TOUCHLINE_ADMIN_KEY: ADMIN_KEY });

afterAll(async () => {
  await stopAll();
  await rm(data_dir, { recursive: true });
}, 60_000);

type Up = Started & { pids: Pids; lead_count: number };

async function up(options: { old_node?: boolean; by_npx?: boolean } = {}): Promise<Up> {
  const started = touchline(['up'], {}, options);
  const url = await untilPrinted(started, URL_LINE);
  const response = await fetch(`${url}/api/v1/leads?limit=200&icp_tier=T1`, {
    headers: { authorization: `Bearer ${ADMIN_KEY}` },
  });
  const { items } = (await response.json()) as { items: unknown[] };
  return { ...started, pids: await pidsOf(data_dir), lead_count: items.length };
}

async function expectGone({ server, guard, postmaster, backends }: Pids): Promise<void> {
  expect(guard).toBeGreaterThan(0);
  expect(backends.length).toBeGreaterThan(3);
  const pids = [server, guard, postmaster, ...backends];
  const left = async () => (await Promise.all(pids.map(isRunning))).some(Boolean);
  expect(await waitUntil(async () => !(await left()), GONE_WITHIN_MS), 'processes are left').toBe(true);
}

async function stop({ child, exited, pids }: Up): Promise<void> {
  child.kill('SIGTERM');
  expect(await exited).toBe(0);
  // At once: "Stopped" means that none of its processes runs.
  const running = await Promise.all([pids.server, pids.postmaster, ...pids.backends].map(isRunning));
  expect(running).not.toContain(true);
}

it('touchline up stops server and PostgreSQL when the launcher is killed', LONG, async () => {
  const first = await up({ old_node: true });
  expect(first.pids.server).not.toBe(first.child.pid);
  first.child.kill('SIGKILL');
  await expectGone(first.pids);
  const again = await up();
  expect(again.lead_count).toBe(first.lead_count);
  expect(again.printed(), 'it stopped in order').not.toContain('ended without stopping');
  await stop(again);
});

it(
  'touchline up stops PostgreSQL and the launcher when the server is killed, and reports it at the next start',
  LONG,
  async () => {
    const first = await up({ old_node: true });
    process.kill(first.pids.server, 'SIGKILL');
    expect(await first.exited).toBe(137);
    await expectGone(first.pids);
    const again = await up();
    expect(again.lead_count).toBe(first.lead_count);
    expect(again.printed()).toContain(`(process ${first.pids.server}) ended without stopping`);
    await stop(again);
  },
);

it('touchline up recovers when PostgreSQL of a dead owner is still running', LONG, async () => {
  const first = await up();
  process.kill(first.pids.guard, 'SIGKILL');
  process.kill(first.pids.server, 'SIGKILL');
  await first.exited;
  expect(await isRunning(first.pids.postmaster)).toBe(true);
  const again = await up();
  expect(again.lead_count).toBe(first.lead_count);
  expect(again.printed()).toMatch(/PostgreSQL still runs from an earlier start .*: stopping it first/);
  expect(await isRunning(first.pids.postmaster)).toBe(false);
  await stop(again);
});

it.each(['SIGTERM', 'SIGKILL'] as const)(
  'touchline up stops server and PostgreSQL when npx gets %s',
  LONG,
  async (signal) => {
    const first = await up({ by_npx: true });
    first.child.kill(signal);
    await expectGone(first.pids);
    const again = await up();
    expect(again.lead_count).toBe(first.lead_count);
    expect(again.printed(), 'it stopped in order').not.toContain('ended without stopping');
    await stop(again);
  },
);

it('touchline up is healthy after all processes were killed at once, in any order', LONG, async () => {
  const random = seededRandom(inject('seed'));
  let lead_count: number | null = null;
  for (let rounds = 0; rounds < 3; rounds += 1) {
    const { child, exited, pids, ...seen } = await up({ old_node: true });
    lead_count ??= seen.lead_count;
    expect(seen.lead_count).toBe(lead_count);
    const victims = [child.pid!, pids.server, pids.guard, pids.postmaster];
    const order = victims.map((pid) => ({ pid, at: random.next() })).sort((a, b) => a.at - b.at);
    for (const { pid } of order) if (await isRunning(pid)) process.kill(pid, 'SIGKILL');
    await exited;
  }
  const last = await up();
  expect(last.lead_count).toBe(lead_count);
  await stop(last);
});

it('touchline up stops in order when asked during startup', LONG, async () => {
  const started = touchline(['up']);
  await untilPrinted(started, /Starting PostgreSQL/);
  let pids: Pids | null = null;
  await waitUntil(async () => {
    pids = await pidsOf(data_dir).catch(() => null);
    return pids !== null;
  }, 10_000);
  started.child.kill('SIGTERM');
  expect(await started.exited).toBe(0);
  expect(started.printed()).toContain('Stopped. The data is kept.');
  expect(started.printed()).not.toMatch(URL_LINE);
  expect(await isRunning((pids as Pids | null)!.postmaster)).toBe(false);
});

it('touchline up stops in order when its terminal is closed', LONG, async () => {
  const first = await up();
  first.child.stdout?.destroy();
  first.child.stderr?.destroy();
  first.child.kill('SIGHUP');
  expect(await first.exited).toBe(0);
  await expectGone(first.pids);
});

it('touchline up ends at once on a second Ctrl-C, and PostgreSQL after it', LONG, async () => {
  const first = await up();
  // A database that does not finish its own stop.
  process.kill(first.pids.postmaster, 'SIGSTOP');
  first.child.kill('SIGINT');
  await untilPrinted(first, /Stopping/);
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  first.child.kill('SIGINT');
  expect(await first.exited).toBe(130);
  process.kill(first.pids.postmaster, 'SIGCONT');
  await expectGone(first.pids);
});

it(
  'touchline up names the running server to a second start on the same port, and waits for one that is stopping',
  LONG,
  async () => {
    const port = await freePort();
    const first = touchline(['up'], { PORT: String(port) });
    const url = await untilPrinted(first, URL_LINE);
    const second = touchline(['up'], { PORT: String(port) });
    expect(await second.exited).toBe(3);
    expect(second.printed()).toMatch(new RegExp(`already_running: .*process ${first.child.pid}; .* ${url}`));
    // Its stop takes until this process continues.
    const { postmaster } = await pidsOf(data_dir);
    process.kill(postmaster, 'SIGSTOP');
    first.child.kill('SIGTERM');
    await untilPrinted(first, /Stopping/);
    const third = touchline(['up'], { PORT: String(port) });
    await untilPrinted(third, new RegExp(`Waiting for process ${first.child.pid} to stop`));
    process.kill(postmaster, 'SIGCONT');
    expect(await first.exited).toBe(0);
    expect(await untilPrinted(third, URL_LINE)).toBe(url);
    third.child.kill('SIGTERM');
    expect(await third.exited).toBe(0);
  },
);

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((done) => probe.listen(0, '127.0.0.1', done));
  const { port } = probe.address() as { port: number };
  await new Promise((done) => probe.close(done));
  return port;
}
