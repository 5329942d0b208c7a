import { Worker } from 'node:worker_threads';
import { afterEach, expect, it, vi } from 'vitest';
import { BudgetedThread } from '../../src/templates/budgeted_thread.ts';
import { BOMBS } from './bombs.ts';

/* A thread that stops reporting delays its caller and the callers behind it no longer than its wall-clock limit. */

const LIMITS = { budget_ms: 200, budget_of: 'job', wall_ms: 5_000, memory_mb: 96, nice: 0 } as const;

const opened: BudgetedThread[] = [];
function open(limits: Partial<{ wall_ms: number }> = {}): BudgetedThread {
  const thread = new BudgetedThread({ ...LIMITS, ...limits });
  opened.push(thread);
  return thread;
}
afterEach(async () => {
  vi.restoreAllMocks();
  for (const thread of opened.splice(0)) await thread.close();
});

const check = (thread: BudgetedThread, body: string) =>
  thread.run({ kind: 'check', document: document(body) }, 'someone');
const document = (body: string) =>
  ({ kind: 'campaign', templates: [{ subject: null, body }], pre_approved: false }) as const;

it('a thread that never reports processor time still works, and the wall clock ends a template bomb', async () => {
  vi.spyOn(Worker.prototype, 'cpuUsage').mockReturnValue(new Promise(() => {}));
  const thread = open({ wall_ms: 3_000 });
  expect(await check(thread, 'Hello')).toEqual({ answer: null });
  await expect(check(thread, BOMBS.loop)).rejects.toMatchObject({ code: 'checks_busy', status: 503 });
  expect(await check(thread, 'Hello')).toEqual({ answer: null });
});

it('a thread that never starts its job is replaced', async () => {
  const lost = vi.spyOn(Worker.prototype, 'postMessage').mockImplementationOnce(() => {});
  const thread = open({ wall_ms: 1_000 });
  await expect(check(thread, 'Hello')).rejects.toMatchObject({ code: 'checks_busy' });
  lost.mockRestore();
  expect(await check(thread, 'Hello')).toEqual({ answer: null });
});
