import { describe, expect, it } from 'vitest';
import { sqlState } from '../../src/db/errors.ts';
import { transaction } from '../../src/db/pool.ts';
import { newId } from '../../src/ids.ts';
import type { Principal } from '../../src/principal.ts';
import type { CampaignApprovers } from '../../src/schema.gen.ts';
import { testDatabase } from '../database.ts';
import { type TaskWorld, taskWorld } from '../tasks/task_calls.ts';

/* The right to approve and reject the drafts of a campaign. */

const { db } = await testDatabase();
const SLUG = 'b2bea_membership';

type Person = Extract<Principal, { kind: 'human' }>;
type Crew = Record<'owner' | 'rep' | 'revops' | 'exec' | 'admin' | 'sender' | 'auditor', Person>;

async function crewOf(world: TaskWorld): Promise<Crew> {
  // The first user has every role, so would be in every group.
  await db.query(`UPDATE users SET roles = '{admin}' WHERE org_id = $1`, [world.org_id]);
  const person = async (name: string, ...roles: Person['roles']) => {
    const who = (await world.addPerson(...roles)) as Person;
    await db.query(`UPDATE users SET name = $2 WHERE id = $1`, [who.user_id, name]);
    return who;
  };
  return {
    owner: await person('Olive Owner', 'rep'),
    rep: await person('Robin Rep', 'rep'),
    sender: await person('Sam Sender', 'rep'),
    revops: await person('Rae Revops', 'revops'),
    exec: await person('Eve Exec', 'exec'),
    admin: await person('Ada Admin', 'admin'),
    auditor: await person('Ali Auditor', 'auditor'),
  };
}

async function drafted(world: TaskWorld, approvers: CampaignApprovers, lead: Record<string, unknown> = {}) {
  await db.query(`UPDATE campaigns SET approvers = $2 WHERE org_id = $1 AND slug = $3`, [
    world.org_id,
    approvers,
    SLUG,
  ]);
  const lead_id = await world.addLead(lead);
  await world.request(lead_id, SLUG);
  await world.work();
  const { draft } = await world.draftOf(lead_id);
  return { lead_id, id: draft.id, content_hash: draft.content_hash };
}
type Drafted = Awaited<ReturnType<typeof drafted>>;

const APPROVING = `INSERT INTO draft_approvals (org_id, id, draft_id, content_hash, approved_by_user_id, approved_at)
  VALUES ($1, $2, $3, $4, $5, $6)`;
const REJECTING = `INSERT INTO draft_rejections (org_id, id, draft_id, reason, rejected_by_user_id, rejected_at)
  VALUES ($1, $2, $3, $4, $5, $6)`;

class Undone extends Error {}

/** The SQLSTATE of a hand-written decision as the application's role, or null if it is allowed. Rolled back. */
async function bySql(world: TaskWorld, text: string, who: Person, draft: Drafted): Promise<string | null> {
  const { org_id, clock } = world;
  try {
    await transaction(db.app, { org_id, kind: 'human', id: who.user_id }, async (tx) => {
      await tx.query(text, [org_id, newId(clock), draft.id, draft.content_hash, who.user_id, clock.now()]);
      throw new Undone();
    });
  } catch (error) {
    return error instanceof Undone ? null : (sqlState(error) ?? String(error));
  }
  return null;
}

/** The crew who may decide, by approval and by rejection alike. */
async function deciders(world: TaskWorld, crew: Crew, draft: Drafted): Promise<string[]> {
  const able: string[] = [];
  for (const [name, who] of Object.entries(crew)) {
    const said = [await bySql(world, APPROVING, who, draft), await bySql(world, REJECTING, who, draft)];
    expect(said[1]).toBe(said[0]);
    if (said[0] === null) able.push(name);
    else expect(said[0]).toBe('TL083');
  }
  return able;
}

describe('approvers', () => {
  it.each<[CampaignApprovers, (keyof Crew)[], string]>([
    ['anyone', ['owner', 'rep', 'sender', 'revops', 'exec', 'admin'], 'or others'],
    ['owner', ['owner'], 'Only Olive Owner may approve or reject this.'],
    ['sender', ['sender'], 'Only Sam Sender may approve or reject this.'],
    ['executive', ['exec'], 'Only Eve Exec may approve or reject this.'],
  ])('%s: the database and the API refuse everyone else, and name who may', async (kind, able, says) => {
    const world = await taskWorld(db);
    const crew = await crewOf(world);
    await db.query(`UPDATE mailboxes SET owner_user_id = $2 WHERE org_id = $1`, [
      world.org_id,
      crew.sender.user_id,
    ]);
    const draft = await drafted(world, kind, { owner_user_id: crew.owner.user_id });
    expect(await deciders(world, crew, draft)).toEqual(
      Object.keys(crew).filter((name) => able.includes(name as keyof Crew)),
    );
    const outsider = kind === 'anyone' ? crew.auditor : crew.rep;
    const { id, content_hash } = draft;
    const seen = await world.call('get_draft', outsider, { id });
    const names = kind === 'anyone' ? [] : [expect.stringContaining(' ')];
    expect(seen).toMatchObject({ approvers: kind, may_decide: false, approver_names: names });
    const pending = { status: 'drafted', decidable: 'true' };
    expect((await world.call('list_drafts', outsider, pending)).items).toEqual([]);
    const { items } = await world.call('list_drafts', crew[able[0]!], { ...pending, campaign_slug: SLUG });
    expect(items).toMatchObject([{ id, may_decide: true }]);
    if (kind !== 'anyone') {
      for (const [name, input] of [
        ['approve_draft', { id, content_hash }],
        ['reject_draft', { id, reason: 'wrong tone' }],
      ] as const) {
        const refusal = await world.refused(name, outsider, input);
        expect(refusal).toMatchObject({ code: 'not_approver', status: 403, message: says });
        expect(refusal.hint).toBe('Ask them, or ask RevOps to change who approves.');
      }
      // Editing stays open.
      const edit = await world.call('edit_draft', outsider, { id, content_hash, body: 'Another text.' });
      draft.id = edit.current_draft_id;
      draft.content_hash = edit.versions.at(-1).content_hash;
    }
    const approved = await world.call('approve_draft', crew[able[0]!], {
      id: draft.id,
      content_hash: draft.content_hash,
    });
    expect(approved).toMatchObject({ status: 'approved' });
  });

  it('shows the sender a draft for the lead of another owner among their own, because only the sender decides', async () => {
    const world = await taskWorld(db);
    const { owner, sender } = await crewOf(world);
    await db.query(`UPDATE mailboxes SET owner_user_id = $2 WHERE org_id = $1`, [
      world.org_id,
      sender.user_id,
    ]);
    const { id } = await drafted(world, 'sender', { owner_user_id: owner.user_id });
    for (const [who, count] of [
      [sender, 1],
      [owner, 0],
    ] as const) {
      const mine = { scope: 'mine' };
      const { items } = await world.call('list_drafts', who, {
        ...mine,
        status: 'drafted',
        decidable: 'true',
      });
      expect(items.map((one: { id: string }) => one.id)).toEqual(count === 1 ? [id] : []);
      expect((await world.call('count_drafts', who, mine)).decidable).toBe(count);
      expect((await world.call('get_today', who, mine)).drafts.count).toBe(count);
    }
  });

  it.each<[CampaignApprovers, string]>([
    ['owner', 'a lead without an owner'],
    ['sender', 'a mailbox without an owner'],
    ['executive', 'an organization without an executive'],
  ])('%s: RevOps and admins decide for %s', async (kind) => {
    const world = await taskWorld(db);
    const crew = await crewOf(world);
    const draft = await drafted(world, kind);
    await db.query(`UPDATE users SET deactivated_at = now() WHERE id = $1`, [crew.exec.user_id]);
    const able = await deciders(world, { ...crew, exec: crew.revops }, draft);
    expect(able).toEqual(['revops', 'exec', 'admin']);
  });

  it('a person who left decides nothing; an earlier approval stays valid under another owner', async () => {
    const world = await taskWorld(db);
    const crew = await crewOf(world);
    const draft = await drafted(world, 'owner', { owner_user_id: crew.owner.user_id });
    await world.call('approve_draft', crew.owner, { id: draft.id, content_hash: draft.content_hash });
    await db.query(`UPDATE leads SET owner_user_id = $2 WHERE id = $1`, [draft.lead_id, crew.rep.user_id]);
    await world.work();
    expect(world.sent).toHaveLength(1);
    const other = await drafted(world, 'owner', { owner_user_id: crew.owner.user_id });
    await db.query(`UPDATE users SET deactivated_at = now() WHERE id = $1`, [crew.owner.user_id]);
    expect(await bySql(world, APPROVING, crew.revops, other)).toBeNull();
    expect(await bySql(world, APPROVING, crew.rep, other)).toBe('TL083');
  });

  it('only an executive approves the templates of an executive campaign, and no owner or sender does', async () => {
    const world = await taskWorld(db);
    const crew = await crewOf(world);
    const nurture = 'b2bea_nurture';
    const [step] = (await world.call('get_campaign', crew.admin, { slug: nurture })).steps;
    const input = { slug: nurture, step_number: 1, template_hash: step.template_hash };
    await world.call('patch_campaign', crew.admin, { slug: nurture, approvers: 'executive' });
    expect(await world.refused('approve_template', crew.revops, input)).toMatchObject({
      code: 'not_approver',
      message: 'Only Eve Exec may approve or reject this.',
    });
    expect((await world.call('approve_template', crew.exec, input)).steps[0].template_approved).toBe(true);
    for (const approvers of ['owner', 'sender']) {
      const refusal = await world.refused('patch_campaign', crew.admin, { slug: nurture, approvers });
      expect(refusal).toMatchObject({ code: 'campaign_invalid', errors: [{ path: 'approvers' }] });
      const rule = `UPDATE campaigns SET approvers = $2::campaign_approvers WHERE org_id = $1 AND slug = 'b2bea_nurture'`;
      // campaigns_pre_approved_approvers
      const said = await db.query(rule, [world.org_id, approvers]).catch(sqlState);
      expect(said).toBe('23514');
    }
  });

  it('a definition without approvers keeps them, and the shipped closing campaign is the executive’s', async () => {
    const world = await taskWorld(db);
    const { approvers, entry } = await world.call('get_campaign', world.person, {
      slug: 'b2bea_membership_close',
    });
    expect({ approvers, entry }).toEqual({ approvers: 'executive', entry: 'routed' });
    await world.call('patch_campaign', world.person, { slug: SLUG, approvers: 'owner' });
    const renamed = await world.call('patch_campaign', world.person, { slug: SLUG, name: 'Renamed' });
    expect(renamed.approvers).toBe('owner');
  });
});
