import { type Actor, type OwnerPool, transaction } from '../../src/db/pool.ts';
import { newId } from '../../src/ids.ts';
import type { PlayState, UserRole } from '../../src/schema.gen.ts';
import type { TestDb } from '../database.ts';
import { createWorld, type World } from '../world.ts';

/** Everyone who may try to write a play. `nobody` is SQL by hand, without an actor. */
export const WRITERS = [
  'brain',
  'other_brain',
  'role_agent',
  'revops',
  'slm',
  'both_roles',
  'rep',
  'exec',
  'admin',
  'auditor',
  'coordinator',
  'system',
  'nobody',
] as const;
export type Writer = (typeof WRITERS)[number];

const ROLES: Partial<Record<Writer, UserRole[]>> = {
  revops: ['revops'],
  slm: ['slm'],
  both_roles: ['revops', 'slm'],
  rep: ['rep'],
  exec: ['exec'],
  admin: ['admin'],
  auditor: ['auditor'],
};

export const PLAY = {
  name: 'Month-end relief',
  hypothesis: 'Controllers who close by hand answer to a shorter close.',
  target_definition: { icp_tiers: ['T1', 'T2'], titles: ['Controller', 'CFO'] },
  suggested_cadence: {
    steps: [
      {
        delay_days: 0,
        channel: 'email',
        content_type: 'follow_up',
        template_instructions: 'Ask about their close.',
      },
      {
        delay_days: 4,
        channel: 'email',
        content_type: 'proof',
        template_instructions: 'Show how long others take.',
      },
    ],
    touch_count: 2,
    channel_mix: { email: 2 },
  },
  success_criteria: { meeting_rate: 0.08, acv: 24_000 },
};

/** An org with one person in each role, two more approvers, and plays in any state. */
export async function createPlayWorld(db: TestDb) {
  const world = await createWorld(db);
  return { ...world, ...(await playsOf(db, world)) };
}

/** The same in an existing org. */
export async function playsOf(db: OwnerPool, { org_id, clock }: World) {
  const people = new Map<string, string>();
  for (const [name, roles] of Object.entries({ ...ROLES, other_slm: ['slm'], other_revops: ['revops'] })) {
    const id = newId(clock);
    people.set(name, id);
    await db.query(
      `INSERT INTO users (org_id, id, email, name, roles) VALUES ($1, $2, $3, $4, $5::user_role[])`,
      [org_id, id, `${name}@players.example`, name, roles],
    );
  }
  const actors: Record<string, Actor> = {
    brain: { org_id, kind: 'agent', id: 'AGT-901' },
    other_brain: { org_id, kind: 'agent', id: 'AGT-902' },
    role_agent: { org_id, kind: 'agent', id: 'roles.bdr' },
    coordinator: { org_id, kind: 'coordinator', id: 'AGT-302' },
    system: { org_id, kind: 'system', id: null },
  };
  for (const [name, id] of people) actors[name] = { org_id, kind: 'human', id };
  let segments = 0;
  /** As `writer`, on the database as its superuser: no refusal is due to a missing right. */
  const as = async (writer: string, text: string, values: readonly unknown[] = [], on: OwnerPool = db) =>
    writer === 'nobody'
      ? on.query(text, values)
      : transaction(on, actors[writer]!, (tx) => tx.query(text, values));
  const addSegment = async (): Promise<string> => {
    segments += 1;
    const segment = `segment_${segments}`;
    await db.query(
      `INSERT INTO territory_definitions (org_id, segment, name, created_at, updated_at) VALUES ($1, $2, 'A segment', now(), now())`,
      [org_id, segment],
    );
    return segment;
  };
  const propose = async (columns: Record<string, unknown> = {}, writer = 'brain'): Promise<string> => {
    const play = {
      org_id,
      play_id: newId(clock),
      scope: 'segment',
      segment: columns.scope === 'account_specific' ? null : (columns.segment ?? (await addSegment())),
      ...PLAY,
      originating_proposal_id: newId(clock),
      writer_agent_id: writer === 'other_brain' ? 'AGT-902' : 'AGT-901',
      created_at: clock.now(),
      client_id: 'b2bea',
      drafted: {},
      ...columns,
    };
    await as(
      writer,
      `INSERT INTO brain_analysis_log (org_id, proposal_id, agent_id, summary, analysis, created_at)
       VALUES ($1, $2, $3, 'Relief', 'Closing by hand takes nine days.', $4) ON CONFLICT DO NOTHING`,
      [org_id, play.originating_proposal_id, play.writer_agent_id, clock.now()],
    );
    await as(writer, INSERT, [JSON.stringify(play)]);
    return play.play_id;
  };
  const approve = (play_id: string, who: string, role: 'slm' | 'revops') =>
    as(
      who,
      `UPDATE sales_play_library SET ${role}_approver_user_id = $2, ${role}_approved_at = $3 WHERE play_id = $1`,
      [play_id, people.get(who), clock.now()],
    );
  const pickUp = (play_id: string, who = 'other_revops') =>
    as(
      who,
      `UPDATE sales_play_library SET state = 'under_review', picked_up_by_user_id = $2, picked_up_at = $3 WHERE play_id = $1`,
      [play_id, people.get(who), clock.now()],
    );
  const activate = (play_id: string, who = 'other_slm') =>
    as(who, `UPDATE sales_play_library SET state = 'active', activated_at = $2 WHERE play_id = $1`, [
      play_id,
      clock.now(),
    ]);
  /** Through every earlier state. Under review it has both approvals, if `approved`. */
  const playIn = async (state: PlayState, columns: Record<string, unknown> = {}): Promise<string> => {
    const play_id = await propose(columns);
    if (state === 'draft') return play_id;
    await pickUp(play_id);
    if (state === 'under_review') return play_id;
    await approve(play_id, 'other_revops', 'revops');
    await approve(play_id, 'other_slm', 'slm');
    await activate(play_id);
    if (state === 'active') return play_id;
    await as(
      'other_revops',
      `UPDATE sales_play_library SET state = 'retired', retired_at = $3, retired_by_user_id = $2, retire_reason = 'completed'
       WHERE play_id = $1`,
      [play_id, people.get('other_revops'), clock.now()],
    );
    return play_id;
  };
  const read = async (play_id: string): Promise<Record<string, unknown>> => {
    const { rows } = await db.query(`SELECT * FROM sales_play_library WHERE play_id = $1`, [play_id]);
    return rows[0]!;
  };
  return { people, actors, as, addSegment, propose, pickUp, approve, activate, playIn, read };
}

/** In an UPDATE of a play: now, but not before its earlier events, since the world's clock differs. */
export const LATEST = `greatest(now(), created_at, picked_up_at, slm_approved_at, revops_approved_at, activated_at)`;

const INSERT = `INSERT INTO sales_play_library SELECT * FROM jsonb_populate_record(
  NULL::sales_play_library, '{"state": "draft"}'::jsonb || $1::jsonb)`;

export { INSERT as INSERT_PLAY };
