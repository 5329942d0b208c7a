import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { defaultPolicy } from '../../src/coordinator/gate/policy_document.ts';
import { coordinatorActor } from '../../src/coordinator/gate/scope.ts';
import { FLAG_CHECKS } from '../../src/coordinator/upkeep/checks.ts';
import { sqlState } from '../../src/db/errors.ts';
import { transaction } from '../../src/db/pool.ts';
import type { FlagsRow, ModelCallsRow, StagedDraftsRow } from '../../src/schema.gen.ts';
import { runCheck } from '../../src/worker/checks.ts';
import { testDatabase } from '../database.ts';
import type { FakeModel } from '../mail/fake_model.ts';
import { createPlayRunWorld } from '../plays/play_run_world.ts';
import { HOUR_MS } from '../world.ts';
import { CAMPAIGN, GOOD, modelWorld, startFakeModel } from './model_world.ts';

const { db } = await testDatabase();
let fake: FakeModel;
const USAGE = { prompt_tokens: 2_500, completion_tokens: 500 };
const usage = { ...USAGE };
beforeAll(async () => {
  fake = await startFakeModel(undefined, usage);
});
afterEach(() => {
  Object.assign(usage, USAGE);
});
afterAll(() => fake.close());

type ModelWorld = Awaited<ReturnType<typeof modelWorld>>;

/** Raw SQL as the product's role, as the coordinator or another actor. Returns the SQLSTATE, or null. */
const refusal = (
  world: ModelWorld,
  text: string,
  kind: 'coordinator' | 'agent' | 'human' = 'coordinator',
) => {
  const id = kind === 'human' && world.person.kind === 'human' ? world.person.user_id : 'AGT-302';
  const actor = kind === 'coordinator' ? coordinatorActor(world.org_id) : { org_id: world.org_id, kind, id };
  return transaction(db.app, actor, (tx) => tx.query(text)).then(() => null, sqlState);
};
const insertCall = (world: ModelWorld, tokens: number, outcome = 'reserved') =>
  `INSERT INTO model_calls (org_id, id, purpose, model, at, day, reserved_tokens, outcome, duration_ms)
   VALUES ('${world.org_id}', gen_random_uuid(), 'draft', 'x', '${world.clock.now().toISOString()}', '2000-01-01', ${tokens},
     '${outcome}', ${outcome === 'reserved' ? 'NULL' : 1})`;

describe("the day's tokens", () => {
  it('never exceed the budget with concurrent workers; templates write the rest, with one notification', async () => {
    const budget = 30_000;
    const world = await modelWorld(db, fake, { drafting: { model_tokens_per_day: budget } });
    let [most_counted, most_open] = [0, 0];
    fake.reply = async () => {
      const calls = await world.rows<ModelCallsRow>('model_calls');
      most_counted = Math.max(
        most_counted,
        calls.reduce((sum, call) => sum + call.counted_tokens, 0),
      );
      most_open = Math.max(most_open, calls.filter(({ outcome }) => outcome === 'reserved').length);
      return { object: GOOD };
    };
    const lead_ids = await world.dueLeads(16);
    await Promise.all([world.write(), world.write(), world.write(), world.write()]);
    await world.draftAll();
    const calls = await world.rows<ModelCallsRow>('model_calls');
    expect(calls.reduce((sum, call) => sum + call.counted_tokens, 0)).toBeLessThanOrEqual(budget);
    expect(most_counted).toBeLessThanOrEqual(budget);
    expect(most_open).toBeGreaterThan(1);
    const drafts = await world.rows<StagedDraftsRow>('staged_drafts');
    expect(drafts).toHaveLength(lead_ids.length);
    const by_model = drafts.filter(({ written_with }) => written_with === 'model');
    expect(by_model.length).toBe(calls.length);
    expect(by_model.length).toBeGreaterThan(2);
    for (const draft of drafts.filter((one) => !by_model.includes(one))) {
      expect(draft).toMatchObject({ written_with: 'fallback', fallback_reason: 'model_budget_spent' });
    }
    expect(await world.rows('flags')).toMatchObject([
      { kind: 'model_budget_spent', subject: '2026-11-24', for_role: 'revops', resolved_at: null },
    ]);
    expect(await world.rows('notifications')).toHaveLength(1);
  });

  it('reset on the org’s next day, and the flag ends', async () => {
    const world = await modelWorld(db, fake, { drafting: { model_tokens_per_day: 7_000 } });
    await db.query(`UPDATE organizations SET time_zone = 'Asia/Tokyo' WHERE org_id = $1`, [world.org_id]);
    const check = FLAG_CHECKS.find(({ name }) => name === 'model_budget')!;
    const written = async () => {
      const [lead_id = ''] = await world.dueLeads(1);
      await world.draftAll();
      return (await world.draftOf(lead_id)).draft.written_with;
    };
    const flags = () => world.rows<FlagsRow>('flags', 'true ORDER BY subject');
    expect([await written(), await written(), await written()]).toEqual(['model', 'fallback', 'fallback']);
    await runCheck(world.worker_context, world.org_id, check);
    expect(await flags()).toMatchObject([{ subject: '2026-11-24', resolved_at: null }]);
    // 12:00 in London is 21:00 in Tokyo.
    world.clock.advance(3 * HOUR_MS);
    await runCheck(world.worker_context, world.org_id, check);
    expect(await flags()).toMatchObject([{ resolution: 'cause_gone' }]);
    expect([await written(), await written()]).toEqual(['model', 'fallback']);
    expect((await flags()).map(({ subject }) => subject)).toEqual(['2026-11-24', '2026-11-25']);
  });

  it('of 0 disable the model without a notification', async () => {
    const world = await modelWorld(db, fake, { drafting: { model_tokens_per_day: 0 } });
    const [lead_id = ''] = await world.dueLeads(1);
    await world.draftAll();
    expect((await world.draftOf(lead_id)).draft).toMatchObject({
      written_with: 'template',
      fallback_reason: null,
    });
    expect(fake.requests).toHaveLength(0);
    expect(await world.rows('flags')).toEqual([]);
  });

  it('count as reserved when a call’s usage is unknown', async () => {
    const world = await modelWorld(db, fake);
    fake.reply = () => ({ status: 200, body: 'not JSON' });
    await world.dueLeads(1);
    await world.draftAll();
    const calls = await world.rows<ModelCallsRow>('model_calls');
    expect(calls.map(({ outcome }) => outcome)).toEqual(['invalid', 'invalid']);
    for (const call of calls) expect(call.counted_tokens).toBe(call.reserved_tokens);
  });
});

describe('an endpoint that reports', () => {
  it.each([
    { prompt_tokens: -1e9, completion_tokens: -1e9 },
    { prompt_tokens: 0, completion_tokens: 0 },
    { prompt_tokens: 1, completion_tokens: 500 },
    { prompt_tokens: 2_500, completion_tokens: 1 },
    { prompt_tokens: 1e9, completion_tokens: -1e9 },
  ])('$prompt_tokens and $completion_tokens is not believed: the reserved tokens count', async (said) => {
    const world = await modelWorld(db, fake);
    Object.assign(usage, said);
    await world.dueLeads(1);
    await world.write();
    const [call, ...others] = await world.rows<ModelCallsRow>('model_calls');
    expect(others).toEqual([]);
    expect(call).toMatchObject({ outcome: 'answered', input_tokens: null, output_tokens: null });
    expect(call!.counted_tokens).toBe(call!.reserved_tokens);
  });
});

describe('by raw SQL', () => {
  it('no call exceeds the budget, on any day that it names', async () => {
    const world = await modelWorld(db, fake, { drafting: { model_tokens_per_day: 1_000 } });
    expect(await refusal(world, insertCall(world, 1_001))).toBe('TL048');
    expect(await refusal(world, insertCall(world, 600))).toBeNull();
    expect(await refusal(world, insertCall(world, 401))).toBe('TL048');
    expect(await world.rows<ModelCallsRow>('model_calls')).toMatchObject([{ counted_tokens: 600 }]);
    const without = await modelWorld(db, fake);
    const { model_tokens_per_day } = defaultPolicy().drafting;
    expect(await refusal(without, insertCall(without, model_tokens_per_day + 1))).toBe('TL048');
    expect(await refusal(without, insertCall(without, model_tokens_per_day))).toBeNull();
  });

  it('a call belongs to the coordinator, begins as reserved, and is settled once', async () => {
    const world = await modelWorld(db, fake);
    for (const kind of ['agent', 'human'] as const) {
      expect(await refusal(world, insertCall(world, 10), kind)).toBe('TL004');
    }
    expect(await refusal(world, insertCall(world, 10, 'answered'))).toBe('TL001');
    expect(await refusal(world, insertCall(world, 10))).toBeNull();
    const settle = `UPDATE model_calls SET outcome = 'answered', duration_ms = 1, input_tokens = 1, output_tokens = 1`;
    expect(await refusal(world, settle, 'human')).toBe('TL004');
    expect(await refusal(world, `UPDATE model_calls SET reserved_tokens = 1`)).toBe('TL003');
    expect(await refusal(world, settle)).toBeNull();
    expect(await refusal(world, settle)).toBe('TL003');
    expect(await refusal(world, 'DELETE FROM model_calls')).toBe('TL003');
    expect(await refusal(world, 'TRUNCATE model_calls')).toMatch(/TL003|42501/);
  });

  it('only the coordinator records that a model wrote, and never for a step whose template is required', async () => {
    const world = await modelWorld(db, fake);
    const [lead_id = ''] = await world.dueLeads(1);
    const [item] = await world.rows<{ id: string }>('sales_send_queue', `lead_id = '${lead_id}'`);
    const insert = (written_with: string, template_hash = 'NULL') =>
      `INSERT INTO staged_drafts (org_id, id, queue_id, version, channel, to_id, subject, body, context,
         written_by_agent_id, written_with, template_hash)
       VALUES ('${world.org_id}', gen_random_uuid(), '${item!.id}', 1, 'email', 'a@b.example', 's', 'b', '{}',
         'roles.sales', '${written_with}', ${template_hash})`;
    expect(await refusal(world, insert('model'), 'human')).toBe('TL004');
    expect(await refusal(world, insert('fallback'))).toBe('23514');
    const of_step = `(SELECT template_hash FROM campaign_sequences s JOIN campaigns c ON c.org_id = s.org_id
      AND c.id = s.campaign_id WHERE c.slug = '${CAMPAIGN}' AND s.step_number = 1)`;
    expect(await refusal(world, insert('model', of_step))).toBe('23514');
    await db.query(
      `UPDATE campaigns SET owner_role = 'AGT-304', send_rule = 'pre_approved' WHERE org_id = $1 AND slug = $2`,
      [world.org_id, CAMPAIGN],
    );
    expect(await refusal(world, insert('model'))).toBe('TL049');
    await world.draftAll();
    expect((await world.draftOf(lead_id)).draft).toMatchObject({ written_with: 'template' });
    expect(fake.requests).toHaveLength(0);
  });
});

it('a play’s step never goes to the model', async () => {
  const world = await createPlayRunWorld(db);
  const { worker_context } = await modelWorld(db, fake);
  world.worker_context.model = worker_context.model!;
  const segment = await world.addSegment();
  const lead_id = await world.addLead({ segment });
  await world.activePlay(segment);
  for (const name of ['run_plays', 'release_requests', 'dispatch_steps', 'draft_touches'])
    await world.stage(name);
  await world.work();
  expect((await world.draftOf(lead_id)).draft).toMatchObject({
    written_with: 'template',
    fallback_reason: null,
  });
  const [item] = await world.rows('sales_send_queue');
  expect(item!.play_id).not.toBeNull();
  expect(await world.rows('model_calls')).toEqual([]);
});
