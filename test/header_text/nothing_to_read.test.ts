import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { sqlState } from '../../src/db/errors.ts';
import { openTemplates } from '../../src/templates/threads.ts';
import { testDatabase } from '../database.ts';
import { createWorld } from '../world.ts';

/* A template may render an invisible text for one lead alone: that touch fails with the reason, and all others continue. */

const { db } = await testDatabase();
const CAMPAIGN = 'b2bea_membership_close';
const JOINER = '\u200d';
/** Characters without a width, from every plane that has some. */
const INVISIBLE = [JOINER, '\u2800', '\ufe0f', '\u{e0100}', '\u{13430}'];

it.each(INVISIBLE)('a template that renders only %j is refused when it is submitted', async (text) => {
  const templates = openTemplates();
  const check = (template: { subject: string | null; body: string }) =>
    templates.check({ kind: 'campaign', templates: [template], pre_approved: false }, 'someone');
  const made = `{{ '${text}' }}`;
  expect(await check({ subject: made, body: 'Hello' })).toMatchObject({ step: 0 });
  expect(await check({ subject: 'Hello', body: made })).toMatchObject({
    message: expect.stringContaining('empty message'),
  });
  await templates.close();
});

it.each(['subject', 'body'])(
  'a %s that is invisible for one lead fails for that lead alone',
  async (field) => {
    const world = await createWorld(db);
    const template = `{% if lead.first_name == 'Zed' %}{{ '%E2%80%8D' | url_decode }}{% else %}Hello{% endif %}`;
    await db.query(`UPDATE campaign_sequences SET ${field}_template = $2 WHERE org_id = $1`, [
      world.org_id,
      template,
    ]);
    const zed = await world.addLead({ first_name: 'Zed' });
    const other = await world.addLead({ first_name: 'Ada' });
    for (const lead_id of [zed, other]) await world.request(lead_id, CAMPAIGN);
    await world.work();
    const reason =
      field === 'subject' ? 'the subject has nothing to read' : 'the template renders an empty message';
    const [task] = await world.rows('agent_tasks', `lead_id = '${zed}'`);
    expect(task).toMatchObject({ status: 'failed', error: expect.stringContaining(reason) });
    expect((await world.draftOf(other)).item.status).toBe('drafted');
  },
);

it.each(INVISIBLE)('the database accepts no draft of %j', async (text) => {
  const world = await createWorld(db);
  const lead_id = await world.addLead();
  await world.request(lead_id, CAMPAIGN);
  await world.work();
  const { draft } = await world.draftOf(lead_id);
  const { content_hash: _, ...columns } = draft;
  const row = { ...columns, id: randomUUID(), version: 2, body: text };
  const names = Object.keys(row).join(', ');
  const copied = db.query(
    `INSERT INTO staged_drafts (${names}) SELECT ${names} FROM jsonb_populate_record(NULL::staged_drafts, $1)`,
    [JSON.stringify(row)],
  );
  expect(await copied.catch(sqlState)).toBe('23514');
});
