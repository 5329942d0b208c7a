import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import type { CrmDelivery } from '../../../src/connectors/crm/port.ts';
import { selfSigned } from '../self_signed.ts';

/** A double as a process of its own. `next` is the next line that it prints. */
export function runProcess(file: string, args: readonly string[]) {
  const double = spawn(process.execPath, [file, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = createInterface({ input: double.stdout })[Symbol.asyncIterator]();
  return {
    next: async () => JSON.parse((await lines.next()).value as string),
    async stop() {
      double.kill();
      await once(double, 'exit');
    },
  };
}

/** A receiver of webhooks with a certificate of its own. */
export async function receiveOverTls() {
  const received: CrmDelivery[] = [];
  const server = createServer(selfSigned(), async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const headers = request.headers as CrmDelivery['headers'];
    const url = `https://${request.headers.host}${request.url}`;
    received.push({ method: 'POST', url, headers, raw_body: Buffer.concat(chunks) });
    response.end();
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  return {
    received,
    target_url: `https://127.0.0.1:${(server.address() as AddressInfo).port}/events`,
    async close() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}
