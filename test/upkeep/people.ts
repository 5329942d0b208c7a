import { flagOperations } from '../../src/operations/log/flags.ts';
import type { Operation } from '../../src/operations/operation.ts';
import type { Principal } from '../../src/principal.ts';
import type { UserRole } from '../../src/schema.gen.ts';
import type { FlagWorld } from './flag_world.ts';

/** A person of the world, as a surface knows them. */
export function flagPerson(world: FlagWorld, user_id: string, ...roles: UserRole[]): Principal {
  return { kind: 'human', org_id: world.org_id, user_id, email: 'x@testers.example', name: 'X', roles };
}

export function flagAgent(world: FlagWorld, agent_id: string): Principal {
  return { kind: 'agent', org_id: world.org_id, agent_id, agent_kind: 'system', name: agent_id };
}

/** Runs an operation as a surface does: input and output pass its schemas. */
export async function runAs<Output>(
  world: FlagWorld,
  principal: Principal,
  operation: unknown,
  input: object,
): Promise<Output> {
  const found = operation as Operation;
  const answer = await found.run({ context: world.context, principal, input: found.input.parse(input) });
  return found.output.parse(answer) as Output;
}

const [, acknowledgeFlag, resolveFlag] = flagOperations;

export function acknowledge(world: FlagWorld, person: Principal, id: string) {
  return runAs<{ acknowledged_at: string; acknowledged_by_user_id: string }>(world, person, acknowledgeFlag, {
    id,
  });
}

export function resolve(world: FlagWorld, person: Principal, id: string, reason = 'it is fine') {
  return runAs<{ resolved_at: string; resolution: string }>(world, person, resolveFlag, { id, reason });
}
