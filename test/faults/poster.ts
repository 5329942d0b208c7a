import { setTimeout as sleep } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';

/* Posts one body after another in a separate thread, so that posting does not delay what is measured. */

const PAUSE_MS = 10;

export type Posted = { path: string; type: string; body: string };

const { url, key, bodies } = workerData as { url: string; key: string; bodies: readonly Posted[] };
const sent = bodies.map(({ body, ...rest }) => ({ ...rest, body: Buffer.from(body) }));
const codes = bodies.map(() => new Set<string>());
let is_over = false;
parentPort!.once('message', () => {
  is_over = true;
});
for (let at = 0; !is_over || at < sent.length; at += 1) {
  const { path, type, body } = sent[at % sent.length]!;
  const headers = {
    authorization: `Bearer ${key}`,
    'content-type': type,
    accept: 'application/json, text/event-stream',
  };
  const response = await fetch(url + path, { method: 'POST', headers, body });
  const code = /"code":"(\w+)"/.exec(await response.text())?.[1] ?? String(response.status);
  codes[at % sent.length]!.add(code);
  // This measures the cost of a body, not the bandwidth of this machine.
  await sleep(PAUSE_MS);
}
// The status codes of all answers, for each body.
parentPort!.postMessage(codes.map((seen) => [...seen].join()));
