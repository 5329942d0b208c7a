import { describe, expect, it } from 'vitest';
import { approveDraft } from '../../src/operations/drafts/decisions.ts';
import { startAdversary } from '../connectors/smtp_adversary.ts';
import { testDatabase } from '../database.ts';
import { createWorld } from '../world.ts';
import { BROKEN_BUILDS } from './broken_builds.ts';
import { beginSharedClock } from './shared_clock.ts';
import type { WorkerOptions } from './worker_main.ts';
import { shortenLeases, spawnWorker } from './worker_process.ts';

const { db, url } = await testDatabase();

describe('a worker process', () => {
  it('sends approved messages with leases as short as the test sets, and exits on request', async () => {
    const sink = await startAdversary({});
    const world = await createWorld(db);
    await shortenLeases(db, 90_000);
    const lead_id = await world.addLead();
    await world.request(lead_id, 'b2bea_membership_close');
    await world.work();
    const { draft } = await world.draftOf(lead_id);
    const worker = spawnWorker(optionsFor(sink.port, world.clock.now_ms()));
    await worker.ready;
    const call = { context: world.context, principal: world.person };
    await approveDraft.run({ ...call, input: { id: draft.id, content_hash: draft.content_hash } });
    await expect.poll(() => sink.accepted.length, { timeout: 10_000 }).toBe(1);
    await expect
      .poll(async () => (await world.draftOf(lead_id)).item.status, { timeout: 10_000 })
      .toBe('sent');
    await worker.stop();
    const [attempt] = await world.rows<{ lease_until: Date; started_at: Date }>('send_attempts');
    // It restarted at DATA, moments after the attempt began.
    const lease_ms = attempt!.lease_until.getTime() - attempt!.started_at.getTime();
    expect(lease_ms).toBeGreaterThanOrEqual(90_000);
    expect(lease_ms).toBeLessThan(180_000);
    await sink.close();
  });

  it.each(BROKEN_BUILDS)('can run as the broken build $name', async ({ name }) => {
    const worker = spawnWorker(optionsFor(9, Date.parse('2026-11-24T12:00:00Z')), { broken_build: name });
    await worker.ready;
    await worker.stop();
  });
});

function optionsFor(port: number, start_ms: number): WorkerOptions {
  return {
    database_url: url,
    smtp_url: `smtp://127.0.0.1:${port}`,
    clock: beginSharedClock(start_ms, 1),
    secret: 'a secret of this test only',
    connection_timeout_ms: 1_000,
    socket_timeout_ms: 1_000,
    idle_in_transaction_ms: 1_000,
  };
}
