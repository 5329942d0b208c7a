/**
 * Compares a measure of two groups like with like: within strata first, then over the strata that both groups have. Pure: no
 * clock, no I/O.
 */
import { studentT975 } from './student_t.ts';

/** `with`: with a brain, or not held out. `without`: the group to compare it with. */
export type Arm = 'with' | 'without';

/** The part of one account in a measure, in one stratum of one group. The measure is `total` per `base`. */
export type Cell = { stratum: string; account: string; arm: Arm; total: number; base: number };

export type Comparison = {
  /** The measure of each group, over the strata that both have, in the same mix of strata. */
  with: number;
  without: number;
  difference: number;
  /** The 95% interval of the difference. */
  lowest: number;
  highest: number;
  /** Strata that both groups have; others say nothing about a difference. */
  strata: number;
};

/** Fewer accounts would make the interval a guess. */
const ACCOUNTS_MIN = 6;

type Sums = { total: number; base: number };
type Stratum = Record<Arm, Sums>;
type Weighted = { weight: number; with: number; without: number };

/**
 * The stratified comparison of cells; null if no stratum has both groups, or a group has too few accounts. Strata are weighted as
 * Mantel and Haenszel do: by the product of their groups' bases over their sum. The variance leaves out one account at a time
 * (jackknife), since people of one account act alike, around the full estimate, which errs to the wide side.
 */
export function compare(cells: readonly Cell[]): Comparison | null {
  const strata = sumsOf(cells);
  const shared = new Set([...strata].filter(([, one]) => weighted(one).weight > 0).map(([name]) => name));
  const used = cells.filter(({ stratum }) => shared.has(stratum));
  const all = [...shared].reduce((sum, name) => plus(sum, weighted(strata.get(name)!), 1), NOTHING);
  const accounts = accountsOf(used);
  const smaller = Math.min(...(['with', 'without'] as const).map((arm) => countOf(used, arm)));
  if (smaller < ACCOUNTS_MIN) return null;
  const difference = differenceOf(all);
  let squares = 0;
  for (const own of accounts.values()) {
    const left = without(all, strata, own);
    if (left.weight > 0) squares += (differenceOf(left) - difference) ** 2;
  }
  const variance = ((accounts.size - 1) / accounts.size) * squares;
  const half = studentT975(smaller - 1) * Math.sqrt(variance);
  return {
    with: all.with / all.weight,
    without: all.without / all.weight,
    difference,
    lowest: difference - half,
    highest: difference + half,
    strata: shared.size,
  };
}

const NOTHING: Weighted = { weight: 0, with: 0, without: 0 };

function weighted({ with: one, without: other }: Stratum): Weighted {
  if (one.base <= 0 || other.base <= 0) return NOTHING;
  const weight = (one.base * other.base) / (one.base + other.base);
  return { weight, with: (weight * one.total) / one.base, without: (weight * other.total) / other.base };
}

function plus(sum: Weighted, part: Weighted, sign: 1 | -1): Weighted {
  return {
    weight: sum.weight + sign * part.weight,
    with: sum.with + sign * part.with,
    without: sum.without + sign * part.without,
  };
}

const differenceOf = (sum: Weighted) => (sum.with - sum.without) / sum.weight;

function sumsOf(cells: readonly Cell[]): Map<string, Stratum> {
  const strata = new Map<string, Stratum>();
  for (const { stratum, arm, total, base } of cells) {
    let sums = strata.get(stratum);
    if (sums === undefined) {
      sums = { with: { total: 0, base: 0 }, without: { total: 0, base: 0 } };
      strata.set(stratum, sums);
    }
    sums[arm].total += total;
    sums[arm].base += base;
  }
  return strata;
}

function accountsOf(cells: readonly Cell[]): Map<string, Cell[]> {
  const accounts = new Map<string, Cell[]>();
  for (const cell of cells) {
    const own = accounts.get(cell.account);
    if (own === undefined) accounts.set(cell.account, [cell]);
    else own.push(cell);
  }
  return accounts;
}

const countOf = (cells: readonly Cell[], arm: Arm) =>
  new Set(cells.filter((cell) => cell.arm === arm && cell.base > 0).map(({ account }) => account)).size;

/** The sum over all strata without the cells of one account. */
function without(all: Weighted, strata: ReadonlyMap<string, Stratum>, own: readonly Cell[]): Weighted {
  let left = all;
  for (const [name, mine] of sumsOf(own)) {
    const full = strata.get(name)!;
    const rest = (arm: Arm) => ({
      total: full[arm].total - mine[arm].total,
      // Differences of large sums may leave a trace of a base that is gone.
      base: full[arm].base - mine[arm].base < 1e-9 ? 0 : full[arm].base - mine[arm].base,
    });
    left = plus(
      plus(left, weighted(full), -1),
      weighted({ with: rest('with'), without: rest('without') }),
      1,
    );
  }
  return left;
}
