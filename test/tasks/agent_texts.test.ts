import { expect, it } from 'vitest';
import { sqlState } from '../../src/db/errors.ts';
import { transaction } from '../../src/db/pool.ts';
import { actorOf } from '../../src/principal.ts';
import type { StagedDraftsRow } from '../../src/schema.gen.ts';
import { testDatabase } from '../database.ts';
import { scale } from '../scale.ts';
import { type TaskWorld, taskWorld } from './task_calls.ts';

/* An agent overwrites only texts of agents: a person's text stays, whatever the path and however close in time. */

const CONNECTIONS = 64;
const ROUNDS = scale(3, 60);

const { db } = await testDatabase({ max: CONNECTIONS });

/** A touch with a first text of brooke's. */
async function drafted(world: TaskWorld) {
  const { id, queue_id } = await world.dueTask(await world.addLead(), 'b2bea_membership_close');
  const claim_id = await world.claimAs(id, 'roles.sales');
  const text = { queue_id, claim_id, subject: 'Hello', body: 'A first text.' };
  return world.call('write_draft', world.brooke, text);
}

const versionsOf = async (world: TaskWorld, queue_id: string) =>
  (await world.rows<StagedDraftsRow>('staged_drafts', `queue_id = '${queue_id}'`)).toSorted(
    (a, b) => a.version - b.version,
  );

/** A version by an agent, with its own SQL. */
const insertVersion = `
  INSERT INTO staged_drafts (org_id, id, queue_id, version, channel, to_id, subject, body, context, written_by_agent_id)
  SELECT d.org_id, gen_random_uuid(), d.queue_id, d.version + $2, d.channel, d.to_id, d.subject, 'Mine.', d.context, 'roles.sales'
  FROM staged_drafts d WHERE d.queue_id = $1 ORDER BY d.version DESC LIMIT 1 RETURNING id`;

it('an agent cannot overwrite a person’s text, which stays current', async () => {
  const world = await taskWorld(db);
  const first = await drafted(world);
  const { queue_id } = first;
  const shorter = { queue_id, content_hash: first.content_hash, body: 'Shorter.' };
  const second = await world.call('write_draft', world.brooke, shorter);
  const { content_hash } = second;
  const edit = { id: second.id, content_hash, subject: 'Hello', body: 'As a person says it.' };
  const edited = await world.call('edit_draft', world.person, edit);
  const over = { queue_id, content_hash: edited.content_hash, body: 'I know better.' };
  expect(await world.refused('write_draft', world.brooke, over)).toMatchObject({
    ...{ code: 'written_by_person', status: 409, hint: expect.any(String) },
  });
  const as = (text: string, values: readonly unknown[]) =>
    transaction(db.app, actorOf(world.brooke), (tx) => tx.query(text, values)).then(() => null, sqlState);
  expect(await as(insertVersion, [queue_id, 1])).toBe('TL060');
  const set = 'UPDATE sales_send_queue SET staged_draft_id = $2 WHERE id = $1';
  expect(await as(set, [queue_id, second.id])).toBe('TL006');
  expect(await as(set, [queue_id, null])).toBe('TL006');
  const coordinator = { ...actorOf(world.brooke), kind: 'coordinator', id: 'AGT-302' } as const;
  const later = transaction(db.app, coordinator, (tx) => tx.query(insertVersion, [queue_id, 1]));
  await expect(later).rejects.toMatchObject({ code: 'TL060' });
  expect((await world.rows('sales_send_queue', `id = '${queue_id}'`))[0]).toMatchObject({
    staged_draft_id: edited.id,
  });
});

it('when a person and agents write at once, the person’s text is last', async () => {
  const world = await taskWorld(db);
  for (let round = 0; round < ROUNDS; round += 1) {
    const { id, queue_id, content_hash } = await drafted(world);
    const by_person = editUntilDone(world, { id, queue_id, content_hash });
    const by_agents = Array.from({ length: CONNECTIONS - 1 }, (_, at) =>
      at % 8 > 0
        ? world.call('write_draft', world.brooke, { queue_id, content_hash, body: `Text ${at}.` })
        : writeBySql(world, queue_id),
    );
    const refusals = (await Promise.allSettled([...by_agents, by_person])).flatMap((one) =>
      one.status === 'rejected' ? [(one.reason as { code: string }).code] : [],
    );
    expect([...new Set(refusals)].filter((code) => !EXPECTED.includes(code))).toEqual([]);
    const versions = await versionsOf(world, queue_id);
    const by_user = versions.findIndex((one) => one.written_by_user_id !== null);
    expect(by_user).toBeGreaterThan(0);
    expect(versions.slice(by_user).filter((one) => one.written_by_agent_id !== null)).toEqual([]);
  }
});

/**
 * As the operation does, without its check of the previous author and without the lead's lock; several times, whichever is
 * faster.
 */
async function writeBySql(world: TaskWorld, queue_id: string): Promise<void> {
  for (let written = 0; written < 4; ) {
    try {
      await transaction(db.app, actorOf(world.brooke), async (tx) => {
        const { rows } = await tx.query<{ id: string }>(insertVersion, [queue_id, 1]);
        const set = 'UPDATE sales_send_queue SET staged_draft_id = $2 WHERE id = $1';
        await tx.query(set, [queue_id, rows[0]!.id]);
      });
      written += 1;
    } catch (error) {
      if (sqlState(error) !== '23505') throw error;
    }
  }
}

/**
 * Errors of a lost race: the text has changed, or a person wrote it; two wrote the same version; the turn came too late.
 */
const EXPECTED = ['draft_changed', 'written_by_person', 'TL060', '23505', '55P03'];

/** Edits the current version, again as often as agents are faster. */
async function editUntilDone(
  world: TaskWorld,
  draft: { id: string; queue_id: string; content_hash: string },
): Promise<void> {
  const text = { subject: 'Hello', body: 'As a person says it.' };
  for (let current = draft; ; ) {
    try {
      await world.call('edit_draft', world.person, {
        ...text,
        id: current.id,
        content_hash: current.content_hash,
      });
      return;
    } catch (error) {
      if (!['draft_changed', '23505', '55P03'].includes((error as { code: string }).code)) throw error;
      const newest = (await versionsOf(world, draft.queue_id)).at(-1)!;
      current = newest;
    }
  }
}
