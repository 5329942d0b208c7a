import type { OwnerPool } from '../src/db/pool.ts';

type Plan = {
  'Join Type'?: string;
  'Parent Relationship'?: string;
  Output?: string[];
  Plans?: Plan[];
};

/**
 * The result columns (counted from 0) that an outer join can make null, whatever their table declares. Read from the plan:
 * every output on the side that a join may fill with nulls can be null. A column renamed by a subquery is not recognized;
 * `as "name?"` marks it by hand.
 */
export async function nullableOutputs(
  db: OwnerPool,
  text: string,
  parameter_count: number,
): Promise<ReadonlySet<number>> {
  const root = await genericPlan(db, text, parameter_count);
  const filled_up = new Set<string>();
  collect(root, false, filled_up);
  const outputs = root.Output ?? [];
  return new Set(outputs.flatMap((output, index) => (filled_up.has(output) ? [index] : [])));
}

/** The plan for any parameters; `explain (generic_plan)` would do, but only since PostgreSQL 16. */
async function genericPlan(db: OwnerPool, text: string, parameter_count: number): Promise<Plan> {
  const own = await db.checkout();
  try {
    await own.query(`set plan_cache_mode = force_generic_plan; prepare asked as ${text}`);
    const nulls = parameter_count === 0 ? '' : `(${Array(parameter_count).fill('null').join(', ')})`;
    const { rows } = await own.query<{ 'QUERY PLAN': { Plan: Plan }[] }>(
      `explain (verbose, costs off, format json) execute asked${nulls}`,
    );
    await own.query('deallocate asked');
    return rows[0]!['QUERY PLAN'][0]!.Plan;
  } finally {
    own.release();
  }
}

function collect(plan: Plan, nullable: boolean, found: Set<string>): void {
  if (nullable) for (const output of plan.Output ?? []) found.add(output);
  for (const child of plan.Plans ?? []) {
    collect(child, nullable || isFilledUp(plan['Join Type'], child['Parent Relationship']), found);
  }
}

function isFilledUp(join: string | undefined, side: string | undefined): boolean {
  if (join === 'Full') return side === 'Outer' || side === 'Inner';
  return (join === 'Left' && side === 'Inner') || (join === 'Right' && side === 'Outer');
}
