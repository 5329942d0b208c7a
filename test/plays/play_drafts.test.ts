import { expect, it } from 'vitest';
import { testDatabase } from '../database.ts';
import { DAY_MS } from '../world.ts';
import { createPlayRunWorld } from './play_run_world.ts';

/* Steps of plays are often only instructions. Their touches are drafted all the same, for a person to improve. */

const { db } = await testDatabase();
const step = { content_type: 'follow_up', template_instructions: 'Ask about their close.' };

it('a step without a template is drafted in plain words that reveal nothing of the play', async () => {
  const world = await createPlayRunWorld(db);
  const segment = await world.addSegment();
  const lead_id = await world.addLead({ segment, title: 'CFO' });
  const nobody = await world.addLead({
    segment,
    first_name: null,
    account_id: null,
    updated_at: new Date(0),
  });
  await world.activePlay(segment, {
    name: 'Internal name',
    suggested_cadence: {
      steps: [
        { ...step, delay_days: 0, channel: 'email' },
        { ...step, delay_days: 2, channel: 'email' },
        { ...step, delay_days: 4, channel: 'linkedin' },
      ],
    },
  });
  await world.work();
  const { draft, item } = await world.draftOf(lead_id);
  expect(item).toMatchObject({ status: 'drafted', requires_personal_send: false });
  expect(draft.subject).toBe('B2BEA and Account 1');
  expect(draft.body).toContain('as CFO, are you the right person');
  expect((await world.draftOf(nobody)).draft).toMatchObject({ subject: 'B2BEA and your team' });
  const bodies = [draft.body];
  await world.approveTouch(lead_id);
  for (const days of [2, 2]) {
    world.clock.advance(days * DAY_MS);
    await world.work();
    const next = await world.draftOf(lead_id);
    bodies.push(next.draft.body);
    if (next.item.requires_personal_send) expect(next.draft.subject).toBeNull();
    else await world.approveTouch(lead_id);
  }
  expect(new Set(bodies).size).toBe(3);
  for (const body of bodies) {
    expect(body).toMatch(/^Hi Lead1,/);
    expect(body).not.toMatch(/Internal name|Ask about their close|\{[{%]/);
  }
  expect((await world.draftOf(lead_id)).item).toMatchObject({
    channel: 'linkedin',
    requires_personal_send: true,
  });
});
