import { describe, expect, it } from 'vitest';
import type { SequenceRequestsRow } from '../../src/schema.gen.ts';
import { testDatabase } from '../database.ts';
import { type TaskWorld, taskWorld } from '../tasks/task_calls.ts';
import { DAY_MS } from '../world.ts';
import { ask, CLOSE, enrolled, handOffs } from './entry_world.ts';

/* The right to enroll a lead in a restricted campaign. */

const { db } = await testDatabase();

describe('a routed campaign', () => {
  it.each(['roles.sales', 'AGT-301'])(
    '%s does not enroll an unrouted lead, and its request asks an executive',
    async (agent) => {
      const world = await taskWorld(db);
      const lead_id = await world.addLead();
      const said = { goal: 'pipeline', notes: 'Asked for a price.' };
      expect(await ask(world, world.agent(agent), lead_id, said)).toMatchObject({
        outcome: 'refuse',
        reason: 'entry_restricted',
        enrollment_id: null,
      });
      await ask(world, world.agent(agent), lead_id, said);
      expect(await handOffs(world)).toMatchObject([
        {
          role: 'roles.exec',
          status: 'open',
          payload: { suggested_campaign: CLOSE, requested_by: agent, ...said },
        },
      ]);
      expect(await enrolled(world, lead_id)).toBe(0);
    },
  );

  it('a rep does not enroll either, alone or in bulk, and a dry run opens no hand-off', async () => {
    const world = await taskWorld(db);
    const rep = await world.addPerson('rep');
    const lead_id = await world.addLead();
    expect(await ask(world, rep, lead_id, { dry_run: true })).toMatchObject({ reason: 'entry_restricted' });
    expect(await handOffs(world)).toEqual([]);
    const answer = await ask(world, rep, lead_id);
    const [task] = await handOffs(world);
    expect(answer.hand_off_id).toBe(task!.id);
    expect(answer.text).toBe(
      `Not enrolled yet: this campaign requires an executive’s decision. An executive has the request (hand-off ${task!.id}). Do not request it again.`,
    );
    expect(await ask(world, world.agent('roles.sales'), lead_id)).toMatchObject({ hand_off_id: task!.id });
    expect(await ask(world, rep, lead_id, { dry_run: true })).toMatchObject({
      ...{ hand_off_id: task!.id, pending: { requested_by_name: 'P', until: null } },
    });
    await world.call('request_sequences', rep, { leads: [lead_id], campaign_slug: CLOSE });
    expect(await handOffs(world)).toHaveLength(1);
    expect(await enrolled(world, lead_id)).toBe(0);
  });

  it('enrolls leads that an executive routes or requests', async () => {
    const world = await taskWorld(db);
    const exec = await world.addPerson('exec');
    const [routed, requested] = [await world.addLead(), await world.addLead()];
    await ask(world, world.agent('roles.sales'), routed);
    const [task] = await handOffs(world);
    const { items } = (await world.call('list_hand_offs', exec, {})) as { items: Record<string, unknown>[] };
    expect(items).toMatchObject([
      { type: 'entry_requested', requested_by: 'roles.sales', suggested: { slug: CLOSE } },
    ]);
    const preview = await world.call('preview_hand_off', exec, { id: task!.id, campaigns: [CLOSE] });
    expect(preview).toMatchObject({ items: [{ outcome: 'allow' }] });
    await world.call('route_task', exec, { id: task!.id, campaigns: [CLOSE] });
    await world.work();
    expect(await enrolled(world, routed)).toBe(1);
    expect(await ask(world, exec, requested)).toMatchObject({ outcome: 'allow' });
    const requests = await world.rows<SequenceRequestsRow>(
      'sequence_requests',
      `status = 'allowed' ORDER BY created_at`,
    );
    expect(requests.map(({ entered_by }) => entered_by).sort()).toEqual(['executive', 'routing']);
  });

  it('keeps the right of a request that waits for a cap', async () => {
    const world = await taskWorld(db);
    const exec = await world.addPerson('exec');
    const lead_id = await world.addLead();
    await world.request(lead_id, 'b2bea_membership');
    await world.work();
    await world.approve(lead_id);
    expect(await ask(world, exec, lead_id, { dry_run: true })).toMatchObject({ pending: null });
    expect(await ask(world, exec, lead_id)).toMatchObject({ outcome: 'hold', pending: null });
    expect(await ask(world, exec, lead_id, { dry_run: true })).toMatchObject({
      pending: { requested_by_name: 'P', reason: 'touch_cap_exceeded', until: expect.any(String) },
    });
    world.clock.advance(30 * DAY_MS);
    await world.work();
    expect(await enrolled(world, lead_id)).toBe(2);
  });

  it('enrolls leads by the exit map of another campaign; an executive campaign does not', async () => {
    const world = await taskWorld(db);
    const [first, second] = [await world.addLead(), await world.addLead()];
    const map = JSON.stringify({ converted: CLOSE });
    await db.query(`UPDATE campaigns SET on_exit = $2 WHERE org_id = $1 AND slug = 'b2bea_membership'`, [
      world.org_id,
      map,
    ]);
    const leave = async (lead_id: string) => {
      await world.request(lead_id, 'b2bea_membership');
      const [{ id }] = (await world.rows<{ id: string }>('campaign_contacts', `lead_id = '${lead_id}'`)) as [
        { id: string },
      ];
      await world.call('exit_enrollment', world.agent('roles.bdr'), { id, exit_reason: 'converted' });
    };
    await leave(first);
    expect(await enrolled(world, first)).toBe(2);
    await db.query(`UPDATE campaigns SET entry = 'executive' WHERE org_id = $1 AND slug = $2`, [
      world.org_id,
      CLOSE,
    ]);
    await leave(second);
    expect(await enrolled(world, second)).toBe(1);
    expect(await handOffs(world)).toHaveLength(1);
  });
});

describe('a requested entry', () => {
  const notices = async (world: TaskWorld, who: Parameters<TaskWorld['call']>[1]) =>
    ((await world.call('list_notifications', who, {})) as { items: { kind: string; says: string }[] }).items;
  const texts = async (world: TaskWorld, id: string) => {
    const { next, not_sent } = await world.call('explain_lead', world.agent('roles.sales'), { id });
    return [...next, ...not_sent].map(({ text }: { text: string }) => text).join('\n');
  };

  it('notifies the executives once, and is named as what it is, with the person who asked', async () => {
    const world = await taskWorld(db);
    const exec = await world.addPerson('exec');
    const rep = await world.addPerson('rep');
    const lead_id = await world.addLead();
    await ask(world, rep, lead_id, { requested_by: 'roles.sales' });
    await ask(world, world.agent('roles.sales'), lead_id);
    expect(await notices(world, exec)).toMatchObject([
      {
        kind: 'entry_requested',
        says: 'P requested to enroll a lead in “B2BEA membership close”. You decide.',
        is_done: false,
      },
    ]);
    const { items } = await world.call('list_hand_offs', exec, {});
    expect(items).toMatchObject([
      { requested_by: 'roles.sales', requested_by_person: 'P', earlier_decline: null },
    ]);
    expect(await texts(world, lead_id)).toMatch(
      /^P requested enrollment in “.*” on .*: an executive must decide \(touchline route /,
    );
  });

  it('notifies the asker when it is accepted, and is shown as done to the executives', async () => {
    const world = await taskWorld(db);
    const exec = await world.addPerson('exec');
    const rep = await world.addPerson('rep');
    await ask(world, rep, await world.addLead());
    const [task] = await handOffs(world);
    await world.call('route_task', exec, { id: task!.id, campaigns: [CLOSE] });
    const [accepted] = await notices(world, rep);
    expect(accepted).toMatchObject({ kind: 'entry_accepted' });
    expect(accepted!.says).toMatch(
      /^Your request to enroll the lead in “(.+)” was accepted: .* routed to “\1”\.$/,
    );
    expect(await notices(world, exec)).toMatchObject([
      {
        is_done: true,
        says: 'P requested to enroll a lead in “B2BEA membership close”. You decide. Already done.',
      },
    ]);
  });

  it('tells the asker what the gates decided: enrolled, held until when, or blocked and why', async () => {
    const world = await taskWorld(db);
    const exec = await world.addPerson('exec');
    const rep = await world.addPerson('rep');
    const says = async (prepare: (lead_id: string) => Promise<unknown>) => {
      const lead_id = await world.addLead();
      await ask(world, rep, lead_id);
      await prepare(lead_id);
      const task = (await handOffs(world)).find(({ status }) => status === 'open')!;
      await world.call('route_task', exec, { id: task.id, campaigns: [CLOSE] });
      await world.work();
      return (await notices(world, rep))[0]!.says;
    };
    const request = 'Your request to enroll the lead in “B2BEA membership close” was';
    const name = '“B2BEA membership close”';
    expect(await says(async () => {})).toBe(`${request} accepted: the lead was enrolled in ${name}.`);
    const sendFirst = async (lead_id: string) => {
      await world.request(lead_id, 'b2bea_membership');
      await world.work();
      await world.approve(lead_id);
    };
    expect(await says(sendFirst)).toMatch(
      new RegExp(`^${request} routed: ${name} is held until .+ \\(.+\\)\\.$`),
    );
    const optOut = (id: string) => world.call('opt_out_lead', exec, { id, reason: 'Asked on the phone.' });
    expect(await says(optOut)).toMatch(new RegExp(`^${request} routed: a gate blocked ${name} \\(.+\\)\\.$`));
  });

  it('leaves a trace when it is declined: for the asker, in the explanation, and in the next hand-off', async () => {
    const world = await taskWorld(db);
    const exec = await world.addPerson('exec');
    const rep = await world.addPerson('rep');
    const lead_id = await world.addLead();
    for (const [asker, nth] of [
      [rep, 0],
      [world.agent('roles.sales'), 1],
    ] as const) {
      await ask(world, asker, lead_id);
      const task = (await handOffs(world)).find(({ status }) => status === 'open')!;
      if (nth === 1)
        expect(await world.call('get_hand_off', exec, { id: task.id })).toMatchObject({
          earlier_decline: { by_name: 'P', reason: 'Too early 0.' },
        });
      const said = { decline: true, reason: `Too early ${nth}.` };
      await world.call('route_task', exec, { id: task.id, ...said });
      const says = `Your request to enroll the lead in “B2BEA membership close” was declined: “Too early ${nth}”.`;
      expect(await notices(world, asker)).toMatchObject([{ kind: 'entry_declined', says }]);
      expect(await texts(world, lead_id)).toMatch(
        new RegExp(
          `P declined the request for “.*” by (P|.*\\(roles\\.sales\\)) \\(“Too early ${nth}\\.”\\)\\.`,
        ),
      );
      world.clock.advance(DAY_MS);
    }
  });
});
