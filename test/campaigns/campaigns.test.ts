import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { sqlState } from '../../src/db/errors.ts';
import { type Queryable, type Tx, transaction } from '../../src/db/pool.ts';
import { campaignOperations } from '../../src/operations/campaigns/campaigns.ts';
import { readCampaignYaml } from '../../src/operations/campaigns/definition.ts';
import { importCampaigns } from '../../src/operations/campaigns/writing.ts';
import { PERMISSIONS } from '../../src/operations/permissions.ts';
import type { Principal } from '../../src/principal.ts';
import { testDatabase } from '../database.ts';
import { checks } from '../templates/shared.ts';
import { createWorld, DAY_MS, type World } from '../world.ts';
import { refusal, YAML } from './fair_campaign.ts';

const { db } = await testDatabase();

type Name = (typeof campaignOperations)[number]['name'];

/** Runs an operation as a surface does, which validates the input first. */
async function run(world: World, name: Name, input: unknown, principal: Principal = world.person) {
  const found = campaignOperations.find((one) => one.name === name)!;
  const { context } = world;
  const answer = await found.run({ context, principal, input: found.input.parse(input) as never });
  return found.output.parse(answer) as unknown as Detail;
}

type Detail = {
  slug: string;
  status: string;
  name: string;
  items: { slug: string; step_count: number }[];
  next_cursor: string | null;
  steps: { step_number: number; template_hash: string; template_approved: boolean; delay_days: number }[];
};

describe('campaigns in the database', () => {
  it('are listed page by page and shown with their steps', async () => {
    const world = await createWorld(db);
    const first = await run(world, 'list_campaigns', { limit: 4 });
    const second = await run(world, 'list_campaigns', { limit: 4, cursor: first.next_cursor });
    const slugs = [...first.items, ...second.items].map(({ slug }) => slug);
    expect(slugs).toHaveLength(6);
    expect(second.next_cursor).toBeNull();
    const close = await run(world, 'get_campaign', { slug: 'b2bea_membership_close' });
    expect(close.steps.map(({ delay_days }) => delay_days)).toEqual([0, 3, 7, 10, 14, 21, 35, 56]);
    await expect(run(world, 'get_campaign', { slug: 'nothing' })).rejects.toMatchObject({
      code: 'not_found',
    });
  });

  it('are redefined by their slug, steps included', async () => {
    const world = await createWorld(db);
    expect((await run(world, 'import_campaign', { yaml: YAML })).steps).toHaveLength(2);
    const { id: before } = (await world.rows<{ id: string; slug: string }>('campaigns', `slug = 'fair'`))[0]!;
    const shorter = YAML.slice(0, YAML.indexOf('  - step_number: 2')).replace('After the fair', 'Renamed');
    const again = await run(world, 'import_campaign', { yaml: shorter });
    expect(again).toMatchObject({ id: before, name: 'Renamed', steps: [{ step_number: 1 }] });
  });

  it('can be defined in JSON too, and get new steps', async () => {
    const world = await createWorld(db);
    const { sequence_type: _type, side: _side, ...definition } = await readCampaignYaml(checks(), YAML);
    expect(await run(world, 'put_campaign', definition)).toMatchObject({ slug: 'fair', side: 'sales' });
    const [step] = definition.steps;
    const steps = [step, { ...step, step_number: 2, delay_days: 30 }];
    expect(
      (await run(world, 'put_steps', { slug: 'fair', steps })).steps.map((one) => one.delay_days),
    ).toEqual([0, 30]);
    const wrong = [
      { ...step, delay_days: 3 },
      { ...step, step_number: 2, delay_days: 1 },
    ];
    await expect(run(world, 'put_steps', { slug: 'fair', steps: wrong })).rejects.toMatchObject({
      code: 'campaign_invalid',
      errors: [{ path: 'steps[1].delay_days' }],
    });
    await expect(run(world, 'put_steps', { slug: 'nothing', steps })).rejects.toMatchObject({
      code: 'not_found',
    });
  });

  it('refuse unknown brands, owners, and next campaigns, and leave nothing behind', async () => {
    const world = await createWorld(db);
    const cases = [
      ['client: b2bea', 'client: nobody', 'unknown_client', 'client_id'],
      ['roles.bdr', 'AGT-999\nsequence_type: nurture\nside: none', 'unknown_agent', 'owner_role'],
      ['suggest: null', 'suggest: nowhere', 'campaign_invalid', 'on_exit.meeting'],
      ['{ gate: exec, suggest: null }', 'nowhere', 'campaign_invalid', 'on_exit.meeting'],
    ] as const;
    for (const [from, to, code, path] of cases) {
      const error = await refusal(() => run(world, 'import_campaign', { yaml: YAML.replace(from, to) }));
      expect(error).toMatchObject({ code, errors: [{ path }] });
      if (code === 'unknown_client') expect(error.hint).toContain('b2bea');
    }
    expect(await world.rows('campaigns', `slug = 'fair'`)).toHaveLength(0);
  });

  it('refuse automatic hand-offs that form a cycle, unless a person is part of it', async () => {
    const world = await createWorld(db);
    const automatic = YAML.replace('{ gate: exec, suggest: null }', 'b2bea_world');
    await run(world, 'import_campaign', { yaml: automatic });
    const [at, back] = [new URL('../../campaigns/b2bea_world.yaml', import.meta.url), 'registered: null'];
    const world_yaml = readFileSync(at, 'utf8');
    const error = await refusal(() =>
      run(world, 'import_campaign', { yaml: world_yaml.replace(back, 'registered: fair') }),
    );
    expect(error).toMatchObject({ code: 'on_exit_loop', status: 422 });
    expect(error.errors).toMatchObject([
      { path: 'on_exit.registered', message: 'leads in a circle: b2bea_world → fair → b2bea_world' },
    ]);
    await run(world, 'import_campaign', {
      yaml: world_yaml.replace(back, 'registered: { gate: exec, suggest: fair }'),
    });
  });

  it('cannot form a cycle in the database either, even when two writers close it at once', async () => {
    const world = await createWorld(db);
    const exit = (tx: Queryable, slug: string, to: string) =>
      tx.query(`UPDATE campaigns SET on_exit = $3 WHERE org_id = $1 AND slug = $2`, [
        world.org_id,
        slug,
        `{"converted":${to}}`,
      ]);
    const state = (act: Promise<unknown>) => act.then(() => null, sqlState);
    const actor = { org_id: world.org_id, kind: 'system', id: 'test' } as const;
    const own = (act: (tx: Tx) => Promise<unknown>) => state(transaction(db.app, actor, act));
    // b2bea_membership_close leads to b2bea_membership_cs.
    expect(await own((tx) => exit(tx, 'b2bea_membership_cs', '"b2bea_membership_close"'))).toBe('TL036');
    expect(await own((tx) => exit(tx, 'b2bea_membership_cs', '"b2bea_membership_cs"'))).toBe('TL036');
    const gated = '{"gate":"exec","suggest":"b2bea_membership_close"}';
    expect(await own((tx) => exit(tx, 'b2bea_membership_cs', gated))).toBeNull();
    // Reversed within one transaction it is a path, not a cycle.
    const turned = own(async (tx) => {
      await exit(tx, 'b2bea_membership_cs', '"b2bea_membership_close"');
      await exit(tx, 'b2bea_membership_close', 'null');
    });
    expect(await turned).toBeNull();
    for (let round = 0; round < 10; round += 1) {
      const halves = [
        own((tx) => exit(tx, 'dreamborn', '"b2bea_world"')),
        own((tx) => exit(tx, 'b2bea_world', '"dreamborn"')),
      ];
      expect((await Promise.all(halves)).toSorted()).toEqual([null, 'TL036'].toSorted());
      await own(async (tx) => {
        await exit(tx, 'dreamborn', 'null');
        await exit(tx, 'b2bea_world', 'null');
      });
    }
    const fair = await readCampaignYaml(checks(), YAML);
    const error = await refusal(() =>
      run(world, 'put_campaign', {
        ...fair,
        slug: 'b2bea_membership_close',
        on_exit: { converted: 'b2bea_nurture', rejected: 'b2bea_membership_cs' },
        ...{ sequence_type: 'closing', side: 'sales' },
      }),
    );
    expect(error).toMatchObject({ code: 'on_exit_loop', errors: [{ path: 'on_exit.rejected' }] });
    expect(error.message).toContain('b2bea_membership_close → b2bea_membership_cs → b2bea_membership_close');
  });

  it('may refer to one another in any order when they are defined together', async () => {
    const world = await createWorld(db);
    const one = await readCampaignYaml(checks(), YAML.replace('{ gate: exec, suggest: null }', 'fair_two'));
    const two = { ...(await readCampaignYaml(checks(), YAML)), slug: 'fair_two' };
    const load = (definitions: (typeof one)[]) =>
      transaction(db, { org_id: world.org_id, kind: 'system', id: 'test' }, (tx) =>
        importCampaigns(tx, world.org_id, world.clock, definitions),
      );
    await expect(load([one])).rejects.toMatchObject({ code: 'campaign_invalid' });
    expect(await load([one, two])).toMatchObject([
      { slug: 'fair', was_new: true },
      { slug: 'fair_two', was_new: true },
    ]);
    expect(await load([two, one])).toMatchObject([{ was_new: false }, { was_new: false }]);
    await expect(load([one, one])).rejects.toMatchObject({ code: 'campaign_invalid' });
    const round = { ...two, on_exit: { converted: 'fair' } };
    await expect(load([one, round])).rejects.toThrow(/circle/);
  });

  it('keep their type while leads are enrolled', async () => {
    const world = await createWorld(db);
    await world.request(await world.addLead(), 'dreamborn');
    const at = new URL('../../campaigns/dreamborn.yaml', import.meta.url);
    const yaml = readFileSync(at, 'utf8');
    await run(world, 'import_campaign', { yaml: yaml.replace('platform outreach', 'renamed') });
    const other = `${yaml}\nsequence_type: closing\n`;
    await expect(run(world, 'import_campaign', { yaml: other })).rejects.toMatchObject({
      code: 'campaign_in_use',
    });
  });

  it('stop while they are paused, and continue', async () => {
    const world = await createWorld(db);
    await world.request(await world.addLead(), 'dreamborn');
    expect(await run(world, 'patch_campaign', { slug: 'dreamborn', status: 'paused' })).toMatchObject({
      status: 'paused',
    });
    await world.work();
    expect(await world.rows('sales_send_queue')).toHaveLength(0);
    await run(world, 'patch_campaign', { slug: 'dreamborn', status: 'active' });
    await world.work();
    expect(await world.rows('sales_send_queue')).toHaveLength(1);
    await expect(run(world, 'patch_campaign', { slug: 'nothing', status: 'paused' })).rejects.toMatchObject({
      code: 'not_found',
    });
  });

  it('belong to their org', async () => {
    const [one, other] = [await createWorld(db), await createWorld(db)];
    await run(one, 'import_campaign', { yaml: YAML });
    await expect(run(other, 'get_campaign', { slug: 'fair' })).rejects.toMatchObject({ code: 'not_found' });
  });
});

describe('approving a template', () => {
  it('binds to its hash, and only then may a pre-approved message be sent automatically', async () => {
    const world = await createWorld(db);
    const slug = 'b2bea_nurture';
    const { steps } = await run(world, 'get_campaign', { slug });
    expect(steps.map((step) => step.template_approved)).toEqual([false, false, false, false]);
    const [first, second] = steps;
    const wrong = { slug, step_number: 1, template_hash: second!.template_hash };
    const error = await refusal(() => run(world, 'approve_template', wrong));
    expect(error).toMatchObject({ code: 'draft_changed', extra: { template_hash: first!.template_hash } });
    const right = { slug, step_number: '1', template_hash: first!.template_hash };
    const approved = await run(world, 'approve_template', right);
    expect(approved.steps.map((step) => step.template_approved)).toEqual([true, false, false, false]);
    await run(world, 'approve_template', right);
    await world.request(await world.addLead(), slug);
    await world.work();
    expect(world.sent).toHaveLength(1);
    world.clock.advance(10 * DAY_MS);
    await world.work();
    expect(world.sent).toHaveLength(1);
  });

  it('is limited to people and to templates that exist', async () => {
    const world = await createWorld(db);
    const slug = 'b2bea_nurture';
    const { steps } = await run(world, 'get_campaign', { slug });
    const { template_hash } = steps[0]!;
    const agent: Principal = {
      kind: 'agent',
      org_id: world.org_id,
      agent_id: 'AGT-304',
      agent_kind: 'system',
      name: 'x',
    };
    await expect(
      run(world, 'approve_template', { slug, step_number: 1, template_hash }, agent),
    ).rejects.toMatchObject({ code: 'not_human' });
    await expect(
      run(world, 'approve_template', { slug, step_number: 9, template_hash }),
    ).rejects.toMatchObject({ code: 'not_found' });
    const bare = YAML.replace(/ {4}template: \{.*\n/, '');
    const fair = await run(world, 'import_campaign', { yaml: bare });
    const no_template = { slug: 'fair', step_number: 2, template_hash: fair.steps[1]!.template_hash };
    await expect(run(world, 'approve_template', no_template)).rejects.toMatchObject({ code: 'no_template' });
  });

  it('agents and reps may not define or approve', () => {
    const writers = campaignOperations.filter(({ http }) => http!.method !== 'GET');
    expect(writers).toHaveLength(5);
    for (const { name } of writers) {
      const { people, agents } = PERMISSIONS[name];
      expect({ agents, reps: people.filter((role) => role === 'rep' || role === 'auditor') }, name).toEqual({
        agents: [],
        reps: [],
      });
    }
  });
});
