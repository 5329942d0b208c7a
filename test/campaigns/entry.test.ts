import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { AgentTasksRow, SequenceRequestsRow } from '../../src/schema.gen.ts';
import { all, attackersOf } from '../database/attackers.ts';
import { testDatabase } from '../database.ts';
import { type TaskWorld, taskWorld } from '../tasks/task_calls.ts';
import { DAY_MS, START } from '../world.ts';

/* The right to enroll a lead in a restricted campaign. */

const { db } = await testDatabase();
const CLOSE = 'b2bea_membership_close';

type Answer = {
  outcome: string;
  reason: string | null;
  enrollment_id: string | null;
  text: string;
  hand_off_id: string | null;
};

const ask = (world: TaskWorld, who: Parameters<TaskWorld['call']>[1], lead_id: string, more = {}) =>
  world.call('request_sequence', who, { lead_id, campaign_slug: CLOSE, ...more }) as Promise<Answer>;
const handOffs = (world: TaskWorld) =>
  world.rows<AgentTasksRow & { payload: Record<string, unknown> }>('agent_tasks', `type = 'entry_requested'`);
/** A lead whose requested entry a person routed. */
async function route(world: TaskWorld): Promise<string> {
  const lead_id = await world.addLead();
  await ask(world, world.agent('roles.sales'), lead_id);
  const [asked] = await handOffs(world);
  await world.call('route_task', world.person, { id: asked!.id, campaigns: [CLOSE] });
  return lead_id;
}
const enrolled = async (world: TaskWorld, lead_id: string) =>
  (await world.rows('campaign_contacts', `lead_id = '${lead_id}'`)).length;

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
    expect(await ask(world, exec, lead_id)).toMatchObject({ outcome: 'hold' });
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
      { kind: 'entry_requested', says: 'A lead’s enrollment needs your decision.', is_done: false },
    ]);
    const { items } = await world.call('list_hand_offs', exec, {});
    expect(items).toMatchObject([
      { requested_by: 'roles.sales', requested_by_person: 'P', earlier_decline: null },
    ]);
    expect(await texts(world, lead_id)).toMatch(
      /^P via .*\(roles\.sales\) requested enrollment in “.*” on .*: an executive must decide \(touchline route /,
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
      { is_done: true, says: 'A lead’s enrollment needs your decision. Already done.' },
    ]);
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
          `P declined the request for “.*” by (P via )?.*\\(roles\\.sales\\) \\(“Too early ${nth}\\.”\\)\\.`,
        ),
      );
      world.clock.advance(DAY_MS);
    }
  });
});

describe('the database', () => {
  it('refuses an enrollment without the right, and a right without evidence', async () => {
    const world = await taskWorld(db);
    const lead_id = await world.addLead();
    await ask(world, world.agent('roles.sales'), lead_id);
    const [request] = await world.rows<SequenceRequestsRow>('sequence_requests');
    const { tried } = await attackersOf(db, world);
    const enrolling = `INSERT INTO campaign_contacts (org_id, id, contact_id, lead_id, campaign_id, client_id, request_id, requested_by,
        status, current_step, enrolled_at)
      SELECT org_id, gen_random_uuid(), 'x', lead_id, campaign_id, 'b2bea', id, 'roles.sales', 'active', 1, $2
      FROM sequence_requests WHERE id = $1`;
    const said = await tried([enrolling, [request!.id, new Date(START)]]);
    for (const code of Object.values(said)) expect(['TL081', 'TL005', '42501']).toContain(code);
    const asking = (
      right: string,
    ) => `INSERT INTO sequence_requests (org_id, id, lead_id, campaign_id, requested_by, status, trace,
        policy_version, created_at, decided_at, entered_by, exited_enrollment_id)
      SELECT org_id, gen_random_uuid(), lead_id, campaign_id, 'roles.sales', 'refused', '[]', policy_version, created_at, decided_at, '${right}', NULL
      FROM sequence_requests WHERE id = $1`;
    for (const right of ['exit', 'merge', 'executive']) {
      const codes = await tried([asking(right), [request!.id]]);
      for (const code of Object.values(codes)) expect(['TL081', 'TL005', '42501']).toContain(code);
    }
    const taking = `UPDATE sequence_requests SET entered_by = 'executive' WHERE id = $1`;
    for (const code of Object.values(await tried([taking, [request!.id]])))
      expect(['TL012', 'TL005', '42501']).toContain(code);
  });

  it('refuses the evidence of another lead', async () => {
    const world = await taskWorld(db);
    const [routed, other] = [await route(world), await world.addLead()];
    const { as, tried } = await attackersOf(db, world);
    const [forged] = await as('rep', async (tx) => {
      const { rows } = await tx.query<{ id: string }>(
        `INSERT INTO agent_tasks (org_id, id, type, role, lead_id, payload, created_at, status)
         SELECT org_id, gen_random_uuid(), type, role, $1, payload, created_at, 'open' FROM agent_tasks
         WHERE type = 'enroll_contact' AND lead_id = $2 RETURNING id`,
        [other, routed],
      );
      return rows;
    });
    const entering = `INSERT INTO sequence_requests (org_id, id, lead_id, campaign_id, requested_by, status, trace, policy_version,
        created_at, decided_at, entered_by, entry_task_id)
      SELECT org_id, gen_random_uuid(), $1, campaign_id, 'roles.sales', 'blocked', '[]', policy_version, created_at, decided_at,
        'routing', $2
      FROM sequence_requests WHERE entered_by IS NULL LIMIT 1`;
    const said = await tried([entering, [other, forged!.id]], ['admin', 'rep', 'coordinator', 'system']);
    expect(said).toEqual(all('TL081', ['admin', 'rep', 'coordinator', 'system']));
    await world.work();
    expect([await enrolled(world, routed), await enrolled(world, other)]).toEqual([1, 0]);
    const error = `no person routed this lead to ${CLOSE}`;
    expect(await world.rows('agent_tasks', `id = '${forged!.id}'`)).toMatchObject([
      { status: 'open', error },
    ]);
  });

  it('lets one routing serve one enrollment, also after that enrollment ended', async () => {
    const world = await taskWorld(db);
    await route(world);
    await world.work();
    const [{ id }] = (await world.rows<{ id: string }>('campaign_contacts')) as [{ id: string }];
    await world.call('exit_enrollment', world.person, { id, exit_reason: 'rejected' });
    const { tried } = await attackersOf(db, world);
    const enrollment = (request_id: string) => `
      INSERT INTO campaign_contacts (org_id, id, contact_id, lead_id, campaign_id, client_id, request_id, requested_by, current_step,
        enrolled_at, next_send_at)
      SELECT org_id, $1, contact_id, lead_id, campaign_id, client_id, ${request_id}, requested_by, 1, $2::timestamptz, $2::timestamptz
      FROM campaign_contacts`;
    const again = `WITH request AS (
        INSERT INTO sequence_requests (org_id, id, lead_id, campaign_id, requested_by, status, trace, policy_version, created_at,
          decided_at, entered_by, entry_task_id, enrollment_id)
        SELECT org_id, gen_random_uuid(), lead_id, campaign_id, requested_by, 'allowed', trace, policy_version, created_at, decided_at,
          'routing', entry_task_id, $1
        FROM sequence_requests WHERE entered_by = 'routing' RETURNING id)
      ${enrollment('(SELECT id FROM request)')}`;
    const values = [randomUUID(), world.clock.now()];
    const who = ['rep', 'coordinator', 'system'] as const;
    for (const [attack, code] of [
      [again, '23505'],
      [enrollment('request_id'), 'TL081'],
    ] as const)
      expect(await tried([attack, values], who)).toEqual(all(code, who));
  });

  it('opens one hand-off, also for 64 requests at once', async () => {
    const world = await taskWorld(db);
    const lead_id = await world.addLead();
    await Promise.all(Array.from({ length: 64 }, () => ask(world, world.agent('roles.sales'), lead_id)));
    // agent_tasks_entry_uniq
    expect(await handOffs(world)).toHaveLength(1);
  });
});
