import type { Crm, CrmConnector } from '../connectors/crm/port.ts';
import type { CrmObject, CrmRecord } from '../connectors/crm/records.ts';
import type { Context } from '../context.ts';
import { type ClaimedRecord, claimCrmRecords, settleCrmRecord } from '../coordinator/crm/events.ts';
import { type CrmFields, valuesOf } from '../coordinator/crm/fields.ts';
import { endFormerIds } from '../coordinator/crm/former_ids.ts';
import {
  type IncomingScope,
  type IncomingWorld,
  type Reading,
  referencesOf,
} from '../coordinator/crm/incoming.ts';
import { applyCompanies } from '../coordinator/crm/incoming_companies.ts';
import { applyDeals } from '../coordinator/crm/incoming_deals.ts';
import { applyGone, applyMerged } from '../coordinator/crm/incoming_gone.ts';
import { ownersOf } from '../coordinator/crm/incoming_owners.ts';
import { applyPeople } from '../coordinator/crm/incoming_people.ts';
import { dueSubscription, ensureCrmSubscription, keepSubscription } from '../coordinator/crm/subscription.ts';
import {
  beginDueSync,
  type ClaimedSync,
  claimSync,
  delaySync,
  finishSync,
  placeOf,
  storePlace,
} from '../coordinator/crm/sync.ts';
import { rowsJson } from '../coordinator/gate/rows.ts';
import { systemDb } from '../db/acting.ts';
import { getCrmConnection } from '../db/queries/crm_connections.gen.ts';
import { takeCrmTurn, unknownCrmRecords } from '../db/queries/crm_incoming.gen.ts';
import { type Connection, CrmAccess, Failed, type Tried } from './crm_access.ts';
import { inScope } from './in_scope.ts';

/** Records read in parallel by this process. */
const AT_ONCE_MAX = 4;
/** Records of a page. */
const PAGE = 100;
/** At speed, an hour of the clock passes at once: the CRM is asked for the subscription at most this often, in real time. */
const SUBSCRIPTION_REST_MS = 10_000;
const STAGE = 'crm_incoming';
/** A page has a hundred people, whose leads others may have locked. */
const APPLYING = { lock_timeout_ms: 5_000, statement_timeout_ms: 30_000 };

/**
 * Reads what changed in the CRM: records that events name, and all of them in each night's sync. Under the limits that all
 * processes share. Any number of processes may read: an older reading never replaces a newer one.
 */
export class CrmReader {
  readonly #context: Context;
  readonly #access: CrmAccess;
  readonly #reads = new Set<Promise<void>>();
  /** Organizations whose sync, or subscription, is under way in this process. */
  readonly #busy = new Set<string>();
  readonly #subscribed_ms = new Map<string, number>();
  readonly #stopping = new AbortController();

  constructor(context: Context, connect: CrmConnector) {
    this.#context = context;
    this.#access = new CrmAccess(context, connect, this.#stopping.signal);
  }

  /** Begins what is due for an organization; returns the number of records, pages, and checks. */
  async begin(org_id: string): Promise<number> {
    const connection = await getCrmConnection.one({ org_id }, systemDb(this.#context.db, org_id));
    if (connection === undefined) return 0;
    if (connection.former_workspace_name !== null) {
      await this.#inScope(connection, endFormerIds);
      return 1;
    }
    return (await this.#beginRecords(connection)) + (await this.#beginSlow(connection));
  }

  /** Waits for what is under way. */
  async settled(): Promise<void> {
    while (this.#reads.size > 0) await Promise.all(this.#reads);
  }

  /** Ends what is under way; waits for the limit end at once. */
  async drained(): Promise<void> {
    this.#stopping.abort();
    await this.settled();
  }

  async #beginRecords(connection: Connection): Promise<number> {
    const limit = AT_ONCE_MAX - this.#reads.size;
    if (limit <= 0) return 0;
    const claimed = await this.#inScope(connection, (scope) => claimCrmRecords(scope, limit));
    for (const record of claimed) this.#start(this.#readClaimed(connection, record));
    return claimed.length;
  }

  async #beginSlow(connection: Connection): Promise<number> {
    const { org_id } = connection;
    if (this.#busy.has(org_id)) return 0;
    const row = await this.#dueSubscription(connection);
    const sync = await this.#inScope(connection, async (scope) => {
      await beginDueSync(scope);
      return claimSync(scope);
    });
    if (row === null && sync === undefined) return 0;
    this.#busy.add(org_id);
    const work = async () => {
      if (row !== null) await this.#subscribe(connection, row);
      if (sync !== undefined) await this.#goOn(connection, sync);
    };
    this.#start(work().finally(() => this.#busy.delete(org_id)));
    return 1;
  }

  #start(work: Promise<void>): void {
    const read: Promise<void> = work
      .catch((err) =>
        this.#context.log.error({ err }, 'what the CRM reported could not be recorded; retrying'),
      )
      .finally(() => this.#reads.delete(read));
    this.#reads.add(read);
  }

  async #readClaimed(connection: Connection, claimed: ClaimedRecord): Promise<void> {
    const { object, record_id, merged_into } = claimed;
    const reading: Reading = { read_at: this.#context.clock.now(), run_id: null };
    const reads = this.#access.open(connection, async (crm) => {
      const outcome = await crm.readRecord(object, record_id);
      if (outcome.kind === 'ok') return this.#apply(connection, crm, [outcome.value], reading);
      const into = outcome.kind === 'merged' ? outcome.merged_into : merged_into;
      if (outcome.kind !== 'missing' && outcome.kind !== 'merged') throw new Failed(outcome);
      await this.#inScope(connection, async (scope) => {
        await takeTurn(connection, scope);
        return into === null
          ? applyGone(scope, object, record_id, reading)
          : applyMerged(scope, object, { record_id, merged_into: into }, reading);
      });
    });
    const tried = await reads.catch((err: unknown): Tried<void> => {
      this.#context.log.error(
        { err, object, record_id },
        'a record of the CRM could not be applied; retrying',
      );
      return { failure: { kind: 'unreachable', response: 'not applied' } };
    });
    const failure = 'failure' in tried ? tried.failure : null;
    await this.#inScope(connection, (scope) => settleCrmRecord(scope, claimed, failure));
  }

  /** Applies records, and first the unknown ones that they refer to. */
  async #apply(
    connection: Connection,
    crm: Crm,
    records: readonly CrmRecord[],
    reading: Reading,
    then: (scope: IncomingScope) => Promise<void> = async () => {},
  ): Promise<void> {
    await this.#applyReferences(connection, crm, records);
    const fields = connection.fields as CrmFields;
    const needs_users = fields.owner !== undefined || records.some(({ object }) => object === 'deal');
    const world = needs_users ? await this.#access.describe(connection, crm) : null;
    await this.#inScope(connection, async (scope) => {
      await takeTurn(connection, scope);
      await applyAll(scope, records, reading, { fields, world });
      await then(scope);
    });
  }

  async #applyReferences(connection: Connection, crm: Crm, records: readonly CrmRecord[]): Promise<void> {
    const named = referencesOf(records);
    if (named.length === 0) return;
    const { org_id } = connection;
    const unknown = await this.#inScope(connection, ({ tx }) =>
      unknownCrmRecords.run({ org_id, rows: rowsJson(named) }, tx),
    );
    for (const { object, record_id } of unknown) {
      const reading = { read_at: this.#context.clock.now(), run_id: null };
      const outcome = await crm.readRecord(object, record_id);
      if (outcome.kind === 'ok') await this.#apply(connection, crm, [outcome.value], reading);
      else if (outcome.kind !== 'missing' && outcome.kind !== 'merged') throw new Failed(outcome);
    }
  }

  /** The next page of a sync, or its end. */
  async #goOn(connection: Connection, sync: ClaimedSync): Promise<void> {
    try {
      if (sync.step === 'gone') return await this.#inScope(connection, (scope) => finishSync(scope, sync));
      const { clock } = this.#context;
      const { object, cursor } = placeOf(sync, clock.now());
      const tried = await this.#access.open(connection, async (crm) => {
        const reading: Reading = { read_at: clock.now(), run_id: sync.run_id };
        const page = await crm.pageRecords(object, cursor, PAGE);
        if (page.kind === 'missing') throw new Failed({ kind: 'unreachable', response: page.message });
        if (page.kind !== 'ok') throw new Failed(page);
        await this.#apply(connection, crm, page.value.records, reading, (scope) =>
          storePlace(scope, sync, page.value),
        );
      });
      if ('failure' in tried)
        await this.#inScope(connection, (scope) => delaySync(scope, sync, tried.failure));
    } catch (error) {
      this.#context.log.error({ err: error }, 'a page of the CRM could not be applied; retrying');
      const failure = error instanceof Error ? error : new Error(String(error));
      await this.#inScope(connection, (scope) => delaySync(scope, sync, failure));
    }
  }

  async #dueSubscription(connection: Connection) {
    const { org_id } = connection;
    const last_ms = this.#subscribed_ms.get(org_id) ?? Number.NEGATIVE_INFINITY;
    if (performance.now() - last_ms < SUBSCRIPTION_REST_MS) return null;
    return this.#inScope(connection, dueSubscription);
  }

  async #subscribe(
    connection: Connection,
    row: NonNullable<Awaited<ReturnType<typeof dueSubscription>>>,
  ): Promise<void> {
    const { secret, log } = this.#context;
    this.#subscribed_ms.set(connection.org_id, performance.now());
    const tried = await this.#access.open(connection, async (crm) => {
      const outcome = await ensureCrmSubscription(crm, this.#context, row);
      if (outcome.kind === 'refused')
        log.info(
          { org_id: connection.org_id, code: outcome.code },
          'the CRM reports no changes; syncs find them',
        );
      await this.#inScope(connection, (scope) => keepSubscription(scope, secret, outcome));
    });
    if ('failure' in tried)
      await this.#inScope(connection, (scope) =>
        keepSubscription(scope, secret, { kind: 'unreachable', response: tried.failure.kind }),
      );
  }

  #inScope<T>({ org_id }: Connection, run: (scope: IncomingScope) => Promise<T>): Promise<T> {
    const { secret } = this.#context;
    return inScope(this.#context, { org_id, stage: STAGE }, (scope) => run({ ...scope, secret }), APPLYING);
  }
}

/** Throws if the CRM was disconnected or connected to another workspace after the records were read. */
async function takeTurn({ org_id, crm, workspace_id }: Connection, { tx }: IncomingScope): Promise<void> {
  const taken = await takeCrmTurn.run({ org_id, crm, workspace_id }, tx);
  if (taken.length === 0)
    throw new Failed({ kind: 'unreachable', response: 'The CRM is no longer connected to this workspace.' });
}

async function applyAll(
  scope: IncomingScope,
  records: readonly CrmRecord[],
  reading: Reading,
  { fields, world }: { fields: CrmFields; world: IncomingWorld | null },
): Promise<void> {
  const of = <O extends CrmObject>(object: O) =>
    records.filter((record): record is Extract<CrmRecord, { object: O }> => record.object === object);
  const [companies, people] = [of('company'), of('person')];
  const owner_ids = [...companies, ...people].flatMap(
    ({ object, fields: values }) => valuesOf(fields, object, values).owner_id ?? [],
  );
  const owners = world === null ? new Map() : await ownersOf(scope, owner_ids, world);
  await applyCompanies(scope, companies, reading, { fields, owners });
  await applyPeople(scope, people, reading, { fields, owners });
  if (world !== null) await applyDeals(scope, of('deal'), reading, world);
}
