import { expect, it } from 'vitest';
import { testDatabase } from '../database.ts';
import { replaysEveryDecision } from '../gate/replay.ts';
import { call, connect, makeKey, startMcpWorld, textOf, WAYS } from '../surfaces/mcp_world.ts';
import { createWorld } from '../world.ts';
import { PLAY } from './play_world.ts';

/* The whole course of a play, each part by its own surface: a brain over MCP with the public client in a separate process,
   people over HTTP, the coordinator by its worker. */

const { db } = await testDatabase();

const STEPS = PLAY.suggested_cadence.steps.map((step) => ({
  ...step,
  template: { subject: 'Your close', body: 'Hello {{ lead.first_name }}, how long is your close?' },
}));

it('a brain proposes, people activate, and the touches carry the play’s lineage', async () => {
  const world = await createWorld(db);
  const own = await startMcpWorld(db, world);
  const person = async (role: 'revops' | 'slm') => {
    const key = await makeKey(own, { roles: [role] });
    return async (method: string, path: string, body?: object) => {
      const response = await fetch(`${own.url}/api/v1${path}`, {
        method,
        headers: { authorization: `Bearer ${key}`, ...(body ? { 'content-type': 'application/json' } : {}) },
        ...(body ? { body: JSON.stringify(body) } : {}),
      });
      return { status: response.status, body: (await response.json()) as Record<string, unknown> };
    };
  };
  const revops = await person('revops');
  const slm = await person('slm');
  expect(
    (await revops('PUT', '/plays/config/mid_market', { name: 'Mid-market', max_active_plays: 3 })).status,
  ).toBe(200);
  const fitting = await world.addLead({ segment: 'mid_market', title: 'Group Controller' });
  const unsubscribed = await world.addLead({
    segment: 'mid_market',
    title: 'CFO',
    unsubscribe_flag: true,
    unsubscribed_at: world.clock.now(),
  });
  const elsewhere = await world.addLead({ segment: 'enterprise', title: 'CFO' });

  // AGT-901, over stdio, in a separate process.
  const key = await makeKey(own, { agent_id: 'AGT-901' });
  const stdio = WAYS.find(({ transport, revision }) => transport === 'stdio' && revision === '2026-07-28')!;
  const brain = await connect(own.url, key, stdio);
  const proposed = await call(brain, 'propose_play', {
    proposal: {
      summary: 'Relief',
      analysis: 'Controllers close by hand for nine days.',
      evidence: { accounts: 12 },
    },
    scope: 'segment',
    segment: 'mid_market',
    ...PLAY,
    suggested_cadence: { ...PLAY.suggested_cadence, steps: STEPS },
    client_id: 'b2bea',
  });
  expect(proposed.isError ?? false, textOf(proposed)).toBe(false);
  const draft = proposed.structuredContent as unknown as { play_id: string; originating_proposal_id: string };
  const path = `/plays/${draft.play_id}`;

  // People, over HTTP.
  expect((await slm('POST', `${path}/pick_up`)).body.state).toBe('under_review');
  const edited = await revops('PATCH', path, {
    hypothesis: 'Controllers who close by hand answer within a week.',
  });
  expect(edited.body.edits_during_review).toHaveLength(1);
  const preview = await revops('GET', `${path}/preview`);
  expect(preview.body).toMatchObject({
    match_count: 2,
    asked_all: true,
    answers: expect.arrayContaining([
      {
        outcome: 'allow',
        reason: null,
        because: null,
        says: 'may be enrolled now',
        leads: 1,
        examples: [{ lead_id: fitting, email: 'lead1@prospect.example' }],
      },
      expect.objectContaining({ reason: 'compliance_block', says: 'they unsubscribed', leads: 1 }),
    ]),
    lacking: [],
    touches_by_week: [{ week: 1, touches: 2 }],
  });
  const { content_hash } = (await slm('GET', path)).body;
  expect((await slm('POST', `${path}/approve`, { role: 'slm', content_hash })).body.state).toBe(
    'under_review',
  );
  const active = await revops('POST', `${path}/approve`, { role: 'revops', content_hash });
  expect(active.body).toMatchObject({
    state: 'active',
    campaign_slug: expect.stringContaining('month_end_relief'),
  });

  // The coordinator finds the leads and asks the gate; a person approves the text; it is sent.
  await world.work();
  await world.approve(fitting);
  expect(world.sent.map(({ mail }) => mail.to.address)).toEqual(['lead1@prospect.example']);
  const lineage = { play_id: draft.play_id, originating_proposal_id: draft.originating_proposal_id };
  for (const table of [
    'sequence_requests',
    'campaign_contacts',
    'sales_send_queue',
    'touches',
    'cadence_event_log',
  ]) {
    const rows = await world.rows(table, `lead_id = '${fitting}'`);
    expect(rows.length, table).toBeGreaterThan(0);
    for (const row of rows) expect(row, table).toMatchObject(lineage);
  }
  const blocked = await world.rows('sequence_requests', `lead_id = '${unsubscribed}'`);
  expect(blocked).toMatchObject([{ status: 'blocked', reason: 'compliance_block', ...lineage }]);
  expect(await world.rows('sequence_requests', `lead_id = '${elsewhere}'`)).toEqual([]);

  // The result, for the brain.
  const seen = await call(brain, 'get_play', { id: draft.play_id });
  expect(seen.structuredContent).toMatchObject({
    state: 'active',
    edits_during_review: [{ patch: [{ op: 'replace', path: '/hypothesis' }] }],
    results: { enrolled: 1, touches: 1, not_admitted: 1 },
  });
  await revops('PUT', `${path}/outcomes`, {
    retrospective_outcomes: { quarter: '2026-Q4', meeting_rate: 0.1, acv: 30_000 },
  });
  expect((await revops('POST', `${path}/retire`, { reason: 'completed' })).body.state).toBe('retired');
  const brains = await call(brain, 'analytics_brains', {});
  expect(brains.structuredContent).toMatchObject({
    items: [
      {
        agent_id: 'AGT-901',
        quarter: '2026-Q4',
        drafted: 1,
        picked_up: 1,
        activated: 1,
        promotion_rate: 1,
        edits_per_review: 1,
        measured: 1,
        met: 1,
      },
    ],
  });
  const plays = await call(brain, 'analytics_plays', {});
  expect(plays.structuredContent).toMatchObject({
    items: [{ play_id: draft.play_id, state: 'retired', enrolled: 1, touches: 1, meeting_rate: 0 }],
  });

  // Retired: current enrollments continue, no new ones start.
  const late = await world.addLead({ segment: 'mid_market', title: 'CFO' });
  world.clock.advance(5 * 24 * 3_600_000);
  await world.work();
  await world.approve(fitting);
  expect(world.sent).toHaveLength(2);
  expect(await world.rows('sequence_requests', `lead_id = '${late}'`)).toEqual([]);
  await brain.close();
  await own.close();
});

replaysEveryDecision(db, ['requested', 'dispatched']);
