import type { Clock } from '../../src/clock.ts';
import type { OwnerPool } from '../../src/db/pool.ts';

export const CONTESTANTS = ['touchline', 'pg_boss', 'graphile_worker', 'floor'] as const;
export type ContestantName = (typeof CONTESTANTS)[number];

/** The assignment that a process gets at its start. */
export type Assignment = {
  name: ContestantName;
  url: string;
  org_id: string;
  /** Concurrent handlers in this process; only peers can vary it. */
  concurrency: number;
};

/** One process of a contestant: connected and ready, then run for a while, possibly several times. */
export type Contestant = {
  /** Works until time or work runs out, or about `limit` touches are decided. */
  run(until: { seconds: number; limit: number }): Promise<void>;
  close(): Promise<void>;
};

/** Resources of peers and floor: a superuser's connections, which row policies do not slow down. */
export type Means = { db: OwnerPool; clock: Clock };

export type StartContestant = (means: Means, assignment: Assignment) => Promise<Contestant>;

export type ToChild = { kind: 'start'; assignment: Assignment } | RunMessage | { kind: 'close' };
type RunMessage = { kind: 'run'; seconds: number; limit: number };
export type FromChild = { kind: 'ready' } | { kind: 'ran' } | { kind: 'closed'; peak_rss_mb: number };
