import { actingDb } from '../../src/db/acting.ts';
import { toAppError } from '../../src/db/errors.ts';
import type { AppError } from '../../src/errors.ts';
import { definitions, type OperationName } from '../../src/operations/definitions.ts';
import { actorOf, type Principal } from '../../src/principal.ts';
import type { UserRole } from '../../src/schema.gen.ts';
import { readInput } from '../../src/surfaces/input.ts';
import type { TestDb } from '../database.ts';
import { createWorld, originAt, type World } from '../world.ts';
import { tasksOf } from './task_world.ts';

// biome-ignore lint/suspicious/noExplicitAny: each test states the type of its response
type Answer = any;
export type TaskWorld = Awaited<ReturnType<typeof taskWorld>>;

/** A world in which agents and people call operations, each as the product's role in their own name. */
export async function taskWorld(db: TestDb, options: Parameters<typeof createWorld>[1] = {}) {
  const world = await createWorld(db, options);
  const agent = (agent_id: string, agent_kind: 'role' | 'system' = 'role'): Principal => {
    return { kind: 'agent', org_id: world.org_id, agent_id, agent_kind, name: agent_id };
  };
  const call = (name: OperationName, who: Principal, input: object): Promise<Answer> =>
    callAs(db, world, name, who, input);
  return {
    ...world,
    ...tasksOf(db, world),
    agent,
    brooke: agent('roles.sales'),
    call,
    /** The refusal of a call. */
    async refused(name: OperationName, who: Principal, input: object): Promise<AppError> {
      try {
        await call(name, who, input);
      } catch (error) {
        const refusal = toAppError(error);
        if (refusal !== undefined) return refusal;
        throw error;
      }
      throw new Error(`${name} was not refused`);
    },
    async addPerson(...roles: UserRole[]): Promise<Principal> {
      const { rows } = await db.query<{ id: string }>(
        `INSERT INTO users (org_id, id, email, name, roles)
         VALUES ($1, gen_random_uuid(), gen_random_uuid() || '@testers.example', 'P', $2::user_role[]) RETURNING id`,
        [world.org_id, roles],
      );
      const { org_id } = world;
      return { kind: 'human', org_id, user_id: rows[0]!.id, email: 'p@testers.example', name: 'P', roles };
    },
  };
}

async function callAs(
  db: TestDb,
  world: World,
  name: OperationName,
  principal: Principal,
  input: object,
): Promise<Answer> {
  const found = definitions.find((one) => one.name === name)!;
  const context = { ...world.context, db: actingDb(db.app, actorOf(principal), originAt(world.clock, name)) };
  const read = readInput(found.input, input as Record<string, unknown>);
  const answer = await found.run({ context, principal, input: read as never });
  return found.output.parse(answer);
}
