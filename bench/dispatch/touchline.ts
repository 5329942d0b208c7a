import type { WorkContext } from '../../src/worker/in_scope.ts';
import { runStage, STAGES } from '../../src/worker/stages.ts';
import type { Assignment, Contestant } from './contestant.ts';

/** The product's own stage, repeated as the worker repeats it. */
export function startTouchline(context: WorkContext, { org_id }: Assignment): Contestant {
  const stage = STAGES.find(({ name }) => name === 'dispatch_steps')!;
  return {
    async run({ seconds, limit }) {
      const end_ms = performance.now() + seconds * 1000;
      let claimed = 0;
      while (performance.now() < end_ms && claimed < limit) {
        const size = Math.min(stage.limit, limit - claimed);
        const found = await runStage(context, org_id, { ...stage, limit: size });
        claimed += found;
        if (found === 0) return;
      }
    },
    close: async () => {},
  };
}
