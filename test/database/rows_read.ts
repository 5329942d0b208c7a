import pg from 'pg';
import type { Pool } from '../../src/db/pool.ts';
import { openAppPool } from '../../src/db/roles.ts';
import type { TestDatabase } from '../database.ts';
import { nodesOf, type PlanNode, rowsRead } from './plan.ts';

/** A statement that ran, from any source: the product, a routine, a trigger, or a foreign key. */
export type Ran = { text: string; nodes: PlanNode[]; rows_read: number };

export type Watched = {
  /**
   * The database as the product has it. Every statement on it is reported with its plan, including those within routines.
   */
  pool: Pool;
  /** Returns the statements that ran during the call. */
  watch(run: () => Promise<unknown>): Promise<Ran[]>;
  close(): Promise<void>;
};

const SETTINGS = {
  session_preload_libraries: 'auto_explain',
  'auto_explain.log_min_duration': '0',
  'auto_explain.log_analyze': 'on',
  'auto_explain.log_timing': 'off',
  'auto_explain.log_nested_statements': 'on',
  'auto_explain.log_triggers': 'off',
  'auto_explain.log_format': 'json',
  'auto_explain.log_level': 'notice',
};

/**
 * Connections of the product's role that report the rows each statement read. EXPLAIN alone shows a statement without its
 * triggers and functions, which do most of the database's work.
 */
export async function watched({ db, url }: Pick<TestDatabase, 'db' | 'url'>): Promise<Watched> {
  const { rows } = await db.query<{ name: string }>('SELECT current_database() AS name');
  for (const [name, value] of Object.entries(SETTINGS)) {
    await db.query(`ALTER DATABASE ${rows[0]!.name} SET ${name} = '${value}'`);
  }
  let ran: Ran[] = [];
  const emit = pg.Client.prototype.emit;
  // The driver's pool does not pass on server notices.
  pg.Client.prototype.emit = function (this: pg.Client, event: string | symbol, ...args: unknown[]) {
    if (event === 'notice') {
      const told = planIn(args[0]);
      if (told !== null) ran.push(told);
    }
    return Reflect.apply(emit, this, [event, ...args]);
  };
  const pool = await openAppPool({
    url,
    max: 1,
    application_name: 'touchline-test-watched',
    statement_timeout_ms: 60_000,
  });
  return {
    pool,
    async watch(run) {
      ran = [];
      await run();
      return ran;
    },
    async close() {
      pg.Client.prototype.emit = emit;
      await pool.close();
    },
  };
}

function planIn(notice: unknown): Ran | null {
  const { message = '' } = notice as { message?: string };
  const begin = message.indexOf('plan:\n');
  if (!message.startsWith('duration:') || begin < 0) return null;
  const told = JSON.parse(message.slice(begin + 6)) as { 'Query Text': string; Plan: PlanNode };
  const nodes = nodesOf(told.Plan);
  return { text: told['Query Text'], nodes, rows_read: rowsRead(nodes) };
}
