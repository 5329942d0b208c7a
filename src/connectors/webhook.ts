import { readWebhookUrl } from '../public_address.ts';
import type { WebhookSender } from './connector.ts';
import { type PosterOptions, poster, reasonOf } from './pinned_http.ts';

const TIMEOUT_MS = 15_000;
/** Read and discarded, so that the receiver can finish; only the status counts. */
const ANSWER_MAX_BYTES = 64 * 1024;

/** Posts to receivers at addresses chosen by others. */
export function webhookSender(options: PosterOptions): WebhookSender {
  const { allow_local } = options;
  const { post, close } = poster({ timeout_ms: TIMEOUT_MS, ...options });
  return {
    allow_local,
    async post({ url, headers, body }) {
      try {
        const request = { headers, body, max_bytes: ANSWER_MAX_BYTES };
        // A URL stored earlier may have a fragment, which is not part of a request.
        const { status } = await post(readWebhookUrl(url.replace(/#.*/, ''), { allow_local }), request);
        return { kind: 'answered', status };
      } catch (error) {
        const why = reasonOf(error);
        return { kind: why === 'address_refused' ? 'refused' : 'failed', why };
      }
    },
    close,
  };
}
