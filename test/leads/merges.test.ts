import { describe, expect, it } from 'vitest';
import { transaction } from '../../src/db/pool.ts';
import { enrollmentOperations } from '../../src/operations/campaigns/enrollments.ts';
import { findLead } from '../../src/operations/leads/access.ts';
import { leadAddressOperations } from '../../src/operations/leads/addresses.ts';
import { explainOperations } from '../../src/operations/leads/explain.ts';
import { leadMergeOperations } from '../../src/operations/leads/merges.ts';
import { eventOperations } from '../../src/operations/log/events.ts';
import { sendQueueOperations } from '../../src/operations/sending/send_queue.ts';
import { actorOf } from '../../src/principal.ts';
import { attackersOf } from '../database/attackers.ts';
import { testDatabase } from '../database.ts';
import { createWorld, DAY_MS, type World } from '../world.ts';
import { readOf } from './explain_world.ts';

/* Two rows that are one person: merged by people, or by the rule on equal CRM records, and never by a guess. */

const { db } = await testDatabase();
const [merge, list, reject] = leadMergeOperations;
const CAMPAIGN = 'b2bea_membership';

type Merge = {
  lead: { id: string; email: string; unsubscribe_flag: boolean };
  merged_lead_id: string;
  ended: { campaign_slug: string; campaign_name: string }[];
  work: { campaign_slug: string; step: number | null; outcome: string; reason: string | null }[];
};

const mergeOf = (world: World, id: string, other: string, more: Record<string, unknown> = {}) =>
  readOf<Merge>(world, merge, { id, other_lead_id: other, ...more });
const enrollmentsOf = (world: World, lead_id: string) =>
  world.rows<{ status: string; exit_reason: string | null; current_step: number; campaign_id: string }>(
    'campaign_contacts',
    `lead_id = '${lead_id}'`,
  );
const pair = async (world: World, columns: Record<string, unknown> = {}) =>
  [
    await world.addLead({ email: 'ann@acme.example', ...columns }),
    await world.addLead({ email: 'ann@home.example', ...columns }),
  ] as const;

describe('merging', () => {
  it('moves the addresses, and the id of the merged lead finds the other', async () => {
    const world = await createWorld(db);
    const [kept, gone] = await pair(world);
    await world.context.db.query(`UPDATE leads SET phone = '+12025550111', title = 'CFO' WHERE id = $1`, [
      gone,
    ]);
    const answer = await mergeOf(world, kept, 'ann@home.example', { reason: 'same signature' });
    expect(answer).toMatchObject({
      lead: { id: kept, phone: '+12025550111', title: 'CFO' },
      merged_lead_id: gone,
    });
    for (const key of [gone, 'ann@home.example', 'ann@acme.example']) {
      expect((await findLead(world.context.db, world.org_id, key)).id).toBe(kept);
    }
    const [event] = await world.rows<{ actor_kind: string }>('cadence_event_log', `event_type = 'merged'`);
    expect(event).toMatchObject({ lead_id: kept, actor_kind: 'human', resolution: 'person' });
    const audited = await world.rows('audit_log', `subject_table = 'lead_merges'`);
    expect(audited).toHaveLength(1);
    await expect(mergeOf(world, kept, gone)).rejects.toMatchObject({ code: 'same_lead' });
  });

  it('lists what both rows did, by either id', async () => {
    const world = await createWorld(db);
    const [kept, gone] = await pair(world);
    await world.request(gone, CAMPAIGN);
    await world.work();
    await world.request(kept, 'b2bea_membership_cs');
    await mergeOf(world, kept, gone);
    const of = [...eventOperations, ...sendQueueOperations, ...enrollmentOperations].filter(({ name }) =>
      name.startsWith('list_'),
    );
    expect(of).toHaveLength(3);
    for (const operation of of) {
      const listed = (lead_id: string) =>
        readOf<{ items: { id: string; lead_id: string }[] }>(world, operation, { lead_id, limit: 200 });
      const { items } = await listed(kept);
      expect(new Set(items.map(({ lead_id }) => lead_id)), operation.name).toContain(gone);
      expect((await listed(gone)).items).toEqual(items);
    }
  });

  it('shows the result of a dry run and changes nothing', async () => {
    const world = await createWorld(db);
    const [kept, gone] = await pair(world);
    await world.request(gone, CAMPAIGN);
    const before = await world.rows('leads', 'true ORDER BY id');
    const answer = await mergeOf(world, kept, gone, { dry_run: true });
    expect(answer.work).toMatchObject([{ campaign_slug: CAMPAIGN, outcome: 'continues' }]);
    expect(answer.ended).toEqual([]);
    expect(await world.rows('leads', 'true ORDER BY id')).toEqual(before);
    expect(await world.rows('lead_merges')).toEqual([]);
  });

  it('shows what ends for the lead that stays, and names the merged lead in its timeline', async () => {
    const world = await createWorld(db);
    const [kept, gone] = await pair(world);
    await world.request(kept, CAMPAIGN);
    await db.query(`UPDATE leads SET opt_out_flag = true, opted_out_at = now() WHERE id = $1`, [gone]);
    const preview = await mergeOf(world, kept, gone, { dry_run: true });
    expect(preview.ended).toMatchObject([{ campaign_slug: CAMPAIGN }]);
    expect((await mergeOf(world, kept, gone)).ended).toEqual(preview.ended);
    const explain = explainOperations.find(({ name }) => name === 'timeline_lead')!;
    const { items } = await readOf<{ items: { text: string }[] }>(world, explain, { id: kept, limit: 50 });
    expect(items.map(({ text }) => text).join(' ')).toContain('(ann@home.example) into this one');
  });

  it('continues at the step of the merged lead, and takes none twice', async () => {
    const world = await createWorld(db);
    const [kept, gone] = await pair(world);
    await world.request(gone, CAMPAIGN);
    await world.work();
    await world.approve(gone);
    expect(world.sent).toHaveLength(1);
    const { work } = await mergeOf(world, kept, gone);
    expect(work).toMatchObject([{ outcome: 'waits', reason: 'touch_cap_exceeded' }]);
    world.clock.advance(8 * DAY_MS);
    await world.work();
    const [ended] = await enrollmentsOf(world, gone);
    const [going] = await enrollmentsOf(world, kept);
    expect(ended).toMatchObject({ status: 'rejected', exit_reason: 'merged' });
    expect(going!.status).toBe('active');
    const [first, second] = await world.rows<{ lead_id: string; step_number: number }>(
      'sales_send_queue',
      'true ORDER BY created_at',
    );
    expect([first!.lead_id, second!.lead_id]).toEqual([gone, kept]);
    expect(second!.step_number).toBe(ended!.current_step);
    expect(second!.step_number).toBeGreaterThan(first!.step_number);
  });

  it('counts the touches of both, at once', async () => {
    const world = await createWorld(db);
    const [kept, gone] = await pair(world);
    for (const id of [kept, gone]) await world.request(id, CAMPAIGN);
    await world.work();
    await world.approve(gone);
    await mergeOf(world, kept, gone);
    const { draft } = await world.draftOf(kept).catch(() => ({ draft: null }));
    if (draft) await world.approve(kept);
    // A day has one touch for a person.
    expect(world.sent).toHaveLength(1);
    world.clock.advance(2 * DAY_MS);
    await world.work();
    expect(world.sent.length).toBeLessThanOrEqual(2);
  });

  it('keeps the stricter consent, and ends what is open', async () => {
    const world = await createWorld(db);
    const [kept, gone] = await pair(world);
    await world.request(kept, CAMPAIGN);
    await world.context.db.query(
      `UPDATE leads SET unsubscribe_flag = true, unsubscribed_at = now() WHERE id = $1`,
      [gone],
    );
    const { lead } = await mergeOf(world, kept, gone);
    expect(lead.unsubscribe_flag).toBe(true);
    expect(await enrollmentsOf(world, kept)).toMatchObject([
      { status: 'rejected', exit_reason: 'compliance_block' },
    ]);
  });

  it('hands the open tasks of the merged lead to the other', async () => {
    const world = await createWorld(db);
    const [kept, gone] = await pair(world);
    await world.context.db.query(
      `INSERT INTO agent_tasks (org_id, id, type, role, status, lead_id, payload, created_at)
       VALUES ($1, gen_random_uuid(), 'meeting_booked', 'roles.exec', 'open', $2, '{"from_campaign": "x"}', $3)`,
      [world.org_id, gone, world.clock.now()],
    );
    await mergeOf(world, kept, gone);
    const tasks = await world.rows('agent_tasks', 'true ORDER BY status');
    expect(tasks).toMatchObject([
      { status: 'open', lead_id: kept, type: 'meeting_booked' },
      { status: 'canceled', lead_id: gone },
    ]);
  });

  it('settles open sequences by the matrix', async () => {
    const world = await createWorld(db);
    const [kept, gone] = await pair(world, { icp_tier: 'T2' });
    await world.request(kept, CAMPAIGN);
    await world.request(gone, CAMPAIGN);
    const { work } = await mergeOf(world, kept, gone);
    expect(work).toMatchObject([{ outcome: 'already_enrolled' }]);
    const open = (await enrollmentsOf(world, kept)).filter(({ status }) => status === 'active');
    expect(open).toHaveLength(1);
  });

  it('merges leads of one CRM record by rule, and others only by a person', async () => {
    const world = await createWorld(db);
    const [kept, gone] = await pair(world, { first_name: 'Ann', last_name: 'Doe' });
    await db.query(`UPDATE leads SET crm_contact_id = 'CRM-1' WHERE id = $1`, [gone]);
    await db.query(
      `INSERT INTO lead_merge_suggestions (org_id, lead_id, other_lead_id, reason) VALUES ($1, $2, $3, 'same_crm_record')`,
      [world.org_id, ...[kept, gone].sort()],
    );
    const third = await world.addLead({ linkedin_url: `https://linkedin.example/in/lead1` });
    await world.work();
    const merged = await world.rows<{ merged_by_user_id: string | null }>('lead_merges');
    expect(merged).toMatchObject([{ merged_by_user_id: null }]);
    expect(await world.rows('leads', `merged_into_id IS NULL`)).toHaveLength(2);
    const { items } = await readOf<{ items: { id: string; reason: string }[] }>(world, list, {});
    expect(items).toMatchObject([{ reason: 'same_profile', other_lead_id: third }]);
    await readOf(world, reject, { id: items[0]!.id });
    expect((await readOf<{ items: unknown[] }>(world, list, {})).items).toEqual([]);
    await expect(readOf(world, reject, { id: items[0]!.id })).rejects.toMatchObject({
      code: 'suggestion_ended',
    });
  });
});

describe('in the database', () => {
  const attacked = async () => {
    const world = await createWorld(db);
    const [kept, gone] = await pair(world);
    return { world, kept, gone, ...(await attackersOf(db, world)) };
  };

  it('merges no leads by hand, and none without a person or one CRM record', async () => {
    const { kept, gone, tried } = await attacked();
    const by_hand = `UPDATE leads SET merged_into_id = '${kept}', email = 'merged-' || id || '@merged.invalid', linkedin_url = NULL,
      account_id = NULL, first_name = NULL WHERE id = '${gone}'`;
    for (const code of Object.values(await tried([by_hand])))
      expect(['TL080', 'TL005', '42501']).toContain(code);
    const by_guess = [`SELECT merge_leads('${gone}', '${kept}', NULL, NULL, now())`] as const;
    for (const code of Object.values(await tried(by_guess))) expect(code).toBe('TL005');
  });

  it('joins no CRM records by a suggestion that no file made, or of leads with two', async () => {
    const { world, kept, gone, tried } = await attacked();
    const third = await world.addLead({ crm_contact_id: 'CRM-2' });
    await db.query(`UPDATE leads SET crm_contact_id = 'CRM-1' WHERE id = $1`, [kept]);
    const forging = (reason: string, other: string) =>
      `INSERT INTO lead_merge_suggestions (org_id, lead_id, other_lead_id, reason)
       VALUES ('${world.org_id}', '${[kept, other].sort().join("', '")}', '${reason}')`;
    const people = ['admin', 'rep', 'agent', 'coordinator'] as const;
    const refused = ['42501', 'TL005'];
    for (const code of Object.values(await tried([forging('same_crm_record', gone)], people)))
      expect(refused).toContain(code);
    await expect(db.query(forging('same_crm_record', third))).rejects.toMatchObject({ code: 'TL005' });
    await db.query(forging('same_profile', gone));
    const later = `UPDATE lead_merge_suggestions SET reason = 'same_crm_record' WHERE org_id = '${world.org_id}'`;
    for (const code of Object.values(await tried([later], people))) expect(refused).toContain(code);
    // The second record came after the suggestion.
    await db.query(later);
    await db.query(`UPDATE leads SET crm_contact_id = 'CRM-3' WHERE id = $1`, [gone]);
    const merging = [`SELECT merge_leads('${gone}', '${kept}', NULL, NULL, now())`] as const;
    expect(await tried(merging, ['coordinator'])).toEqual({ coordinator: 'TL005' });
    await world.work();
    expect(await world.rows('lead_merges')).toEqual([]);
  });

  it('gives a merged lead nothing back, and no new work', async () => {
    const { world, kept, gone, tried } = await attacked();
    await mergeOf(world, kept, gone);
    const refused = await tried([`UPDATE leads SET email = 'x@acme.example' WHERE id = '${gone}'`]);
    for (const code of Object.values(refused)) expect(['TL080', 'TL005', '42501']).toContain(code);
    await expect(world.request(gone, CAMPAIGN)).rejects.toThrow(/was merged/);
  });

  it('merges a pair once, also for 64 connections at once and in both directions', async () => {
    const { world, kept, gone } = await attacked();
    const tries = await Promise.allSettled(
      Array.from({ length: 64 }, (_, at) =>
        at % 2 === 0 ? mergeOf(world, kept, gone) : mergeOf(world, gone, kept),
      ),
    );
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await world.rows('lead_merges')).toHaveLength(1);
  });

  it('waits while a message to one of them is being sent', async () => {
    const { world, kept, gone } = await attacked();
    await world.request(gone, CAMPAIGN);
    await world.work();
    const { item, draft } = await world.draftOf(gone);
    expect(draft).toBeDefined();
    await transaction(db, actorOf(world.person), async (tx) => {
      await tx.query(`SELECT 1 FROM sales_send_queue WHERE id = $1`, [item.id]);
    });
    const [add] = leadAddressOperations;
    expect((await readOf<{ id: string }>(world, add, { id: kept, value: 'x@acme.example' })).id).toBe(kept);
  });
});
