import type { WebhookSender } from '../connectors/connector.ts';
import type { Context } from '../context.ts';
import { openSecret } from '../coordinator/sending/sealed_secret.ts';
import { webhookRequest, webhookSecretOwner } from '../coordinator/webhooks/message.ts';
import { claimDeliveries, settleDelivery, type WebhookDelivery } from '../coordinator/webhooks/webhooks.ts';
import { inScope } from './in_scope.ts';

/** Parallel deliveries in this process, and per receiver. */
const AT_ONCE_MAX = 32;
const EACH_MAX = 4;
const STAGE = 'webhooks';
/** A known answer waits for its row longer than a decision would. */
const SETTLING = { lock_timeout_ms: 5_000, statement_timeout_ms: 10_000 };

/**
 * Delivers recorded webhook events at least once, in no promised order. Receivers do not wait for one another: a slow one
 * delays only itself. Deliveries unsettled when a process ends are retried after their lease.
 */
export class WebhookDeliverer {
  readonly #context: Context;
  readonly #sender: WebhookSender;
  /** Deliveries in progress, by webhook. */
  readonly #under_way = new Map<string, number>();
  readonly #exchanges = new Set<Promise<void>>();

  constructor(context: Context, sender: WebhookSender) {
    this.#context = context;
    this.#sender = sender;
  }

  /** Begins the due deliveries of an organization; returns their number. */
  async begin(org_id: string): Promise<number> {
    const limit = AT_ONCE_MAX - this.#exchanges.size;
    if (limit <= 0) return 0;
    const asked = { busy: [...this.#under_way.keys()], each: EACH_MAX, limit };
    const claimed = await inScope(this.#context, { org_id, stage: STAGE }, (scope) =>
      claimDeliveries(scope, asked),
    );
    for (const delivery of claimed) this.#start(org_id, delivery);
    return claimed.length;
  }

  /** Waits for deliveries in progress: at most 15 s each. */
  async drained(): Promise<void> {
    while (this.#exchanges.size > 0) await Promise.all(this.#exchanges);
  }

  #start(org_id: string, delivery: WebhookDelivery): void {
    const { webhook_id } = delivery;
    this.#under_way.set(webhook_id, (this.#under_way.get(webhook_id) ?? 0) + 1);
    const exchange = this.#deliver(org_id, delivery).finally(() => {
      const left = this.#under_way.get(webhook_id)! - 1;
      if (left === 0) this.#under_way.delete(webhook_id);
      else this.#under_way.set(webhook_id, left);
      this.#exchanges.delete(exchange);
    });
    this.#exchanges.add(exchange);
  }

  async #deliver(org_id: string, delivery: WebhookDelivery): Promise<void> {
    const { clock, log, secret: own_secret } = this.#context;
    const { id, webhook_id, url } = delivery;
    try {
      const secret = openSecret(own_secret, delivery.secret, webhookSecretOwner(org_id, webhook_id));
      const answer =
        secret === null
          ? null
          : await this.#sender.post(webhookRequest({ url, secret }, delivery, clock.now()));
      const settle = { org_id, stage: STAGE };
      await inScope(this.#context, settle, (scope) => settleDelivery(scope, delivery, answer), SETTLING);
    } catch (err) {
      log.error({ err, delivery_id: id, webhook_id }, 'a delivery could not be recorded; retrying');
    }
  }
}
