import type { Logger } from 'pino';
import type { Clock } from '../../clock.ts';
import type { Decision } from '../../core/gate/decision.ts';
import type { Policy } from '../../core/gate/policy.ts';
import type { Actor, Queryable, Tx } from '../../db/pool.ts';
import { currentPolicy } from '../../db/queries/policies.gen.ts';
import type { Templates } from '../../templates/port.ts';
import { storedPolicy } from './policy_document.ts';

/** This product's agent number in the specifications. */
export const COORDINATOR = 'AGT-302';

/** One transaction of one organization: the context of every step of the coordinator. */
export type Scope = {
  tx: Tx;
  org_id: string;
  clock: Clock;
  /** Receives what an operator must know, by ids alone. */
  log?: Pick<Logger, 'info' | 'warn'>;
  /** True if the embedded catcher takes this process's mail, except from mailboxes with their own server. */
  catches_mail?: boolean;
  /** True if a language model writes drafts; the drafts that it may write are left to it. */
  has_model?: boolean;
  /** The working process, while the database sees it alive: its leases end with it. */
  process_id?: string | null;
  /** Reports each decision about a touch to the metrics. */
  decided?: (decision: Pick<Decision, 'outcome' | 'reason'>) => void;
  /**
   * Runs work in a second, concurrent transaction that commits independently: for work that may stand if this one fails. It
   * must not need rows that this one has locked.
   */
  beside?: <T>(run: (scope: Scope) => Promise<T>) => Promise<T>;
};

export type WorkScope = Scope & {
  /** Renders messages from templates; each rendering has a budget. */
  templates: Pick<Templates, 'render'>;
};

/** A stage's order for work: a limit, ids to skip, and callbacks that report what it claimed and what failed. */
export type Batch = {
  limit: number;
  /** Ids that made an earlier batch fail: skipped for a while, so that they do not block the rest. */
  set_aside: readonly string[];
  /** Receives the claimed ids before any work on them. */
  claimed(ids: readonly string[]): void;
  report: Report;
};

export type Report = (error: unknown, about: Record<string, string>) => void;

export type OrgPolicy = { version: number; policy: Policy };

/** Only this actor may write a suppression reason; the database refuses it from any other. */
export function coordinatorActor(org_id: string): Actor {
  return { org_id, kind: 'coordinator', id: COORDINATOR };
}

const parsed_policies = new Map<string, Policy>();
const PARSED_POLICIES_MAX = 256;

/** The organization's current policy. A version never changes, so parsed versions are cached. */
export async function orgPolicy(scope: { tx: Queryable; org_id: string }): Promise<OrgPolicy> {
  const [row] = await currentPolicy.run({ org_id: scope.org_id }, scope.tx);
  if (row === undefined) throw new Error(`org ${scope.org_id} has no policy`);
  const key = `${scope.org_id}:${row.version}`;
  let policy = parsed_policies.get(key);
  if (policy === undefined) {
    policy = storedPolicy(row.document);
    if (parsed_policies.size >= PARSED_POLICIES_MAX) parsed_policies.clear();
    parsed_policies.set(key, policy);
  }
  return { version: row.version, policy };
}

/**
 * Does the coordinator's work inside a transaction that a person or an agent began, such as canceling open work when a lead
 * is opted out. Restores the actor afterwards.
 */
export async function asCoordinator<T>(tx: Tx, actor: Actor, fn: () => Promise<T>): Promise<T> {
  await setActor(tx, 'coordinator', COORDINATOR);
  const result = await fn();
  await setActor(tx, actor.kind, actor.id ?? '');
  return result;
}

async function setActor(tx: Tx, kind: string, id: string): Promise<void> {
  await tx.query(
    `SELECT set_config('touchline.actor_kind', $1, true), set_config('touchline.actor_id', $2, true)`,
    [kind, id],
  );
}
