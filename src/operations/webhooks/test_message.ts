import type { OperationContext } from '../../context.ts';
import { openSecret } from '../../coordinator/sending/sealed_secret.ts';
import { webhookRequest, webhookSecretOwner } from '../../coordinator/webhooks/message.ts';
import { AppError } from '../../errors.ts';
import { newId } from '../../ids.ts';

type Receiver = { id: string; url: string; secret: Buffer };

/** Sends a message that tells of nothing, once. Returns the 2xx; throws `webhook_not_sent` or `webhook_not_taken`. */
export async function sendTest(
  { clock, secret: own_secret, webhooks }: Pick<OperationContext, 'clock' | 'secret' | 'webhooks'>,
  org_id: string,
  { id, url, secret: sealed }: Receiver,
): Promise<number> {
  if (webhooks === undefined)
    throw notSent('This process sends no webhooks.', 'Ask the server of Touchline itself.');
  const secret = openSecret(own_secret, sealed, webhookSecretOwner(org_id, id));
  if (secret === null) {
    throw notSent(
      'The secret cannot be opened with this TOUCHLINE_SECRET.',
      'Delete the webhook and make it anew, or start Touchline with the secret that it was made with.',
    );
  }
  const occurred_at = clock.now();
  const data = { webhook_id: id, kind: 'test' };
  const message = { id: newId(clock), event: 'webhook.test', occurred_at, data };
  const answer = await webhooks.post(webhookRequest({ url, secret }, message, occurred_at));
  if (answer.kind === 'refused') {
    throw notSent(
      'The name of the receiver leads to an address that is not on the open internet.',
      'Webhooks go to public addresses only: look at its records in DNS.',
    );
  }
  if (answer.kind === 'failed') {
    throw notTaken(`The receiver could not be reached or gave no answer in time (${answer.why}).`);
  }
  if (answer.status < 200 || answer.status > 299) {
    const moved = answer.status >= 300 && answer.status < 400 ? ' Redirects are not followed.' : '';
    throw notTaken(`The receiver answered ${answer.status}, and not 2xx.${moved}`);
  }
  return answer.status;
}

function notSent(detail: string, hint: string): AppError {
  return new AppError('webhook_not_sent', detail, { hint });
}

function notTaken(detail: string): AppError {
  return new AppError('webhook_not_taken', detail, {
    hint: 'Look at the log of the receiver, then try again: touchline webhooks test.',
  });
}
