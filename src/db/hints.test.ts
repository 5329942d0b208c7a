import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, vi } from 'vitest';
import { testDatabase } from '../../test/database.ts';
import { hintSender, listenForHints } from './hints.ts';

const { db, url } = await testDatabase();

it('a hint reaches a listener on another connection, batches a burst, and survives a broken connection', async () => {
  const onHint = vi.fn();
  const listener = listenForHints(url, onHint);
  const sender = hintSender(db.app);
  // Once for the changes reported before.
  await expect.poll(() => onHint.mock.calls.length, { timeout: 5_000 }).toBe(1);
  for (let call = 0; call < 1_000; call += 1) sender.send();
  await expect.poll(() => onHint.mock.calls.length, { timeout: 5_000 }).toBe(3);
  await sleep(500);
  expect(onHint).toHaveBeenCalledTimes(3);
  await db.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE application_name = 'touchline-hints' AND datname = current_database()`,
  );
  await expect.poll(() => onHint.mock.calls.length, { timeout: 10_000 }).toBe(4);
  sender.send();
  await expect.poll(() => onHint.mock.calls.length, { timeout: 5_000 }).toBe(5);
  await listener.close();
  sender.close();
});

it('a hint ends at once while the database is down', async () => {
  const listener = listenForHints('postgres://nobody@127.0.0.1:1/nothing', () => undefined);
  await sleep(50);
  const started_ms = performance.now();
  await listener.close();
  expect(performance.now() - started_ms).toBeLessThan(2_000);
});
