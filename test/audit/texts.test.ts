import { describe, expect, it } from 'vitest';
import { sqlState } from '../../src/db/errors.ts';
import { openOwnerPool } from '../../src/db/open.ts';
import type { Connection } from '../../src/db/pool.ts';
import { testDatabase } from '../database.ts';
import { approvedLeads, beginData, record, reserve } from '../sending/send_world.ts';
import { createWorld, type World } from '../world.ts';
import { chainWorld, seal, tamper, verify } from './chain_world.ts';

/* Texts that the chain protects by their hash, and the marks that the owner of the tables leaves there. */

const { db, owner_url } = await testDatabase();

const rewrite = (draft_id: string, columns = `body = 'Another text.'`) =>
  tamper(db, async (own) => {
    await own.query(`UPDATE staged_drafts SET ${columns} WHERE id = $1`, [draft_id]);
    // Changes the approval's hash too, so that the related rows agree.
    await own.query(
      `UPDATE draft_approvals a SET content_hash = d.content_hash FROM staged_drafts d WHERE d.id = a.draft_id AND d.id = $1`,
      [draft_id],
    );
  });

const firstDraft = async (world: World) =>
  (await world.rows<{ id: string }>('staged_drafts', 'true ORDER BY id'))[0]!.id;

describe('a text cannot be changed unnoticed', () => {
  it('once it was handed over, approved by itself or with its template', async () => {
    const world = await chainWorld(db);
    const { head_hash } = await verify(world);
    const draft_id = await firstDraft(world);
    const [before] = await world.rows<{ body: string }>('staged_drafts', `id = '${draft_id}'`);
    await rewrite(draft_id);
    const { finding } = await verify(world, head_hash);
    expect(finding).toMatchObject({ what: 'text_changed', log: null });
    expect(finding!.says).toContain('differs from the text sent');
    await rewrite(draft_id, `body = '${before!.body.replaceAll("'", "''")}'`);
    expect(await verify(world, head_hash)).toMatchObject({ ok: true });
  });

  it('once a person approved it', async () => {
    const world = await createWorld(db);
    await approvedLeads(world, 1);
    const draft_id = await firstDraft(world);
    expect(await verify(world)).toMatchObject({ ok: true });
    for (const columns of [`to_id = 'other@prospect.example'`, `subject = 'Another'`, `body = '(erased)'`]) {
      await rewrite(draft_id, columns);
      expect((await verify(world)).finding, columns).toMatchObject({
        what: 'text_changed',
        row_id: draft_id,
      });
    }
    await tamper(db, async (own) => {
      await own.query('DELETE FROM draft_approvals WHERE draft_id = $1', [draft_id]);
      await own.query('DELETE FROM staged_drafts WHERE id = $1', [draft_id]);
    });
    expect((await verify(world)).finding).toMatchObject({ what: 'text_changed', row_id: draft_id });
  });

  it('while its delivery is unknown', async () => {
    const world = await createWorld(db);
    await approvedLeads(world, 1);
    const [send] = await reserve(world);
    await beginData(world, send!);
    await record(world, send!, { kind: 'unknown', response: 'gone' });
    await rewrite(await firstDraft(world));
    expect((await verify(world)).finding!.says).toContain('differs from the text sent');
  });
});

describe('the owner of the tables, opening records as an erasure does', () => {
  /** With the login that migrates, and every trigger enabled. */
  async function asOwner(world: World, statements: (own: Connection) => Promise<unknown>) {
    const owner = await openOwnerPool({ url: owner_url, max: 1 });
    const own = await owner.checkout();
    try {
      await own.query('BEGIN');
      // As an actor that the audit does not record.
      await own.query(
        `SELECT set_config('touchline.org', $1, true), set_config('touchline.actor_kind', 'coordinator', true)`,
        [world.org_id],
      );
      await statements(own);
      await own.query('COMMIT');
      return null;
    } catch (error) {
      return sqlState(error) ?? String(error);
    } finally {
      own.release(true);
      await owner.close();
    }
  }
  const open = (own: Connection, world: World, lead: string) =>
    own.query(
      `INSERT INTO erasures_begun (org_id, id, begun_at, transaction_id)
       SELECT org_id, id, now(), pg_current_xact_id()::text::bigint FROM leads WHERE org_id = $1 AND id = $2`,
      [world.org_id, lead],
    );
  const say = (own: Connection, lead: string) =>
    own.query(`SELECT set_config('touchline.erasing', $1, true)`, [lead]);
  const change = (own: Connection, domain = 'gone.example') =>
    own.query('DELETE FROM suppressions WHERE value = $1', [domain]);

  async function suppressedWorld() {
    const world = await createWorld(db);
    const lead = await world.addLead();
    await db.query(
      `INSERT INTO suppressions (org_id, id, kind, value, reason, source) VALUES ($1, gen_random_uuid(), 'domain', 'gone.example', 'x', 'earlier'), ($1, gen_random_uuid(), 'domain', 'other.example', 'x', 'earlier')`,
      [world.org_id],
    );
    await seal(world);
    return { world, lead };
  }

  it('cannot change a row by only naming the lead', async () => {
    const { world, lead } = await suppressedWorld();
    for (const [name, code] of [
      [lead, 'TL003'],
      ['on', '22P02'],
    ] as const) {
      const said = await asOwner(world, async (own) => {
        await say(own, name);
        await change(own);
      });
      expect(said).toBe(code);
    }
  });

  it('leaves a mark that verification reports', async () => {
    const { world, lead } = await suppressedWorld();
    const said = await asOwner(world, async (own) => {
      await open(own, world, lead);
      await say(own, lead);
      await change(own);
    });
    expect(said).toBeNull();
    expect(await world.rows('suppressions')).toHaveLength(1);
    const { finding } = await verify(world);
    expect(finding).toMatchObject({ what: 'erasure_unfinished', log: 'audit' });
    expect(finding!.says).toContain(lead);
    // The mark is valid in that transaction only and cannot be changed.
    expect(await asOwner(world, (own) => open(own, world, lead))).toBe('23505');
    const renew = `UPDATE erasures_begun SET transaction_id = pg_current_xact_id()::text::bigint`;
    for (const text of [`DELETE FROM suppressions`, `DELETE FROM erasures_begun`, renew]) {
      const later = asOwner(world, async (own) => {
        await say(own, lead);
        await own.query(text);
      });
      expect(await later, text).toBe('TL003');
    }
  });

  it('cannot hide the change with a record of an erasure that never happened', async () => {
    const { world, lead } = await suppressedWorld();
    const close = `INSERT INTO lead_erasures (org_id, id, erased_at, erased_by_user_id, reason, log_row_count, log_digest)
      SELECT org_id, $1, now(), id, 'asked', 0, erasure_digest(org_id, $1) FROM users WHERE org_id = $2 LIMIT 1`;
    const opened = (also: (own: Connection) => Promise<unknown>) =>
      asOwner(world, async (own) => {
        await open(own, world, lead);
        await say(own, lead);
        await change(own);
        await own.query(close, [lead, world.org_id]);
        await also(own);
      });
    // The record closes the mark.
    expect(await opened((own) => change(own, 'other.example'))).toBe('TL003');
    expect(await opened(async () => undefined)).toBeNull();
    expect((await verify(world)).finding).toMatchObject({ what: 'erasure_unfinished' });
  });
});
