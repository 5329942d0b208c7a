import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { testDatabase } from '../database.ts';
import { createWorld } from '../world.ts';
import { startCollector } from './collector.ts';
import { readExposition } from './exposition.ts';

const { db, owner_url } = await testDatabase();
const MAIN = fileURLToPath(new URL('../../bin/touchline.mjs', import.meta.url));
const TOKEN = 'a-token-of-machines';

it('touchline work exports traces while it runs, and the rest when it is stopped', async () => {
  // The process uses real time.
  const world = await createWorld(db, { start_ms: performance.timeOrigin });
  await world.request(await world.addLead(), 'b2bea_membership_close');
  const collector = await startCollector();
  const child = spawn(process.execPath, [MAIN, 'work'], {
    env: {
      PATH: process.env.PATH,
      DATABASE_URL: owner_url,
      SMTP_URL: 'smtp://127.0.0.1:1',
      TOUCHLINE_SECRET: 'x'.repeat(32),
      TOUCHLINE_METRICS_PORT: '0',
      TOUCHLINE_METRICS_TOKEN: TOKEN,
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    said += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    said += text;
  });
  try {
    await expect.poll(() => said, { timeout: 20_000 }).toMatch(/metrics are at http:\S+\./);
    const url = /metrics are at (http:\S+)\./.exec(said)![1]!;
    const scrape = async () => {
      const answer = await fetch(url, { headers: { authorization: `Bearer ${TOKEN}` } });
      return readExposition(await answer.text());
    };
    const decided = async () => (await scrape()).get('touchline_worker_decisions_total')?.samples ?? [];
    await expect.poll(async () => (await decided()).length, { timeout: 15_000 }).toBeGreaterThan(0);
    expect((await decided())[0]).toMatchObject({ labels: { stage: 'dispatch_steps', outcome: 'allow' } });
  } finally {
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    expect(await exited).toEqual([0, null]);
  }
  expect(said).not.toContain(TOKEN);
  expect(collector.spans.map(({ name }) => name)).toContain('worker dispatch_steps');
  await collector.close();
});
