import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { readWebhookUrl } from '../webhook_target.ts';
import { addressesOf, pinned, postTo, type Resolve, reasonOf, within } from './pinned_http.ts';
import type { WebhookAnswer, WebhookSender } from './webhook_port.ts';

/** For the whole exchange, including name resolution. */
const TIMEOUT_MS = 15_000;
/** Read and discarded, so that the receiver can finish; only the status counts. */
const ANSWER_MAX_BYTES = 64 * 1024;

export type WebhookSenderOptions = {
  /** Allows webhooks to this machine, also over http. */
  allow_local: boolean;
  resolve?: Resolve;
  timeout_ms?: number;
  /** A certificate to trust instead of the usual authorities. */
  ca?: string;
};

/**
 * Posts to receivers at addresses chosen by others. The name is resolved once; if one of its addresses is off the open
 * internet, nothing is sent. The connection goes to the checked address under the name's TLS identity. Redirects are not
 * followed, and no proxy is used, whatever the environment says.
 */
export function webhookSender(options: WebhookSenderOptions): WebhookSender {
  const { allow_local, resolve = addressesOf, timeout_ms = TIMEOUT_MS, ca } = options;
  // Separate agents: the global ones may take a proxy from the environment.
  const http = new HttpAgent({ keepAlive: false });
  const https = new HttpsAgent({ keepAlive: false, ...(ca === undefined ? {} : { ca }) });
  return {
    allow_local,
    async post({ url: text, headers, body }): Promise<WebhookAnswer> {
      const signal = AbortSignal.timeout(timeout_ms);
      try {
        const url = readWebhookUrl(text, { allow_local });
        const address = await within(signal, pinned(url, resolve, allow_local));
        if (address === null) return { kind: 'refused', why: 'address_refused' };
        const target = { url, address, agent: url.protocol === 'https:' ? https : http, signal };
        const { status } = await postTo(target, { headers, body }, ANSWER_MAX_BYTES);
        return { kind: 'answered', status };
      } catch (error) {
        if (signal.aborted) return { kind: 'failed', why: 'timeout' };
        return { kind: 'failed', why: reasonOf(error) };
      }
    },
    close: async () => {
      http.destroy();
      https.destroy();
    },
  };
}
