import { toAppError } from '../../src/db/errors.ts';
import { leadMergeOperations } from '../../src/operations/leads/merges.ts';
import { optOutLead } from '../../src/operations/leads/opt_out.ts';
import type { World } from '../world.ts';
import type { Merge, OptOut } from './merge_auditor.ts';
import { type SharedClock, sharedClock } from './shared_clock.ts';

/** A merge is refused with these while a message to one of the leads is being sent. */
const LATER = ['already_leaving', 'outcome_unknown', 'busy', 'timeout'];

export type Revops = ReturnType<typeof revopsOf>;
type StormLead = { id: string; email: string };

/** A person who merges pairs of leads, one after the other; the first of them opt out right after their merge. */
export function revopsOf(
  world: World,
  clock: SharedClock,
  leads: readonly StormLead[],
  { merges: merges_due = 0, opt_outs: opt_outs_due = 0 }: { merges?: number; opt_outs?: number },
) {
  const context = { ...world.context, clock: sharedClock(clock) };
  const [merge] = leadMergeOperations;
  const merges: Merge[] = [];
  const opt_outs: OptOut[] = [];
  const call = { context, principal: world.person };

  const mergeNext = async () => {
    const [into, gone] = leads.slice(merges.length * 2) as [StormLead, StormLead];
    const input = { id: into.id, other_lead_id: gone.id, dry_run: false };
    await merge.run({ ...call, input: input as never });
    merges.push({ lead_id: gone.id, into_lead_id: into.id, at_ms: context.clock.now_ms() });
  };
  const optOutNext = async () => {
    const [into, gone] = leads.slice(opt_outs.length * 2) as [StormLead, StormLead];
    await optOutLead.run({ ...call, input: { id: gone.email, action: 'set' } });
    opt_outs.push({
      lead_id: into.id,
      other_lead_id: gone.id,
      begun: await begunTo(world, [into.id, gone.id]),
    });
  };
  return {
    merges: merges as readonly Merge[],
    opt_outs: opt_outs as readonly OptOut[],
    isDue: () => merges.length < merges_due || opt_outs.length < Math.min(opt_outs_due, merges_due),
    async doNext(): Promise<void> {
      try {
        if (opt_outs.length < Math.min(opt_outs_due, merges.length)) await optOutNext();
        else if (merges.length < merges_due) await mergeNext();
      } catch (error) {
        if (!LATER.includes(toAppError(error)?.code ?? '')) throw error;
      }
    },
  };
}

/** The messages to these leads that a server has or may have: an opt-out cannot call them back. */
async function begunTo(world: World, lead_ids: readonly string[]): Promise<Set<string>> {
  const { rows } = await world.db.query<{ message_id: string }>(
    `SELECT a.message_id FROM send_attempts a JOIN sales_send_queue q ON q.org_id = a.org_id AND q.id = a.queue_id
     WHERE a.org_id = $1 AND q.lead_id = ANY ($2::uuid[]) AND a.stage <> 'intent'`,
    [world.org_id, lead_ids],
  );
  return new Set(rows.map(({ message_id }) => message_id));
}
