import { sqlState } from '../../src/db/errors.ts';
import { type Actor, type Queryable, type Tx, transaction } from '../../src/db/pool.ts';
import { newId } from '../../src/ids.ts';
import type { TestDb } from '../database.ts';
import type { World } from '../world.ts';

/** Actors that may try to bypass the product with direct SQL. `nobody` names an organization and no actor. */
const ATTACKERS = ['admin', 'rep', 'agent', 'coordinator', 'system', 'nobody'] as const;
export type Attacker = (typeof ATTACKERS)[number];

export type Attack = readonly [text: string, values?: readonly unknown[]];
type Said = Partial<Record<Attacker, string | null>>;

/** One attacker of each kind in this world's organization, all as the application's role. */
export async function attackersOf(db: TestDb, { org_id, clock, person }: World) {
  const rep = newId(clock);
  await db.query(
    `INSERT INTO users (org_id, id, email, name, roles) VALUES ($1, $2, 'rep@testers.example', 'Rep', '{rep}')`,
    [org_id, rep],
  );
  const actors: Record<Exclude<Attacker, 'nobody'>, Actor> = {
    admin: { org_id, kind: 'human', id: person.kind === 'human' ? person.user_id : null },
    rep: { org_id, kind: 'human', id: rep },
    agent: { org_id, kind: 'agent', id: 'roles.sales' },
    coordinator: { org_id, kind: 'coordinator', id: 'AGT-302' },
    system: { org_id, kind: 'system', id: null },
  };
  /** Runs statements as one attacker, and commits. */
  const as = <T>(who: Attacker, run: (tx: Tx) => Promise<T>): Promise<T> =>
    transaction(db.app, who === 'nobody' ? actors.system : actors[who], async (tx) => {
      if (who === 'nobody') {
        await tx.query(
          `SELECT set_config('touchline.actor_kind', '', true), set_config('touchline.actor_id', '', true)`,
        );
      }
      return run(tx);
    });
  /** The SQLSTATE that each attacker gets, or null if the statement is allowed. Everything is rolled back. */
  const tried = async (attack: Attack, who: readonly Attacker[] = ATTACKERS): Promise<Said> => {
    const said: Said = {};
    for (const attacker of who) {
      said[attacker] = await as(attacker, (tx) => undone(tx, attack)).catch((error: unknown) =>
        error instanceof Undone ? null : (sqlState(error) ?? String(error)),
      );
    }
    return said;
  };
  return { actors, rep, as, tried };
}

class Undone extends Error {}

async function undone(tx: Queryable, [text, values]: Attack): Promise<never> {
  const { rowCount } = await tx.query(text, values);
  if (rowCount === 0) throw new Error('the attack found no row');
  throw new Undone();
}

/** Row-level security refuses a statement without an actor before most triggers run. */
const NOBODY_REFUSED = '42501';

/** The same refusal for each attacker who names an actor. */
export function all(code: string, who: readonly Attacker[] = ATTACKERS): Said {
  return Object.fromEntries(who.map((attacker) => [attacker, attacker === 'nobody' ? NOBODY_REFUSED : code]));
}
