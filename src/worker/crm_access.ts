import type { Crm, CrmConnector, CrmOutcome } from '../connectors/crm/port.ts';
import type { Context } from '../context.ts';
import type { ReadFailure } from '../coordinator/crm/events.ts';
import type { IncomingWorld } from '../coordinator/crm/incoming.ts';
import { CrmLimitReached, closeSlots } from '../coordinator/crm/limits.ts';
import type { CrmStages } from '../coordinator/crm/mapping.ts';
import { openCrm } from '../coordinator/crm/opened.ts';
import { coordinatorActor } from '../coordinator/gate/scope.ts';
import { actingDb } from '../db/acting.ts';
import type { GetCrmConnectionResult } from '../db/queries/crm_connections.gen.ts';
import { waitForSlot } from './crm_slots.ts';

/** How long users and stages of the CRM are kept, in real time. */
const DESCRIBED_MS = 600_000;

export type Connection = GetCrmConnectionResult;
export type Tried<T> = { value: T } | { failure: NonNullable<ReadFailure> };

/** A call that did not succeed, on its way to the step that it ends. */
export class Failed extends Error {
  readonly failure: NonNullable<ReadFailure>;
  constructor(failure: NonNullable<ReadFailure>) {
    super(failure.kind);
    this.failure = failure;
  }
}

/** Calls of the CRM under the limits that all processes share. */
export class CrmAccess {
  readonly #context: Context;
  readonly #connect: CrmConnector;
  readonly #signal: AbortSignal;
  readonly #described = new Map<string, { key: string; at_ms: number; world: IncomingWorld }>();

  constructor(context: Context, connect: CrmConnector, signal: AbortSignal) {
    this.#context = context;
    this.#connect = connect;
    this.#signal = signal;
  }

  /** Opens the CRM for some calls. A limit that is reached closes it for all processes. */
  async open<T>(connection: Connection, run: (crm: Crm) => Promise<T>): Promise<Tried<T>> {
    const { org_id } = connection;
    const signal = this.#signal;
    const db = actingDb(this.#context.db, coordinatorActor(org_id));
    const beforeRequest = async (kind: 'read' | 'write') => {
      await waitForSlot({ db, org_id, signal }, crm.limits, kind);
    };
    const opened = openCrm(this.#connect, this.#context.secret, connection, { beforeRequest });
    if (opened.kind !== 'open') return { failure: { kind: 'unopened' } };
    const { crm } = opened;
    try {
      return { value: await run(crm) };
    } catch (error) {
      if (error instanceof CrmLimitReached)
        return { failure: { kind: 'limited', until: null, per: 'burst', response: 'The limit is reached.' } };
      if (!(error instanceof Failed)) throw error;
      if (error.failure.kind === 'limited') await closeSlots(db, org_id, crm.limits, error.failure);
      return { failure: error.failure };
    } finally {
      await crm.close();
    }
  }

  /** Users and stages of the CRM, at most ten minutes old. */
  async describe({ org_id, connected_at, stages }: Connection, crm: Crm): Promise<IncomingWorld> {
    const key = connected_at.toISOString();
    const known = this.#described.get(org_id);
    if (known?.key === key && performance.now() - known.at_ms < DESCRIBED_MS) return known.world;
    const described = okOf(await crm.describe());
    const world: IncomingWorld = {
      stages: stages as CrmStages,
      ends: new Map(described.stages.map(({ stage_id, end }) => [stage_id, end])),
      emails: new Map(described.owners.map((owner) => [owner.owner_id, owner.email_address.toLowerCase()])),
    };
    this.#described.set(org_id, { key, at_ms: performance.now(), world });
    return world;
  }
}

function okOf<T>(outcome: CrmOutcome<T>): T {
  if (outcome.kind === 'ok') return outcome.value;
  throw new Failed(outcome.kind === 'missing' ? { kind: 'unreachable', response: outcome.message } : outcome);
}
