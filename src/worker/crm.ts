import type { Crm, CrmConnector, CrmOutcome } from '../connectors/crm/port.ts';
import type { Context } from '../context.ts';
import { CrmLimitReached, closeSlots } from '../coordinator/crm/limits.ts';
import type { CrmStages } from '../coordinator/crm/mapping.ts';
import { openCrm } from '../coordinator/crm/opened.ts';
import { performWrite } from '../coordinator/crm/write_calls.ts';
import type { CrmDone, DealWorld } from '../coordinator/crm/write_job.ts';
import {
  type ClaimedCrmWrite,
  CRM_LEASE_MS,
  CRM_REQUEST_MAX_MS,
  type CrmUnopened,
  claimCrmWrites,
  crmWriteFacts,
  settleCrmWrite,
} from '../coordinator/crm/writes.ts';
import { coordinatorActor } from '../coordinator/gate/scope.ts';
import { actingDb, systemDb } from '../db/acting.ts';
import { type GetCrmConnectionResult, getCrmConnection } from '../db/queries/crm_connections.gen.ts';
import { waitForSlot } from './crm_slots.ts';
import { inScope } from './in_scope.ts';

/** Parallel writes of this process. */
const AT_ONCE_MAX = 8;
const STAGE = 'crm_writes';
/** How long users and stages of the CRM are kept, in real time. */
const DESCRIBED_MS = 600_000;
/** A known answer waits for its row longer than a decision would. */
const SETTLING = { lock_timeout_ms: 5_000, statement_timeout_ms: 10_000 };

/**
 * Writes the outbox to the CRM: each write exactly once, in the order of its person, under limits that all processes share. A
 * write that is unsettled when its process ends is looked for in the CRM before it is repeated.
 */
export class CrmWriter {
  readonly #context: Context;
  readonly #connect: CrmConnector;
  readonly #writes = new Set<Promise<void>>();
  readonly #described = new Map<string, { key: string; at_ms: number; world: DealWorld }>();
  readonly #stopping = new AbortController();

  constructor(context: Context, connect: CrmConnector) {
    this.#context = context;
    this.#connect = connect;
  }

  /** Begins the due writes of an organization; returns their number. */
  async begin(org_id: string): Promise<number> {
    const limit = AT_ONCE_MAX - this.#writes.size;
    if (limit <= 0) return 0;
    const connection = await getCrmConnection.one({ org_id }, systemDb(this.#context.db, org_id));
    if (connection === undefined || connection.former_workspace_name !== null) return 0;
    const claimed = await inScope(this.#context, { org_id, stage: STAGE }, (scope) =>
      claimCrmWrites(scope, limit),
    );
    for (const write of claimed) {
      const written = this.#write(connection, write).finally(() => this.#writes.delete(written));
      this.#writes.add(written);
    }
    return claimed.length;
  }

  /** Waits for the writes in progress. */
  async settled(): Promise<void> {
    while (this.#writes.size > 0) await Promise.all(this.#writes);
  }

  /** Ends the writes in progress; their waits for the limit end at once. */
  async drained(): Promise<void> {
    this.#stopping.abort();
    await this.settled();
  }

  async #write(connection: GetCrmConnectionResult, write: ClaimedCrmWrite): Promise<void> {
    const { org_id } = connection;
    const work = { org_id, stage: STAGE };
    try {
      const facts = await inScope(this.#context, work, (scope) => crmWriteFacts(scope, write.id));
      if (facts === undefined) return;
      const outcome = await this.#perform(connection, write, facts);
      await inScope(this.#context, work, (scope) => settleCrmWrite(scope, write, facts, outcome), SETTLING);
    } catch (err) {
      this.#context.log.error(
        { err, write_id: write.id },
        'a write to the CRM could not be recorded; it is looked for',
      );
    }
  }

  async #perform(
    connection: GetCrmConnectionResult,
    write: ClaimedCrmWrite,
    facts: Parameters<typeof performWrite>[1]['facts'],
  ): Promise<CrmOutcome<CrmDone> | CrmUnopened> {
    const { org_id } = connection;
    const db = actingDb(this.#context.db, coordinatorActor(org_id));
    const { signal } = this.#stopping;
    const began_ms = performance.now();
    const beforeRequest = async (kind: 'read' | 'write') => {
      await waitForSlot({ db, org_id, signal }, crm.limits, kind);
      // Past its lease, another process may write the same.
      if (performance.now() - began_ms > CRM_LEASE_MS - CRM_REQUEST_MAX_MS) throw new CrmLimitReached();
    };
    const opened = openCrm(this.#connect, this.#context.secret, connection, { beforeRequest });
    if (opened.kind !== 'open') return { kind: 'unopened' };
    const { crm } = opened;
    try {
      const { stages, deal_owner_id } = connection;
      const outcome = await performWrite(crm, {
        write,
        facts,
        look_first: write.was_uncertain,
        now: write.real_now.toISOString(),
        deals: {
          stages: stages as CrmStages,
          deal_owner_id,
          described: () => this.#describe(connection, crm),
        },
      });
      if (outcome.kind === 'limited') await closeSlots(db, org_id, crm.limits, outcome);
      return outcome;
    } catch (error) {
      if (!(error instanceof CrmLimitReached)) throw error;
      return { kind: 'limited', until: null, per: 'burst', response: 'The limit of the CRM is reached.' };
    } finally {
      await crm.close();
    }
  }

  /** Users and stages of the CRM, at most ten minutes old. */
  async #describe(
    { org_id, connected_at }: GetCrmConnectionResult,
    crm: Crm,
  ): Promise<CrmOutcome<DealWorld>> {
    const key = connected_at.toISOString();
    const known = this.#described.get(org_id);
    if (known?.key === key && performance.now() - known.at_ms < DESCRIBED_MS)
      return { kind: 'ok', value: known.world };
    const described = await crm.describe();
    if (described.kind !== 'ok') return described;
    const { owners, stages } = described.value;
    const active = owners.filter(({ is_active }) => is_active);
    const world: DealWorld = {
      owners: new Map(active.map(({ email_address, owner_id }) => [email_address.toLowerCase(), owner_id])),
      ends: new Set(stages.filter(({ end }) => end !== 'open').map(({ stage_id }) => stage_id)),
    };
    this.#described.set(org_id, { key, at_ms: performance.now(), world });
    return { kind: 'ok', value: world };
  }
}
