/** Events of the CRM, and syncs with it. */
import { z } from 'zod';
import type { CrmDelivery } from '../../connectors/crm/port.ts';
import type { Context } from '../../context.ts';
import { storeCrmEvents } from '../../coordinator/crm/events.ts';
import { openCrm } from '../../coordinator/crm/opened.ts';
import { CRM_EVENTS_PATH, storedSubscription } from '../../coordinator/crm/subscription.ts';
import { beginSync } from '../../coordinator/crm/sync.ts';
import { asCoordinator, coordinatorActor } from '../../coordinator/gate/scope.ts';
import { actingDb, systemDb } from '../../db/acting.ts';
import type { Queryable } from '../../db/pool.ts';
import { transaction } from '../../db/pool.ts';
import { getCrmConnection } from '../../db/queries/crm_connections.gen.ts';
import * as sql from '../../db/queries/crm_incoming.gen.ts';
import { getCrmSync } from '../../db/queries/crm_syncs.gen.ts';
import { AppError } from '../../errors.ts';
import { actorOf } from '../../principal.ts';
import { CRM_SYNC_STEP_VALUES } from '../../schema.gen.ts';
import { id, instant, notFound, noun, nullableInstant, requirePerson } from '../fields.ts';
import { operation, transact } from '../operation.ts';

const sync = {
  started_at: instant,
  requested_by_user_id: id.nullable().describe('null: the run of the night, or the first one'),
  requested_by_name: z.string().nullable(),
  allows_deletions: z.boolean(),
  step: z
    .enum(CRM_SYNC_STEP_VALUES)
    .describe('the records that are compared now; gone: those that no page had'),
  record_count: z.int().describe('records compared so far'),
  gone_count: z.int().describe('records that the CRM no longer lists; each is read once more'),
  last_code: z
    .string()
    .nullable()
    .describe('why it waits; too_many_deletions: it stopped until a person allows them'),
  last_message: z.string().nullable(),
  finished_at: nullableInstant,
};
const crmSync = noun('CrmSync', sync);

export const incomingShape = {
  sync: crmSync.nullable().describe('the latest comparison with the CRM; null: it begins within seconds'),
  events: noun('CrmEvents', {
    is_subscribed: z.boolean().describe('whether the CRM reports changes at once'),
    message: z.string().nullable().describe('why it does not; syncs find the changes'),
    pending_count: z.int().describe('changes whose record is not read yet'),
    latest_at: nullableInstant,
  }),
};

/** The progress of reading the CRM. */
export async function incomingOf(db: Queryable, org_id: string) {
  const run = await getCrmSync.one({ org_id }, db);
  const subscription = await sql.getCrmSubscription.one({ org_id }, db);
  const counted = (await sql.countCrmEvents.one({ org_id }, db))!;
  return {
    sync: run ?? null,
    events: {
      is_subscribed: subscription?.subscription_id != null,
      message: subscription?.last_message ?? null,
      ...counted,
    },
  };
}

const syncCrm = operation({
  name: 'sync_crm',
  summary:
    'Compare everything with the CRM now, as each night. While a run is under way, none begins. A run that found unusually many deletions needs `allows_deletions`.',
  http: { method: 'POST', path: '/crm/sync' },
  cli: { command: 'crm sync' },
  input: z.object({
    allows_deletions: z.boolean().default(false).describe('act on deletions also if there are many'),
  }),
  output: noun('CrmSyncBegun', { ...sync, is_new: z.boolean().describe('false: a run was under way') }),
  errors: 'not_found',
  run: async ({ context, principal, input }) => {
    const user_id = requirePerson(principal);
    const begun = await transact({ context, principal }, async (scope) => {
      const { tx, org_id } = scope;
      if ((await getCrmConnection.one({ org_id }, tx)) === undefined)
        throw notFound('CRM connection', 'Connect one: touchline crm connect attio');
      const asked = { user_id, allows_deletions: input.allows_deletions };
      const is_new = await asCoordinator(tx, actorOf(principal), () => beginSync(scope, asked));
      return { ...(await getCrmSync.one({ org_id }, tx))!, is_new };
    });
    context.nudge();
    return begun;
  },
});

export const CRM_EVENTS_ROUTE = `${CRM_EVENTS_PATH}:token`;

export const crmIncomingOperations = [syncCrm] as const;

/**
 * Stores the events of a delivery, after the check of its signature; the worker reads the records. The token names the organization.
 * Throws `not_found` for an unknown token, `unauthenticated` for a wrong signature, and `request_invalid` for an unreadable body.
 */
export async function takeCrmEvents(
  context: Context,
  token: string,
  delivery: Omit<CrmDelivery, 'url'>,
): Promise<void> {
  const { db, clock, secret } = context;
  const presenter = { org_id: null, kind: 'system', id: 'crm_events', presented: token } as const;
  const named = await sql.presentedSubscription.one({ token }, actingDb(db, presenter));
  const org_id = named?.org_id ?? '';
  const own = systemDb(db, org_id === '' ? null : org_id);
  const row = named && (await sql.getCrmSubscription.one({ org_id }, own));
  const connection = named && (await getCrmConnection.one({ org_id }, own));
  if (row === undefined || connection === undefined || context.crm === undefined)
    throw notFound('subscription of a CRM');
  const subscription = storedSubscription(secret, row);
  const opened = openCrm(context.crm, secret, connection);
  if (opened.kind !== 'open' || subscription === null) throw wrongSignature();
  const { crm } = opened;
  try {
    const signed = { ...delivery, url: `${context.public_url}${CRM_EVENTS_PATH}${token}` };
    if (!crm.isAuthentic(signed, subscription, named!.real_now.toISOString())) throw wrongSignature();
    const own_actor_ids = (await sql.ownCrmActors.run({ org_id }, own)).map(({ actor_id }) => actor_id);
    const events = crm.readEvents(signed, subscription, own_actor_ids);
    if (events === null)
      throw new AppError('request_invalid', 'The body cannot be read as events of the CRM.');
    await transaction(db, coordinatorActor(org_id), (tx) => storeCrmEvents({ tx, org_id, clock }, events));
  } finally {
    await crm.close();
  }
  context.nudge();
}

const wrongSignature = () =>
  new AppError('unauthenticated', 'The signature does not fit the body: nothing was kept.');
