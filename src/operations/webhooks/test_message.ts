import type { OperationContext } from '../../context.ts';
import { openSecret } from '../../coordinator/sending/sealed_secret.ts';
import { webhookRequest, webhookSecretOwner } from '../../coordinator/webhooks/message.ts';
import { AppError } from '../../errors.ts';
import { newId } from '../../ids.ts';

type Receiver = { id: string; url: string; secret: Buffer };

/** Sends one `webhook.test`. Returns the 2xx status; throws `webhook_not_sent` or `webhook_not_taken`. */
export async function sendTest(
  { clock, secret: own_secret, webhooks }: Pick<OperationContext, 'clock' | 'secret' | 'webhooks'>,
  org_id: string,
  { id, url, secret: sealed }: Receiver,
): Promise<number> {
  if (webhooks === undefined)
    throw notSent('This process sends no webhooks.', 'Send the request to a Touchline server.');
  const secret = openSecret(own_secret, sealed, webhookSecretOwner(org_id, id));
  if (secret === null) {
    throw notSent(
      'The webhook’s secret cannot be decrypted with this TOUCHLINE_SECRET.',
      'Delete the webhook and create it again, or restart Touchline with the original TOUCHLINE_SECRET.',
    );
  }
  const occurred_at = clock.now();
  const data = { webhook_id: id, kind: 'test' };
  const message = { id: newId(clock), event: 'webhook.test', occurred_at, data };
  const answer = await webhooks.post(webhookRequest({ url, secret }, message, occurred_at));
  if (answer.kind === 'refused') {
    throw notSent(
      'The receiver’s host name resolves to an address that is not public.',
      'Webhooks go to public addresses only. Check the host’s DNS records.',
    );
  }
  if (answer.kind === 'failed') {
    throw notTaken(`The receiver could not be reached or gave no answer in time (${answer.why}).`);
  }
  if (answer.status < 200 || answer.status > 299) {
    const moved = answer.status >= 300 && answer.status < 400 ? ' Redirects are not followed.' : '';
    throw notTaken(`The receiver answered ${answer.status} instead of 2xx.${moved}`);
  }
  return answer.status;
}

const notSent = (detail: string, hint: string) => new AppError('webhook_not_sent', detail, { hint });

const notTaken = (detail: string) =>
  new AppError('webhook_not_taken', detail, {
    hint: 'Check the receiver’s log, then try again: touchline webhooks test.',
  });
