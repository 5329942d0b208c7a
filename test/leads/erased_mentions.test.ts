import { describe, expect, it } from 'vitest';
import { sqlState } from '../../src/db/errors.ts';
import { transaction } from '../../src/db/pool.ts';
import { actorOf } from '../../src/principal.ts';
import { verify } from '../audit/chain_world.ts';
import { testDatabase } from '../database.ts';
import { PLAY, playsOf } from '../plays/play_world.ts';
import { type TaskWorld, taskWorld } from '../tasks/task_calls.ts';
import { placesOf } from './erasure_world.ts';

/* Shared texts that name an erased person: they are listed for a person to edit, without the name. */

const { db } = await testDatabase();

const CAMPAIGN = 'b2bea_membership_close';
const NAME = 'Philomena Thistlewood';
const NAMED = { hypothesis: `${NAME} closed by hand, and others like her answer.` };
const person = { first_name: 'Philomena', last_name: 'Thistlewood' };

const listed = async (world: TaskWorld, lead_id?: string) =>
  (await world.call('list_erased_mentions', world.person, lead_id === undefined ? {} : { lead_id })).items;
const erase = (world: TaskWorld, id: string) =>
  world.call('erase_lead', world.person, { id, reason: 'They asked us to.' });
const as = (world: TaskWorld, text: string, values: unknown[] = []) =>
  transaction(db.app, actorOf(world.person), (tx) => tx.query(text, values)).then(() => null, sqlState);

describe('a play that names the person', () => {
  it('is listed until a person edits the text, and the audit does not keep the name', async () => {
    const world = await taskWorld(db);
    const { playIn } = await playsOf(db, world);
    const id = await world.addLead(person);
    const open = await playIn('under_review', { ...NAMED, name: `For ${NAME}`, drafted: {} });
    await playIn('under_review');
    const before = (await verify(world)).head_hash;
    const { to_review } = await erase(world, id);
    expect(to_review).toMatchObject([
      { kind: 'play', reference: open, field: 'name', lead_id: id },
      { kind: 'play', reference: open, field: 'hypothesis' },
    ]);
    expect(await listed(world)).toEqual(to_review);
    expect(await listed(world, crypto.randomUUID())).toEqual([]);
    // The brain's original draft cannot be edited.
    expect(await world.rows('sales_play_library', `play_id = '${open}'`)).toMatchObject([
      { ...NAMED, drafted: { name: 'For (erased)' } },
    ]);
    await world.call('edit_play', world.person, { id: open, success_criteria: { meeting_rate: 0.2 } });
    expect(await listed(world)).toHaveLength(2);
    await world.call('edit_play', world.person, { id: open, hypothesis: PLAY.hypothesis });
    expect(await listed(world)).toMatchObject([{ field: 'name' }]);
    await world.call('edit_play', world.person, { id: open, name: 'For those who close by hand' });
    expect(await listed(world)).toEqual([]);
    expect(await placesOf(db, ['thistlewood'])).toEqual([]);
    expect(await verify(world, before)).toMatchObject({ ok: true, finding: null });
  });

  it('stays listed until a person has reviewed it if it can no longer be edited', async () => {
    const world = await taskWorld(db);
    const { playIn } = await playsOf(db, world);
    const id = await world.addLead({ ...person, email: 'active@prospect.example' });
    const active = await playIn('active', NAMED);
    const [entry] = (await erase(world, id)).to_review;
    expect(entry).toMatchObject({ kind: 'play', reference: active, field: 'hypothesis' });
    const rep = await world.addPerson('rep');
    const end = `UPDATE erased_mentions SET ended_at = now()`;
    expect(await as(world, end)).toBe('TL005');
    expect(await as(world, `${end}, reviewed_by_user_id = $1`, [(rep as { user_id: string }).user_id])).toBe(
      'TL005',
    );
    const reviewed = await world.call('review_erased_mention', world.person, { id: entry.id });
    expect(reviewed).toMatchObject({ id: entry.id, changed: true });
    expect(await world.call('review_erased_mention', world.person, { id: entry.id })).toMatchObject({
      changed: false,
    });
    expect(await listed(world)).toEqual([]);
    for (const [text, code] of [
      [`UPDATE erased_mentions SET ended_at = NULL, reviewed_by_user_id = NULL`, 'TL001'],
      [`UPDATE erased_mentions SET field = 'name'`, 'TL012'],
      [`DELETE FROM erased_mentions`, '42501'],
      [
        `INSERT INTO erased_mentions (org_id, id, lead_id, subject_table, subject_key, field, found_at)
         SELECT org_id, gen_random_uuid(), lead_id, 'clients', 'x', 'name', now() FROM erased_mentions`,
        '42501',
      ],
    ] as const) {
      expect(await as(world, text), text).toBe(code);
      // With every right there is.
      const by_superuser = await db.query(text).then(() => null, sqlState);
      expect(by_superuser, text).toMatch(/^TL0(01|03|12|41)$/);
    }
  });

  it('loses the name in everything its brain wrote', async () => {
    const world = await taskWorld(db);
    const { playIn, read } = await playsOf(db, world);
    const id = await world.addLead({ ...person, email: 'brain@prospect.example' });
    const play = await read(await playIn('draft'));
    await db.query(`ALTER TABLE brain_analysis_log DISABLE TRIGGER brain_analysis_log_removal`);
    await db.query(`UPDATE brain_analysis_log SET analysis = $2, evidence = $3 WHERE proposal_id = $1`, [
      play.originating_proposal_id,
      `${NAME} closes by hand.`,
      { leads: { [NAME]: [NAME] } },
    ]);
    await db.query(`ALTER TABLE brain_analysis_log ENABLE TRIGGER brain_analysis_log_removal`);
    await erase(world, id);
    expect(await world.rows('brain_analysis_log')).toMatchObject([
      { analysis: '(erased) closes by hand.', evidence: { leads: { '(erased)': ['(erased)'] } } },
    ]);
  });
});

it('a template, a brand and a segment that name the person are listed until they are edited', async () => {
  const world = await taskWorld(db);
  const { org_id } = world;
  const id = await world.addLead({ ...person, email: 'shared@prospect.example' });
  const step = `(SELECT id FROM campaign_sequences WHERE org_id = $1 AND step_number = 1
                 AND campaign_id = (SELECT id FROM campaigns WHERE org_id = $1 AND slug = $2))`;
  await db.query(`UPDATE campaign_sequences SET template_instructions = $3 WHERE id = ${step}`, [
    org_id,
    CAMPAIGN,
    `As with ${NAME}.`,
  ]);
  await db.query(`UPDATE clients SET postal_address = $2 WHERE org_id = $1 AND client_id = 'b2bea'`, [
    org_id,
    `c/o ${NAME}`,
  ]);
  await db.query(
    `INSERT INTO territory_definitions (org_id, segment, name, description, created_at, updated_at)
     VALUES ($1, 'one', 'One', $2, now(), now())`,
    [org_id, `${NAME} knows it.`],
  );
  const { to_review } = await erase(world, id);
  expect(
    to_review.map(({ kind, reference }: Record<string, string>) => `${kind} ${reference}`).sort(),
  ).toEqual(['brand b2bea', `campaign_step ${CAMPAIGN}`, 'segment one']);
  expect(to_review).toContainEqual(
    expect.objectContaining({ step_number: 1, field: 'template_instructions' }),
  );
  await db.query(`UPDATE campaign_sequences SET template_instructions = 'x' WHERE id = ${step}`, [
    org_id,
    CAMPAIGN,
  ]);
  await db.query(`UPDATE clients SET postal_address = 'x' WHERE org_id = $1`, [org_id]);
  await db.query(`DELETE FROM territory_definitions WHERE org_id = $1 AND segment = 'one'`, [org_id]);
  expect(await listed(world)).toEqual([]);
  const lines = await world.rows<{ changes: object }>('audit_log');
  expect(lines.filter((line) => JSON.stringify(line).includes('Thistlewood'))).toEqual([]);
  expect(await verify(world)).toMatchObject({ ok: true });
});

it('a draft to another lead that names the person is listed until it has a new text', async () => {
  const world = await taskWorld(db);
  const id = await world.addLead({ ...person, email: 'named@prospect.example' });
  const other = await world.addLead({ email: 'other@prospect.example' });
  await world.request(other, CAMPAIGN);
  await world.work();
  const draftOf = async () => (await world.draftOf(other)).draft;
  const edit = async (body: string) => {
    const { id: draft_id, content_hash } = await draftOf();
    await world.call('edit_draft', world.person, { id: draft_id, content_hash, subject: 'Hello', body });
  };
  await edit(`You know ${NAME}, don't you?`);
  const draft = await draftOf();
  expect((await erase(world, id)).to_review).toMatchObject([
    { kind: 'draft', reference: draft.id, field: 'body' },
  ]);
  expect((await draftOf()).content_hash).toBe(draft.content_hash);
  await edit('Hello again.');
  expect(await listed(world)).toEqual([]);
});
