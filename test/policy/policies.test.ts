import { describe, expect, it } from 'vitest';
import { policyDocument } from '../../src/coordinator/gate/policy_document.ts';
import { policyReasons } from '../../src/coordinator/gate/policy_reasons.ts';
import { coordinatorActor } from '../../src/coordinator/gate/scope.ts';
import { toAppError } from '../../src/db/errors.ts';
import { transaction } from '../../src/db/pool.ts';
import { policyOperations } from '../../src/operations/policy/policies.ts';
import { testDatabase } from '../database.ts';
import { createWorld } from '../world.ts';

const { db } = await testDatabase();
const [, put, preview, , versions] = policyOperations;
const CLOSE = 'b2bea_membership_close';

it('the database accepts one of several changes to the same version, and names the current one to the others', async () => {
  const world = await createWorld(db);
  const { context, person: principal } = world;
  const input = { document: { touch_cap: { max_touches_per_window: 2 } }, expected_version: 1 };
  const puts = Array.from({ length: 8 }, () => put.run({ context, principal, input }));
  const answers = await Promise.allSettled(puts);
  expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  for (const answer of answers) {
    if (answer.status === 'fulfilled') continue;
    expect(toAppError(answer.reason)).toMatchObject({ code: 'version_changed', status: 409 });
    expect(toAppError(answer.reason)?.hint).toContain('version 2');
  }
  expect(await world.rows('policies')).toHaveLength(2);
});

describe('the shipped policy', () => {
  it('has every value of the document, and a reason for nearly each', () => {
    const reasons = policyReasons();
    const values = reasons.filter(({ is_group }) => !is_group);
    expect(values.map(({ path, value }) => [path, value])).toEqual(leavesOf(policyDocument({})));
    const window = reasons.find(({ path }) => path === 'touch_cap.window_hours');
    expect(window).toMatchObject({
      value: 168,
      reason: expect.stringMatching(/^AGT-302: a rolling seven days/),
    });
    const shared = reasons.find(({ path }) => path === 'escalation_business_days');
    expect(shared?.reason).toContain('after 3 business days');
    const groups = new Set(
      reasons.filter(({ is_group, reason }) => is_group && reason).map(({ path }) => path),
    );
    const unexplained = values.filter(
      ({ path, reason }) => reason === null && !groups.has(path.split('.')[0]!),
    );
    expect(unexplained).toEqual([]);
  });
});

describe('versions', () => {
  it('are listed page by page with author and reason', async () => {
    const world = await createWorld(db);
    const { context, person: principal } = world;
    const document = { touch_cap: { max_touches_per_window: 2 } };
    await put.run({ context, principal, input: { document, expected_version: 1, note: 'Calmer.' } });
    const read = (cursor?: string) =>
      versions.run({ context, principal, input: { limit: 1, ...(cursor === undefined ? {} : { cursor }) } });
    const first = await read();
    expect(first.items).toMatchObject([{ version: 2, note: 'Calmer.', created_by: 'Admin' }]);
    const second = await read(first.next_cursor!);
    expect(second).toMatchObject({ items: [{ version: 1, created_by: null }], next_cursor: null });
    await expect(read('WyJhYmMiXQ')).rejects.toMatchObject({ code: 'cursor_invalid' });
  });
});

describe('a preview', () => {
  it('counts and names the decisions that would differ, and changes nothing', async () => {
    const world = await createWorld(db);
    const { context, person: principal } = world;
    const held = await world.addLead();
    const t3 = await world.addLead({ icp_tier: 'T3' });
    const free = await world.addLead();
    await world.request(held, CLOSE);
    await world.work();
    await world.approve(held);
    await world.request(held, 'b2bea_membership_cs');
    for (const lead_id of [t3, free]) await world.request(lead_id, CLOSE);
    const before = await world.rows('cadence_event_log');
    const ask = (document: Record<string, unknown>) =>
      preview.run({ context, principal, input: { document } });

    const same = await ask({});
    expect(same).toMatchObject({
      changes: [],
      untold_count: 0,
      not_replayed: expect.arrayContaining(['mailbox_limits']),
    });
    expect(same.unchanged_count).toBe(same.decisions_count);
    const looser = await ask({ touch_cap: { max_touches_per_day: 2 }, t3_sales: 'flag_only' });
    const past = { to: 'allow', to_reason: null, is_certain: true, count: 1 };
    expect(looser.changes).toHaveLength(2);
    expect(looser.changes.find(({ from }) => from === 'hold')).toMatchObject({
      ...past,
      from_reason: 'touch_cap_exceeded',
      examples: [{ lead_id: held, name: 'Lead1', company: 'Account 1' }],
    });
    expect(looser.changes.find(({ from }) => from === 'refuse')).toMatchObject({
      ...past,
      examples: [{ lead_id: t3 }],
    });
    const none = await ask({ touch_cap: { max_touches_per_window: 0 } });
    expect(none.changes).toContainEqual(
      expect.objectContaining({
        from: 'allow',
        to: 'hold',
        to_reason: 'touch_cap_exceeded',
        is_certain: true,
      }),
    );
    expect(await world.rows('cadence_event_log')).toEqual(before);
    expect(await world.rows('policies')).toHaveLength(1);
  });

  it('skips decisions of an earlier version, which have no facts', async () => {
    const world = await createWorld(db);
    await world.request(await world.addLead(), CLOSE);
    await transaction(db, coordinatorActor(world.org_id), (tx) =>
      tx.query(
        `INSERT INTO cadence_event_log (org_id, id, timestamp, event_type, coordinator_action, actor_kind, actor_id, lead_id,
           moment, sequence_type, policy_version, trace)
         SELECT org_id, gen_random_uuid(), timestamp, event_type, coordinator_action, actor_kind, actor_id, lead_id,
           moment, sequence_type, policy_version, trace FROM cadence_event_log WHERE org_id = $1 AND facts IS NOT NULL`,
        [world.org_id],
      ),
    );
    const { context, person: principal } = world;
    const shown = await preview.run({ context, principal, input: { document: {} } });
    expect(shown).toMatchObject({ decisions_count: 2, unchanged_count: 1, untold_count: 1 });
  });

  it('refuses values that no policy may have, at the field', async () => {
    const { context, person: principal } = await createWorld(db);
    const asked = preview.run({
      context,
      principal,
      input: { document: { touch_cap: { window_hours: 0 } } },
    });
    await expect(asked).rejects.toMatchObject({
      code: 'policy_invalid',
      errors: [{ path: 'touch_cap.window_hours' }],
    });
  });
});

function leavesOf(value: unknown, path = ''): [string, unknown][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [[path, value]];
  return Object.entries(value).flatMap(([key, inner]) =>
    leavesOf(inner, path === '' ? key : `${path}.${key}`),
  );
}
