import { coordinatorActor } from '../../src/coordinator/gate/scope.ts';
import { compilePlay } from '../../src/coordinator/plays/plays.ts';
import { transaction } from '../../src/db/pool.ts';
import { dateIn } from '../gate/facts.ts';
import { LATEST, playsOf } from '../plays/play_world.ts';
import { DAY_MS, type World } from '../world.ts';
import { addRequest, is, type Seen } from './seen.ts';

/** A new play, one that is over, one whose last request is pending, and one retired eight years ago. */
export async function playCauses(world: World): Promise<Seen> {
  const { db, org_id, clock } = world;
  const library = await playsOf(db, world);
  const active = async (columns: Record<string, unknown> = {}) => {
    const segment = await library.addSegment();
    const lead_id = await world.addLead({ segment });
    const play_id = await library.playIn('active', { segment, target_definition: {}, ...columns });
    return { play_id, lead_id };
  };
  const retire = (play_id: string) =>
    library.as(
      'other_revops',
      `UPDATE sales_play_library SET state = 'retired', retired_at = ${LATEST}, retired_by_user_id = $2,
         retire_reason = 'completed' WHERE play_id = $1`,
      [play_id, library.people.get('other_revops')],
    );
  const fresh = await active();
  const over = await active({ active_period_end: dateIn(clock.now_ms(), 'Europe/London') });
  await library.as(
    'revops',
    `UPDATE sales_play_library_config SET auto_sunset = true, updated_by_user_id = $1 WHERE segment IS NULL AND org_id = $2`,
    [library.people.get('revops'), org_id],
  );
  const closed = await active();
  await transaction(db.app, coordinatorActor(org_id), (tx) =>
    compilePlay({ tx, org_id, clock }, closed.play_id),
  );
  const [campaign] = await world.rows<{ id: string; originating_proposal_id: string }>(
    'campaigns',
    `play_id = '${closed.play_id}'`,
  );
  const { id: campaign_id, originating_proposal_id } = campaign!;
  const waiting = await addRequest(world, {
    ...{ campaign_id, originating_proposal_id, play_id: closed.play_id, lead_id: closed.lead_id },
    held_until: new Date(clock.now_ms() + 365 * DAY_MS),
  });
  await retire(closed.play_id);
  const old = await removable(world, library);
  const play = (id: string, condition: string) =>
    `EXISTS (SELECT FROM sales_play_library WHERE play_id = '${id}' AND ${condition})`;
  return {
    compile_plays: `EXISTS (SELECT FROM campaigns WHERE play_id = '${fresh.play_id}')`,
    run_plays: `EXISTS (SELECT FROM sequence_requests WHERE lead_id = '${fresh.lead_id}')`,
    retire_overdue_plays: play(over.play_id, `state = 'retired'`),
    end_closed_plays: is('sequence_requests', waiting, `status = 'canceled'`),
    remove_old_plays: play(old, 'content_removed_at IS NOT NULL'),
  };
}

async function removable(world: World, library: Awaited<ReturnType<typeof playsOf>>): Promise<string> {
  const now_ms = world.clock.now_ms();
  world.clock.set(now_ms - 8 * 365 * DAY_MS);
  const play_id = await library.playIn('retired');
  world.clock.set(now_ms);
  return play_id;
}
