import { describe, expect, it } from 'vitest';
import { rejectDraft } from '../../src/operations/drafts/decisions.ts';
import { draftOperations } from '../../src/operations/drafts/drafts.ts';
import { testDatabase } from '../database.ts';
import { approve } from '../sending/send_world.ts';
import { createWorld, type World } from '../world.ts';

const { db } = await testDatabase();

describe('lists of past and pending drafts', () => {
  const operationOf = (name: string) => draftOperations.find((one) => one.name === name)!;
  const ask = (world: World, name: string, input: object) =>
    operationOf(name).run({ context: world.context, principal: world.person, input: input as never });

  it('show rejected drafts with reason and author, and count them', async () => {
    const world = await createWorld(db, { policy: { drafts: { undo_seconds: 10 } } });
    const lead_ids: string[] = [];
    for (let made = 0; made < 4; made += 1) {
      lead_ids.push(await world.addLead());
      await world.request(lead_ids.at(-1)!, 'b2bea_membership_close');
    }
    await world.work();
    await approve(world, lead_ids[0]!);
    for (const lead_id of lead_ids.slice(1, 3)) {
      world.clock.advance(1_000);
      const { draft } = await world.draftOf(lead_id);
      const input = { id: draft.id, reason: `not ${lead_id}` };
      await rejectDraft.run({ context: world.context, principal: world.person, input });
    }
    const first = (await ask(world, 'list_drafts', { status: 'rejected', limit: 1 })) as {
      items: object[];
      next_cursor: string;
    };
    const rejection = { reason: `not ${lead_ids[2]}`, rejected_by_user_name: expect.any(String) };
    expect(first.items).toMatchObject([{ lead_id: lead_ids[2], status: 'canceled', rejection }]);
    const next = { status: 'rejected', limit: 1, cursor: first.next_cursor };
    expect(await ask(world, 'list_drafts', next)).toMatchObject({
      items: [{ lead_id: lead_ids[1] }],
      next_cursor: null,
    });
    expect(await ask(world, 'count_drafts', {})).toEqual({
      ...{ decidable: 1, waiting: 1, approved: 1, held: 0, sent: 0, failed: 0, unknown: 0, rejected: 2 },
      counted_to: 1_000,
    });
  });

  it('show pending drafts of one campaign, page by page, and the draft of one touch', async () => {
    const world = await createWorld(db);
    const of = { b2bea_membership_close: [] as string[], dreamborn: [] as string[] };
    for (const slug of ['b2bea_membership_close', 'dreamborn', 'b2bea_membership_close'] as const) {
      const lead_id = await world.addLead();
      of[slug].push(lead_id);
      await world.request(lead_id, slug);
      world.clock.advance(1_000);
      await world.work();
    }
    const asked = { status: 'drafted', campaign_slug: 'b2bea_membership_close' };
    const first = (await ask(world, 'list_drafts', { ...asked, limit: 1 })) as {
      items: { lead_id: string }[];
      next_cursor: string;
    };
    const rest = (await ask(world, 'list_drafts', {
      ...asked,
      limit: 1,
      cursor: first.next_cursor,
    })) as typeof first;
    expect([...first.items, ...rest.items].map(({ lead_id }) => lead_id)).toEqual(of.b2bea_membership_close);
    expect(rest.next_cursor).toBeNull();
    await expect(
      ask(world, 'list_drafts', { campaign_slug: 'b2bea_membership_close' }),
    ).rejects.toMatchObject({
      code: 'input_invalid',
      errors: [{ path: 'campaign_slug' }],
    });
    await expect(ask(world, 'list_drafts', { ...asked, campaign_slug: 'none' })).rejects.toMatchObject({
      code: 'not_found',
    });
    const { item, draft } = await world.draftOf(of.dreamborn[0]!);
    expect(await ask(world, 'list_drafts', { queue_id: item.id })).toMatchObject({
      items: [{ id: draft.id, queue_id: item.id, status: 'drafted' }],
      next_cursor: null,
    });
    expect(await ask(world, 'list_drafts', { queue_id: draft.id })).toMatchObject({ items: [] });
  });

  it('show why a draft is written now, and earlier messages', async () => {
    const world = await createWorld(db);
    const lead_id = await world.addLead();
    await world.request(lead_id, 'b2bea_membership_close');
    await world.work();
    await world.approve(lead_id);
    world.clock.advance(3 * 24 * 3_600_000);
    await world.work();
    const { draft } = await world.draftOf(lead_id);
    expect(draft.version).toBe(1);
    const told = (await ask(world, 'explain_draft', { id: draft.id })) as {
      decision: { gates: { says: string; text: string }[] };
    };
    expect(told).toMatchObject({
      arrives: {
        from_address: 'justin@sender.example',
        to: draft.to_id,
        footer: { sender_name: 'Testers', postal_address: '1 Test Street, Testing' },
      },
      step_number: 2,
      steps_count: 8,
      thread: [{ direction: 'sent', step_number: 1, outcome: 'sent', text: expect.stringMatching(/./) }],
    });
    expect(told.decision.gates.map(({ says }) => says)).toEqual(Array(5).fill('pass'));
    expect(told.decision.gates[2]!.text).toBe(
      '1 of at most 3 touches in the last 7 days, 0 of at most 1 on the lead’s day. 1 touch available now.',
    );
    // No reader of the list can get the unsubscribe link.
    expect(JSON.stringify(told)).not.toMatch(/\/u\/[\w-]{20}/);
  });
});
