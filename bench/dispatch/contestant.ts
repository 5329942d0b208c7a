import type { Clock } from '../../src/clock.ts';
import type { OwnerPool } from '../../src/db/pool.ts';

export const CONTESTANTS = ['touchline', 'pg_boss', 'graphile_worker', 'floor'] as const;
export type ContestantName = (typeof CONTESTANTS)[number];

/** What a process is told when it is started. */
export type Assignment = {
  name: ContestantName;
  url: string;
  org_id: string;
  /** Handlers at once in this process; only the peers have a choice. */
  concurrency: number;
};

/** One process of a contestant: connected and ready, then run for a while, perhaps more than once. */
export type Contestant = {
  /** Works until the time is up, the work is used up, or about `limit` touches are decided. */
  run(until: { seconds: number; limit: number }): Promise<void>;
  close(): Promise<void>;
};

/** What peers and floor work with: a superuser's connections, whom no row policy costs anything. */
export type Means = { db: OwnerPool; clock: Clock };

export type StartContestant = (means: Means, assignment: Assignment) => Promise<Contestant>;

export type ToChild = { kind: 'start'; assignment: Assignment } | RunMessage | { kind: 'close' };
type RunMessage = { kind: 'run'; seconds: number; limit: number };
export type FromChild = { kind: 'ready' } | { kind: 'ran' } | { kind: 'closed'; peak_rss_mb: number };
