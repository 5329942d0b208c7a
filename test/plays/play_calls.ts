import { actingDb } from '../../src/db/acting.ts';
import { toAppError } from '../../src/db/errors.ts';
import type { AppError } from '../../src/errors.ts';
import { playOperations } from '../../src/operations/plays/plays.ts';
import { playReviewOperations } from '../../src/operations/plays/review.ts';
import { actorOf, type Principal } from '../../src/principal.ts';
import type { UserRole } from '../../src/schema.gen.ts';
import type { TestDb } from '../database.ts';
import { createPlayWorld, PLAY } from './play_world.ts';

export const ANALYSIS = {
  summary: 'Relief',
  analysis: 'They close by hand for nine days.',
  evidence: { days: 9 },
};

const [proposePlay] = playOperations;
const [pickUp, , approve] = playReviewOperations;

/** An org in which people and brains call the operations of the library, each as the product's role in their own name. */
export async function openLibrary(db: TestDb) {
  const world = await createPlayWorld(db);
  const person = (name: string, roles: UserRole[] = [name as UserRole]): Principal => ({
    kind: 'human',
    org_id: world.org_id,
    user_id: world.people.get(name)!,
    email: `${name}@players.example`,
    name,
    roles,
  });
  const agent = (agent_id: string, agent_kind: 'brain' | 'role' = 'brain'): Principal => ({
    kind: 'agent',
    org_id: world.org_id,
    agent_id,
    agent_kind,
    name: agent_id,
  });
  const brain = agent('AGT-901');
  const revops = person('revops');
  const slm = person('slm');
  const as = (principal: Principal) => ({
    context: { ...world.context, db: actingDb(db.app, actorOf(principal)) },
    principal,
  });
  const propose = async (segment?: string, principal = brain) =>
    proposePlay.run({
      ...as(principal),
      input: proposePlay.input.parse({
        scope: 'segment',
        segment: segment ?? (await world.addSegment()),
        proposal: ANALYSIS,
        ...PLAY,
        client_id: 'b2bea',
      }),
    });
  const activePlay = async (segment?: string) => {
    const { play_id: id } = await propose(segment);
    await pickUp.run({ ...as(revops), input: { id } });
    await approve.run({ ...as(slm), input: { id, role: 'slm' } });
    return approve.run({ ...as(revops), input: { id, role: 'revops' } });
  };
  return { world, person, agent, brain, revops, slm, as, propose, activePlay };
}

/** The refusal of an operation. */
export async function refused(run: () => Promise<unknown>): Promise<AppError> {
  const error = await run().then(
    () => undefined,
    (thrown: unknown) => toAppError(thrown),
  );
  if (error === undefined) throw new Error('was not refused');
  return error;
}
