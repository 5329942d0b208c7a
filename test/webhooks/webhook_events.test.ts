import { expect, it } from 'vitest';
import { testDatabase } from '../database.ts';
import { answer, complaint, leadOf, report, take, writtenLead } from '../inbound/inbound_world.ts';
import { hookWorld, receiver } from './webhook_world.ts';

/* Events about replies, reports, meetings, and decisions about drafts. */

const { db } = await testDatabase();

it('replies, bounces, complaints, meetings and decisions about drafts are reported as ids', async () => {
  const world = await hookWorld(db);
  const { told, url } = await receiver(() => 200);
  await world.make(url, [
    ...(['reply.received', 'reply.bounced', 'reply.complained', 'meeting.booked'] as const),
    ...(['draft.approved', 'draft.rejected'] as const),
  ]);
  const replied = await writtenLead(world);
  const bounced = await writtenLead(world);
  const complained = await writtenLead(world);
  const { id: inbound_id } = await take(world, answer(replied, 'Let us meet. Call me at Acme.'));
  await take(world, report(bounced));
  await take(world, complaint(complained));
  await world.call('handle_inbound', world.person, { id: inbound_id, intent: 'meeting' });
  const rejected = await world.addLead();
  await world.request(rejected, 'b2bea_membership_close');
  await world.work();
  const { draft } = await world.draftOf(rejected);
  await world.call('reject_draft', world.person, { id: draft.id, reason: 'Not for Acme.' });
  while ((await world.deliver()) > 0);

  const events = told.map(({ body }) => JSON.parse(body));
  const leadsOf = (type: string) =>
    events.filter((event) => event.type === type).map((event) => event.data.lead_id);
  expect(leadsOf('reply.received')).toEqual([replied.lead_id]);
  expect(leadsOf('reply.bounced')).toEqual([bounced.lead_id]);
  expect(leadsOf('reply.complained')).toEqual([complained.lead_id]);
  expect(leadsOf('meeting.booked')).toEqual([replied.lead_id]);
  expect(leadsOf('draft.approved').sort()).toEqual(
    [replied.lead_id, bounced.lead_id, complained.lead_id].sort(),
  );
  expect(leadsOf('draft.rejected')).toEqual([rejected]);
  const reply = events.find(({ type }) => type === 'reply.received');
  expect(reply.data).toMatchObject({ inbound_id, queue_id: replied.queue_id, kind: 'email' });
  const { first_name } = await leadOf(world, replied.lead_id);
  for (const word of ['Acme', replied.email, first_name!]) expect(JSON.stringify(events)).not.toContain(word);
});
