/** Posts that test a receiver: a person waits for the answer, and nothing is retried. */

import type { WebhookAnswer, WebhookSender } from '../../connectors/connector.ts';
import { AppError } from '../../errors.ts';

/** Throws `webhook_not_sent` if this process has none. */
export function presentSender(webhooks: WebhookSender | undefined): WebhookSender {
  if (webhooks !== undefined) return webhooks;
  throw notSent('This process sends no webhooks.', 'Send the request to a Touchline server.');
}

/** The 2xx status of the answer; throws `webhook_not_sent` or `webhook_not_taken`. */
export function takenStatus(answer: WebhookAnswer, hint: string): number {
  if (answer.kind === 'refused') {
    throw notSent(
      'The receiver’s host name resolves to an address that is not public.',
      'Webhooks go to public addresses only. Check the host’s DNS records.',
    );
  }
  const notTaken = (detail: string) => new AppError('webhook_not_taken', detail, { hint });
  if (answer.kind === 'failed')
    throw notTaken(`The receiver could not be reached or gave no answer in time (${answer.why}).`);
  if (answer.status < 200 || answer.status > 299) {
    const moved = answer.status >= 300 && answer.status < 400 ? ' Redirects are not followed.' : '';
    throw notTaken(`The receiver answered ${answer.status} instead of 2xx.${moved}`);
  }
  return answer.status;
}

export const notSent = (detail: string, hint: string) => new AppError('webhook_not_sent', detail, { hint });
