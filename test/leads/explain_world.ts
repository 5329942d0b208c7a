import { recordEvents } from '../../src/coordinator/gate/events.ts';
import { coordinatorActor } from '../../src/coordinator/gate/scope.ts';
import { transaction } from '../../src/db/pool.ts';
import type { Operation } from '../../src/operations/operation.ts';
import type { World } from '../world.ts';
import { START } from '../world.ts';

/** Runs an operation as a surface does: input and output pass its schemas. */
export async function readOf<Output>(world: World, operation: unknown, input: object): Promise<Output> {
  const found = operation as Operation;
  const { context, person: principal } = world;
  const answer = await found.run({ context, principal, input: found.input.parse(input) });
  return found.output.parse(answer) as Output;
}

/** Records many plain events of a lead, a millisecond apart. */
export async function recordMany(world: World, lead_id: string, count: number): Promise<void> {
  await transaction(world.db, coordinatorActor(world.org_id), async (tx) => {
    const scope = { tx, org_id: world.org_id, clock: world.clock };
    for (let at = 0; at < count; at += 1) {
      const event = { event_type: 'edited', coordinator_action: 'edit', lead_id } as const;
      await recordEvents(scope, [event], { now_ms: START + at });
    }
  });
}
