import type { Logger } from 'pino';
import type { Clock } from '../../clock.ts';
import type { Decision } from '../../core/gate/decision.ts';
import type { Policy } from '../../core/gate/policy.ts';
import type { Actor, Queryable, Tx } from '../../db/pool.ts';
import { currentPolicy } from '../../db/queries/policies.gen.ts';
import type { Templates } from '../../templates/port.ts';
import { storedPolicy } from './policy_document.ts';

/** The agent that this product is, in the specifications' numbering. */
export const COORDINATOR = 'AGT-302';

/** One transaction of one org: what every step of the coordinator works in. */
export type Scope = {
  tx: Tx;
  org_id: string;
  clock: Clock;
  /** Told what an operator must know of, by ids alone. */
  log?: Pick<Logger, 'info' | 'warn'>;
  /** Whether the embedded catcher takes the mail of this process, but for mailboxes with a server of their own. */
  catches_mail?: boolean;
  /** Whether a language model writes what it may: then that is left to it. */
  has_model?: boolean;
  /** The process that works, while the database sees that it lives: leases that it takes end with it. */
  process_id?: string | null;
  /** Told of each decision about a touch, for who counts. */
  decided?: (decision: Pick<Decision, 'outcome' | 'reason'>) => void;
  /**
   * Does work in a second transaction at the same time, which commits by itself: for what may stay done when this one fails.
   * It must not want what this one has locked.
   */
  beside?: <T>(run: (scope: Scope) => Promise<T>) => Promise<T>;
};

/** What the stages of the worker have besides. */
export type WorkScope = Scope & {
  /** Makes messages from templates; each has a budget. */
  templates: Pick<Templates, 'render'>;
};

/** How a stage is asked for work: at most so much of it, nothing that is set aside, and it says what it took. */
export type Batch = {
  limit: number;
  /** Ids that made an earlier batch fail: left alone for a while, so that they do not hold up the rest. */
  set_aside: readonly string[];
  /** Told the ids of what was claimed, before anything is done with it. */
  claimed(ids: readonly string[]): void;
  /** Told of one that failed while the others went on. */
  report: Report;
};

export type Report = (error: unknown, about: Record<string, string>) => void;

export type OrgPolicy = { version: number; policy: Policy };

/** Only this actor may write a suppression reason; the database refuses it from anyone else. */
export function coordinatorActor(org_id: string): Actor {
  return { org_id, kind: 'coordinator', id: COORDINATOR };
}

const parsed_policies = new Map<string, Policy>();
const PARSED_POLICIES_MAX = 256;

/** The org's policy in force. A version never changes, so what was parsed once is kept. */
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
 * Does coordinator's work inside a transaction that a person or an agent began, such as cancelling what is
 * open when someone opts out. The actor is set back afterwards.
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
