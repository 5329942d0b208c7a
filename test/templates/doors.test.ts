import { afterAll, expect, it } from 'vitest';
import { type OverBudget, openTemplates } from '../../src/templates/threads.ts';
import { testDatabase } from '../database.ts';
import { ANALYSIS } from '../plays/play_calls.ts';
import { PLAY } from '../plays/play_world.ts';
import { AGENT_OF_KIND, serveProduct } from '../surfaces/product.ts';
import { aliasBomb, BOMBS, bombCampaign, slowYaml, step } from './bombs.ts';

/* Every operation that accepts templates or campaign files, over HTTP as in the product. */

const { db } = await testDatabase();
const told: OverBudget[] = [];
// Without pauses: each operation is tested with more than three bombs a minute.
const templates = openTemplates((over) => told.push(over), null);
const product = await serveProduct(db, {}, { observed: { templates } });
const { world } = product;
world.worker_context.templates = templates;
const brain = await product.keyOf(AGENT_OF_KIND.brain);
afterAll(async () => {
  await product.close();
  await templates.close();
});

const OVER = { status: 422, body: { code: 'template_over_budget' } };
const place = (path: string) => ({ body: { errors: [{ path }] } });
const cadence = (...bodies: string[]) => ({
  steps: bodies.map((body, at) => {
    const { step_number: _, ...rest } = step(at, body);
    return rest;
  }),
});
await db.query(
  `INSERT INTO territory_definitions (org_id, segment, name, created_at, updated_at)
   VALUES ($1, 'Budgets', 'A segment', now(), now())`,
  [world.org_id],
);
const proposal = (suggested_cadence: unknown) => {
  const own = { scope: 'segment', segment: 'Budgets', proposal: ANALYSIS, client_id: 'b2bea' };
  return product.call('POST', '/api/v1/plays', { key: brain, body: { ...PLAY, ...own, suggested_cadence } });
};

it('bad campaign templates are refused as JSON, by their steps and from YAML, each with the path of the first error', async () => {
  const bomb = bombCampaign('bomb');
  const defined = await product.call('POST', '/api/v1/campaigns', { body: bomb });
  expect(defined).toMatchObject(OVER);
  expect(defined).toMatchObject(place('steps[0].template.body'));
  const good = { ...bomb, slug: 'good', steps: [step(0, 'Hello'), step(1, 'Hello again')] };
  expect((await product.call('POST', '/api/v1/campaigns', { body: good })).status).toBe(200);
  const steps = [step(0, 'Hello'), step(1, BOMBS.loop_in_loop)];
  const put = await product.call('PUT', '/api/v1/campaigns/good/steps', { body: { steps } });
  expect(put).toMatchObject(OVER);
  expect(put).toMatchObject(place('steps[1].template.body'));
  // The refused templates left nothing behind.
  expect(await world.rows('campaign_sequences', `body_template LIKE '%999999%'`)).toEqual([]);
  const yaml = JSON.stringify({ ...bomb, slug: 'from_yaml' });
  expect(await product.call('POST', '/api/v1/campaigns/import', { body: { yaml } })).toMatchObject(OVER);
  for (const text of [aliasBomb(), slowYaml()]) {
    const { status, body } = await product.call('POST', '/api/v1/campaigns/import', { body: { yaml: text } });
    expect(status).toBe(422);
    expect(body.code).toMatch(/^yaml_/);
  }
}, 60_000);

it('a rule becomes pre-approved only for templates that fit it, despite concurrent writes', async () => {
  const steps = [step(0, 'Your goal is {{ enrollment.goal }}')];
  const own = { ...bombCampaign('rule'), owner_role: 'AGT-304', steps };
  expect((await product.call('POST', '/api/v1/campaigns', { body: own })).status).toBe(200);
  const patch = () =>
    product.call('PATCH', '/api/v1/campaigns/rule', { body: { send_rule: 'pre_approved' } });
  expect(await patch()).toMatchObject({ status: 422, body: { code: 'campaign_invalid' } });
  // A new name needs no second check of the templates.
  const renamed = await product.call('PATCH', '/api/v1/campaigns/rule', { body: { name: 'Renamed' } });
  expect(renamed).toMatchObject({ status: 200, body: { name: 'Renamed' } });
  const fitting = [step(0, 'Hello {{ lead.first_name }}')];
  const put = () => product.call('PUT', '/api/v1/campaigns/rule/steps', { body: { steps: fitting } });
  expect((await put()).status).toBe(200);
  expect((await patch()).status).toBe(200);
  const back = await product.call('PUT', '/api/v1/campaigns/rule/steps', { body: { steps } });
  expect(back).toMatchObject({ status: 422, body: { code: 'campaign_invalid' } });
});

it('bad play templates are refused when an agent proposes, a person edits, and a person approves what SQL inserted', async () => {
  const proposed = await proposal(cadence('Hello', BOMBS.loop));
  expect(proposed).toMatchObject(OVER);
  expect(proposed).toMatchObject(place('suggested_cadence.steps[1].template.body'));
  const misspelt = await proposal(cadence('Hello {{ lead.frist_name }}'));
  expect(misspelt).toMatchObject({ status: 422, body: { code: 'template_invalid' } });
  expect(misspelt).toMatchObject(place('suggested_cadence.steps[0].template.body'));

  const { status, body: play } = await proposal(cadence('Hello'));
  expect(status).toBe(200);
  const path = `/api/v1/plays/${play.play_id}`;
  expect((await product.call('POST', `${path}/pick_up`, { body: {} })).status).toBe(200);
  const edited = await product.call('PATCH', path, { body: { suggested_cadence: cadence(BOMBS.loop) } });
  expect(edited).toMatchObject(OVER);
  await db.query('ALTER TABLE sales_play_library DISABLE TRIGGER USER');
  await db.query(`UPDATE sales_play_library SET suggested_cadence = $2 WHERE play_id = $1`, [
    play.play_id,
    JSON.stringify(cadence(BOMBS.loop)),
  ]);
  await db.query('ALTER TABLE sales_play_library ENABLE TRIGGER USER');
  expect(await product.call('POST', `${path}/approve`, { body: { role: 'slm' } })).toMatchObject(OVER);
  const [row] = await world.rows('sales_play_library', `play_id = '${play.play_id}'`);
  expect(row).toMatchObject({ slm_approver_user_id: null });
}, 60_000);

it('a runaway template for one lead fails there, is named, and delays no other', async () => {
  told.length = 0;
  const body = { ...bombCampaign('one_lead'), steps: [step(0, BOMBS.one_lead)] };
  expect((await product.call('POST', '/api/v1/campaigns', { body })).status).toBe(200);
  const leads = [];
  for (let at = 0; at < 6; at += 1) leads.push(await world.addLead(at % 2 === 0 ? { title: 'Bomb' } : {}));
  for (const lead_id of leads) await world.request(lead_id, 'one_lead');
  const other = await world.addLead();
  await world.request(other, 'b2bea_membership_close');
  await world.work();
  expect((await world.draftOf(other)).item.status).toBe('drafted');
  const stuck = await world.rows('agent_tasks', `status = 'failed'`);
  expect(stuck).toHaveLength(6);
  expect(stuck[0]).toMatchObject({
    error: 'template_over_budget: step 1 of the campaign one_lead: the template takes too long',
  });
  expect(told[0]).toEqual({ kind: 'draft', budget: 'time' });
}, 60_000);
