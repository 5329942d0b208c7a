import pg from 'pg';
import { type Tx, transaction } from '../../src/db/pool.ts';
import type { Statement } from '../../src/db/statement.ts';
import type { TestDb } from '../database.ts';

export type PlanNode = Record<string, unknown> & { Plans?: PlanNode[] };

/** More discarded rows than this mean a walk through the table, however the plan names it. */
const DISCARDED_MAX = 1_000;

/**
 * Every node of the plan, requested as the product's role, whose row policies keep conditions that are not leakproof out of
 * indexes. The statement also runs and is rolled back: an index over the whole org counts as no index. A prepared statement
 * runs with its plan for all parameters.
 */
export function planOf<Params>(
  db: TestDb,
  org_id: string,
  statement: Statement<Params, unknown>,
  params: Params,
): Promise<PlanNode[]> {
  const actor = { org_id, kind: 'coordinator', id: 'AGT-302' } as const;
  return transaction(db.app, actor, async (tx) => {
    const { rows } = await explained(tx, statement, params);
    return nodesOf(rows[0]!['QUERY PLAN'][0]!.Plan);
  });
}

async function explained<Params>(
  tx: Tx,
  { text, prepared, values }: Statement<Params, unknown>,
  params: Params,
) {
  type Answer = { 'QUERY PLAN': { Plan: PlanNode }[] };
  if (!prepared) return tx.query<Answer>(`EXPLAIN (ANALYZE, FORMAT JSON) ${text}`, values(params));
  await tx.query(`SET LOCAL plan_cache_mode = force_generic_plan; PREPARE asked AS ${text}`);
  const given = values(params).map(literalOf);
  const answer = await tx.query<Answer>(`EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE asked(${given.join(', ')})`);
  await tx.query('DEALLOCATE asked');
  return answer;
}

function literalOf(value: unknown): string {
  if (value === null || value === undefined) return 'NULL';
  if (value instanceof Date) return pg.escapeLiteral(value.toISOString());
  if (Array.isArray(value)) return pg.escapeLiteral(`{${value.map((one) => JSON.stringify(one)).join(',')}}`);
  return pg.escapeLiteral(String(value));
}

/** The nodes that read rows, or pairs of rows, only to discard them, over all loops. */
export function discarding(nodes: readonly PlanNode[]): PlanNode[] {
  return nodes.filter((node) => discarded(node) > DISCARDED_MAX);
}

const DISCARDED = ['Rows Removed by Filter', 'Rows Removed by Join Filter', 'Rows Removed by Index Recheck'];

/** A plan reports the average of its loops. */
function discarded(node: PlanNode): number {
  const each = DISCARDED.reduce((sum, name) => sum + Number(node[name] ?? 0), 0);
  return each * Number(node['Actual Loops'] ?? 1);
}

/** Rows read from tables and indexes, and pairs of rows that joins compared and discarded. */
export function rowsRead(nodes: readonly PlanNode[]): number {
  return nodes.reduce((sum, node) => {
    const taken =
      'Relation Name' in node ? Number(node['Actual Rows'] ?? 0) * Number(node['Actual Loops'] ?? 1) : 0;
    return sum + taken + discarded(node);
  }, 0);
}

/** Every table or partition that is scanned sequentially. */
export function scanned(nodes: readonly PlanNode[]): string[] {
  return nodes
    .filter((node) => node['Node Type'] === 'Seq Scan')
    .map((node) => node['Relation Name'] as string);
}

export function nodesOf(plan: PlanNode): PlanNode[] {
  return [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];
}
