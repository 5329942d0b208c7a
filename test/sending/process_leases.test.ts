import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { claimModelDrafts } from '../../src/coordinator/drafts/model_drafting.ts';
import type { Scope } from '../../src/coordinator/gate/scope.ts';
import { recordOutcome } from '../../src/coordinator/sending/outcomes.ts';
import { mayBeginData, type ReservedSend, reserveSends } from '../../src/coordinator/sending/sending.ts';
import { claimDeliveries } from '../../src/coordinator/webhooks/webhooks.ts';
import { holdProcessLock, type ProcessLock } from '../../src/db/process_lock.ts';
import { leaseCursor } from '../../src/db/queries/inbound.gen.ts';
import type { AgentTasksRow, SendAttemptsRow } from '../../src/schema.gen.ts';
import { inScope } from '../../src/worker/in_scope.ts';
import { SEND_SETTINGS } from '../../src/worker/send_settings.ts';
import { runStage, STAGES } from '../../src/worker/stages.ts';
import { testDatabase } from '../database.ts';
import { modelWorld, startFakeModel } from '../drafts/model_world.ts';
import { hookWorld } from '../webhooks/webhook_world.ts';
import { createWorld, type World } from '../world.ts';
import { approvedLeads, attempts, mailboxOf } from './send_world.ts';

/* A lease ends with the process that holds it, and that cannot make a running process deliver twice. */

const { db, url } = await testDatabase();
const held: ProcessLock[] = [];
afterAll(() => Promise.all(held.map((lock) => lock.close())));

/** A process of the product, as the database sees it. */
async function livingProcess(): Promise<ProcessLock> {
  const lock = holdProcessLock(url);
  held.push(lock);
  await expect.poll(() => lock.held()).not.toBeNull();
  return lock;
}

function asProcess<T>(world: World, process: ProcessLock, run: (scope: Scope) => Promise<T>): Promise<T> {
  return inScope({ ...world.worker_context, process }, { org_id: world.org_id, stage: 'test' }, run);
}

const reserveAs = (world: World, process: ProcessLock) =>
  asProcess(world, process, (scope) => {
    const { lease_ms } = SEND_SETTINGS;
    return reserveSends(scope, { limit: 20, secret: world.context.secret, lease_ms, speed: 1 });
  });

const beginDataAs = (world: World, process: ProcessLock, send: ReservedSend) =>
  asProcess(world, process, (scope) => mayBeginData(scope, send));

/** The first stage in every round of every worker. */
async function sweep(world: World): Promise<void> {
  for (const name of ['end_dead_leases', 'settle_expired_attempts']) {
    await runStage(world.worker_context, world.org_id, STAGES.find((stage) => stage.name === name)!);
  }
}

const stages = async (world: World) => (await attempts(world)).map(({ stage }) => stage);

describe('an attempt of a dead process', () => {
  it('is retried at once if nothing was handed over, long before its lease ends', async () => {
    const world = await createWorld(db);
    await approvedLeads(world, 1);
    const [dead, living] = [await livingProcess(), await livingProcess()];
    const [send] = await reserveAs(world, dead);
    await sweep(world);
    expect(await stages(world), 'while it lives').toEqual(['intent']);
    await dead.close();
    await sweep(world);
    expect(await stages(world)).toEqual(['abandoned']);
    const [again] = await reserveAs(world, living);
    expect(again!.message_id).toBe(send!.message_id);
    await sweep(world);
    expect(await stages(world)).toEqual(['abandoned', 'intent']);
  });

  it('is unknown after fifteen seconds if the message may have been delivered, and never sent again', async () => {
    const world = await createWorld(db);
    await approvedLeads(world, 1);
    const [dead, living] = [await livingProcess(), await livingProcess()];
    const [send] = await reserveAs(world, dead);
    expect(await beginDataAs(world, dead, send!)).toBe(true);
    await dead.close();
    await sweep(world);
    world.clock.advance(14_999);
    await sweep(world);
    expect(await stages(world)).toEqual(['data']);
    world.clock.advance(1);
    await sweep(world);
    expect(await stages(world)).toEqual(['unknown']);
    expect(await reserveAs(world, living)).toEqual([]);
  });

  it('waits for its lease if no process is known', async () => {
    const world = await createWorld(db);
    await approvedLeads(world, 1);
    const nobody: ProcessLock = { held: () => null, announce: () => {}, close: async () => {} };
    await reserveAs(world, nobody);
    await sweep(world);
    expect(await stages(world)).toEqual(['intent']);
    world.clock.advance(SEND_SETTINGS.lease_ms);
    await sweep(world);
    expect(await stages(world)).toEqual(['abandoned']);
  });
});

async function breakLock(process: ProcessLock): Promise<void> {
  const { rows } = await db.query<{ pid: number }>(
    `SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted
       AND (classid::bigint << 32 | objid::bigint) = process_lock($1)`,
    [process.held()],
  );
  await db.query('SELECT pg_terminate_backend($1, 5000)', [rows[0]!.pid]);
}

describe('a process that loses the connection of its lock', () => {
  it('cannot enter DATA once another process took over its message', async () => {
    const world = await createWorld(db);
    await approvedLeads(world, 1);
    const [cut, other] = [await livingProcess(), await livingProcess()];
    const [send] = await reserveAs(world, cut);
    await breakLock(cut);
    await sweep(world);
    const [again] = await reserveAs(world, other);
    expect(await beginDataAs(world, cut, send!)).toBe(false);
    expect(await beginDataAs(world, other, again!)).toBe(true);
    expect(await beginDataAs(world, cut, send!)).toBe(false);
    expect(await stages(world)).toEqual(['abandoned', 'data']);
  });

  it('keeps the message that it is handing over, and records its outcome', async () => {
    const world = await createWorld(db);
    await approvedLeads(world, 1);
    const cut = await livingProcess();
    const [send] = await reserveAs(world, cut);
    await beginDataAs(world, cut, send!);
    const id = cut.held();
    await breakLock(cut);
    await sweep(world);
    await expect.poll(() => cut.held(), { timeout: 10_000 }).toBe(id);
    world.clock.advance(20_000);
    await sweep(world);
    expect(await attempts(world)).toMatchObject([{ stage: 'data', orphaned_at: null }]);
    const { item, attempt_id } = send!;
    const outcome = { kind: 'sent', response: '250 ok' } as const;
    await asProcess(world, cut, (scope) => recordOutcome(scope, { item, attempt_id, outcome }));
    expect(await stages(world)).toEqual(['accepted']);
  });

  it('remains the process that the attempt names', async () => {
    const world = await createWorld(db);
    await approvedLeads(world, 1);
    await reserveAs(world, await livingProcess());
    await expect(
      db.query('UPDATE send_attempts SET process_id = gen_random_uuid() WHERE org_id = $1', [world.org_id]),
    ).rejects.toMatchObject({ code: 'TL012' });
  });
});

it('releases a draft in progress, and no claim inherits the earlier process', async () => {
  const fake = await startFakeModel();
  const world = await modelWorld(db, fake);
  await world.dueLeads(1);
  const [dead, living] = [await livingProcess(), await livingProcess()];
  const claimAs = (process: ProcessLock) => asProcess(world, process, (scope) => claimModelDrafts(scope, 1));
  expect(await claimAs(dead)).toHaveLength(1);
  await sweep(world);
  expect(await claimAs(living), 'while it lives').toEqual([]);
  await dead.close();
  await sweep(world);
  expect(await claimAs(living)).toHaveLength(1);
  const [task] = await world.rows<AgentTasksRow>('agent_tasks', `type = 'execute_sequence_step'`);
  expect(task).toMatchObject({ status: 'claimed', attempt_count: 2, process_id: living.held() });
  // As an external agent claims it, whose statement names no process.
  await db.query(
    `UPDATE agent_tasks SET claim_id = gen_random_uuid(), claimed_at = lease_until,
       lease_until = lease_until + interval '1 minute', attempt_count = 3 WHERE org_id = $1 AND id = $2`,
    [world.org_id, task!.id],
  );
  const [taken] = await world.rows<AgentTasksRow>('agent_tasks', `type = 'execute_sequence_step'`);
  expect(taken).toMatchObject({ status: 'claimed', process_id: null });
  await fake.close();
});

it('makes a delivery to a webhook due again', async () => {
  const world = await hookWorld(db);
  await world.make('https://hooks.example/in', ['task.created']);
  await world.task();
  const dead = await livingProcess();
  const asked = { busy: [], each: 4, limit: 4 };
  const claim = (process: ProcessLock) => asProcess(world, process, (scope) => claimDeliveries(scope, asked));
  expect(await claim(dead)).toHaveLength(1);
  await sweep(world);
  expect(await claim(dead)).toEqual([]);
  await dead.close();
  await sweep(world);
  expect(await claim(await livingProcess())).toMatchObject([{ attempt_count: 2 }]);
});

it('releases a mailbox folder to another reader', async () => {
  const world = await createWorld(db);
  const { id: mailbox_id } = await mailboxOf(world);
  const [dead, living] = [await livingProcess(), await livingProcess()];
  const leaseAs = (process: ProcessLock) =>
    asProcess(world, process, ({ tx, org_id, clock, process_id = null }) => {
      const lease_until = new Date(clock.now_ms() + 60_000);
      const reader_id = process.held()!;
      const row = { org_id, mailbox_id, folder: 'inbox', reader_id, process_id, lease_until };
      return leaseCursor.run({ ...row, now: clock.now() }, tx);
    });
  expect(await leaseAs(dead)).toHaveLength(1);
  expect(await leaseAs(living)).toEqual([]);
  await dead.close();
  expect(await leaseAs(living)).toHaveLength(1);
});

it('releases the reserved messages of a killed worker, which are sent within seconds', {
  timeout: 60_000,
}, async () => {
  // The processes use real time, and the other worlds are ahead of it.
  const own = await testDatabase();
  const world = await createWorld(own.db, { start_ms: performance.timeOrigin });
  await approvedLeads(world, 1);
  const server = await mailServer();
  const first = work(own.owner_url, server.url);
  await expect.poll(server.waiting, { timeout: 30_000 }).toBe(1);
  first.kill('SIGKILL');
  await once(first, 'exit');
  server.answer();
  const second = work(own.owner_url, server.url);
  await expect.poll(server.delivered, { timeout: 30_000 }).toBe(1);
  const exited = once(second, 'exit');
  second.kill('SIGTERM');
  await exited;
  const [lost, sent] = await world.rows<SendAttemptsRow>('send_attempts', 'true ORDER BY started_at');
  expect([lost!.stage, sent!.stage]).toEqual(['abandoned', 'accepted']);
  expect(lost!.finished_at!.getTime()).toBeLessThan(lost!.lease_until.getTime() - 10 * 60_000);
  server.close();
  await own.close();
});

function work(database_url: string, smtp_url: string) {
  const main = fileURLToPath(new URL('../../bin/touchline.mjs', import.meta.url));
  return spawn(process.execPath, [main, 'work'], {
    env: {
      PATH: process.env.PATH,
      DATABASE_URL: database_url,
      SMTP_URL: smtp_url,
      TOUCHLINE_SECRET: 'x'.repeat(32),
    },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
}

/** Leaves RCPT unanswered until `answer`. */
async function mailServer() {
  let answers = false;
  let waiting = 0;
  let delivered = 0;
  const talk = (socket: Socket) => {
    let in_data = false;
    socket.on('error', () => undefined);
    socket.write('220 mail.example ESMTP\r\n');
    socket.setEncoding('utf8').on('data', (text: string) => {
      if (in_data) {
        if (!text.endsWith('\r\n.\r\n')) return;
        in_data = false;
        delivered += 1;
        socket.write('250 2.0.0 taken\r\n');
        return;
      }
      for (const line of text.split('\r\n').filter(Boolean)) {
        if (/^RCPT/i.test(line) && !answers) waiting += 1;
        else if (/^DATA/i.test(line)) {
          in_data = true;
          socket.write('354 go on\r\n');
        } else socket.write(/^QUIT/i.test(line) ? '221 bye\r\n' : '250 ok\r\n');
      }
    });
  };
  const server = createServer(talk).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  return {
    url: `smtp://127.0.0.1:${port}`,
    waiting: () => waiting,
    delivered: () => delivered,
    answer: () => {
      answers = true;
    },
    close: () => server.close(),
  };
}
