/** The CRM's subscription to our endpoint. */
import { randomBytes } from 'node:crypto';
import type { Crm, CrmOutcome, CrmSubscription } from '../../connectors/crm/port.ts';
import { HOUR_MS } from '../../core/durations.ts';
import * as sql from '../../db/queries/crm_incoming.gen.ts';
import type { CrmSubscriptionsRow } from '../../schema.gen.ts';
import type { Scope } from '../gate/scope.ts';
import { openSecret, sealSecret } from '../sending/sealed_secret.ts';

export const CRM_EVENTS_PATH = '/crm/events/';
const TOKEN_BYTES = 32;
/** After an answer that may be better soon. */
const RETRY_MS = 60_000;

/** The row for which the secret of a subscription is sealed. */
const crmHookOwner = (org_id: string) => [org_id, 'crm_subscription'] as const;

/** The stored subscription as the connector takes it; null without one, or if its secret cannot be decrypted. */
export function storedSubscription(
  secret: string,
  { org_id, target_url, subscription_id, secret: sealed, object_ids }: CrmSubscriptionsRow,
): CrmSubscription | null {
  if (target_url === null || subscription_id === null || sealed === null) return null;
  const opened = openSecret(secret, sealed, crmHookOwner(org_id));
  if (opened === null) return null;
  return {
    target_url,
    subscription_id,
    secret: opened,
    object_ids: object_ids as CrmSubscription['object_ids'],
  };
}

/** The subscription to check now: at first, then every hour. */
export async function dueSubscription({ tx, org_id, clock }: Scope): Promise<CrmSubscriptionsRow | null> {
  const known = await sql.getCrmSubscription.one({ org_id }, tx);
  if (known !== undefined) {
    const { checked_at } = known;
    return checked_at === null || clock.now_ms() - checked_at.getTime() >= HOUR_MS ? known : null;
  }
  const token = randomBytes(TOKEN_BYTES).toString('base64url');
  await sql.insertCrmSubscription.run({ org_id, token }, tx);
  return (await sql.getCrmSubscription.one({ org_id }, tx)) ?? null;
}

export function ensureCrmSubscription(
  crm: Crm,
  { secret, public_url }: { secret: string; public_url: string },
  row: CrmSubscriptionsRow,
): Promise<CrmOutcome<CrmSubscription>> {
  return crm.ensureSubscription(
    `${public_url}${CRM_EVENTS_PATH}${row.token}`,
    storedSubscription(secret, row),
  );
}

/** Keeps the subscription, sealed; or what the CRM said instead, until the next check. Syncs find what events do not report. */
export async function keepSubscription(
  { tx, org_id, clock }: Scope,
  secret: string,
  outcome: CrmOutcome<CrmSubscription>,
): Promise<void> {
  const now = clock.now();
  if (outcome.kind !== 'ok') {
    const last_message =
      outcome.kind === 'refused' || outcome.kind === 'missing' ? outcome.message : outcome.response;
    const is_lasting = outcome.kind === 'refused';
    const asked_at = is_lasting ? now : new Date(now.getTime() - HOUR_MS + RETRY_MS * clock.speed);
    await sql.missCrmSubscription.run(
      { org_id, now: asked_at, last_message: last_message.slice(0, 1_000) },
      tx,
    );
    return;
  }
  const { secret: own, target_url, subscription_id, object_ids } = outcome.value;
  const sealed = sealSecret(secret, own, crmHookOwner(org_id));
  const row = { target_url, subscription_id, secret: sealed, object_ids, last_message: null };
  await sql.keepCrmSubscription.run({ org_id, ...row, now }, tx);
}
