import { generateKeyPairSync } from 'node:crypto';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { unsubscribeToken } from '../../src/coordinator/sending/unsubscribe_token.ts';
import { transaction } from '../../src/db/pool.ts';
import { confirmUnsubscribe } from '../../src/operations/leads/unsubscribe.ts';
import { registry } from '../../src/operations/registry.ts';
import { runOperation } from '../../src/operations/run.ts';
import type { Principal } from '../../src/principal.ts';
import type { AuditLogRow } from '../../src/schema.gen.ts';
import { testDatabase } from '../database.ts';
import { createWorld } from '../world.ts';

/* The audit of manual changes, from every writer and every surface. */

const { db } = await testDatabase();
const world = await createWorld(db);
const { context, person, org_id } = world;
const user_id = person.kind === 'human' ? person.user_id : '';
const agent: Principal = { kind: 'agent', org_id, agent_id: 'AGT-901', agent_kind: 'brain', name: 'Brain' };
const CAMPAIGN = 'b2bea_membership_close';

/** Runs an operation as a surface does and returns the audit lines that it wrote. */
async function audited(
  name: string,
  input: Record<string, unknown>,
  { principal = person, csv }: { principal?: Principal; csv?: string } = {},
) {
  const operation = registry.find((one) => one.name === name)!;
  const since = await lines();
  const body = csv === undefined ? {} : { body: { stream: Readable.from([csv]), media_type: 'text/csv' } };
  const answer = (await runOperation(operation, {
    context: { ...context, db: db.app },
    principal,
    surface: 'http',
    request_id: `request ${name}`,
    input: operation.input.parse(input),
    ...body,
  })) as Record<string, unknown>;
  return { answer, left: await linesBeyond(since) };
}

function lines(): Promise<AuditLogRow[]> {
  return world.rows<AuditLogRow>('audit_log', 'true ORDER BY id');
}

async function linesBeyond(known: AuditLogRow[]): Promise<AuditLogRow[]> {
  const ids = new Set(known.map(({ id }) => id));
  return (await lines()).filter(({ id }) => !ids.has(id));
}

async function enrolled(): Promise<{ lead_id: string; enrollment_id: string }> {
  const lead_id = await world.addLead();
  await world.request(lead_id, CAMPAIGN);
  await world.work();
  const [enrollment] = await world.rows<{ id: string }>('campaign_contacts', `lead_id = '${lead_id}'`);
  return { lead_id, enrollment_id: enrollment!.id };
}

describe('an audit line', () => {
  it('records actor, change, time, place, and the previous value', async () => {
    const lead_id = await world.addLead({ title: 'CTO' });
    const { left } = await audited('patch_lead', { id: lead_id, title: 'CEO', vertical: 'retail' });
    expect(left).toEqual([
      {
        org_id,
        id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7/),
        at: context.clock.now(),
        actor_kind: 'human',
        actor_id: user_id,
        asked_by_kind: 'human',
        asked_by_id: user_id,
        surface: 'http',
        operation: 'patch_lead',
        request_id: 'request patch_lead',
        database_login: expect.any(String),
        subject_table: 'leads',
        subject_key: lead_id,
        action: 'update',
        changes: { title: { old: 'CTO', new: 'CEO' }, vertical: { old: null, new: 'retail' } },
      },
    ]);
  });

  it('is not written when nothing changed', async () => {
    const lead_id = await world.addLead({ title: 'CTO' });
    expect((await audited('patch_lead', { id: lead_id, title: 'CTO' })).left).toEqual([]);
  });

  it('records an agent that acts for an agent, and on whose behalf the coordinator acted', async () => {
    const { lead_id, enrollment_id } = await enrolled();
    const { left } = await audited('opt_out_lead', { id: lead_id }, { principal: agent });
    const by_table = new Map(left.map((line) => [line.subject_table, line]));
    expect(by_table.get('leads')).toMatchObject({ actor_kind: 'agent', actor_id: 'AGT-901' });
    expect(by_table.get('campaign_contacts')).toMatchObject({
      actor_kind: 'coordinator',
      asked_by_kind: 'agent',
      asked_by_id: 'AGT-901',
      subject_key: enrollment_id,
      changes: { status: { old: 'active', new: 'rejected' } },
    });
    expect(by_table.get('sales_send_queue')).toMatchObject({
      actor_kind: 'coordinator',
      operation: 'opt_out_lead',
    });
  });

  it('records the link for an unsubscribe', async () => {
    const { lead_id } = await enrolled();
    const before = await lines();
    const [item] = await world.rows<{ id: string }>('sales_send_queue', `lead_id = '${lead_id}'`);
    const token = unsubscribeToken(context.secret, { org_id, lead_id, queue_id: item!.id });
    await confirmUnsubscribe({ ...context, db: db.app }, token);
    const left = await linesBeyond(before);
    expect(left.find(({ subject_table }) => subject_table === 'leads')).toMatchObject({
      surface: 'link',
      operation: 'unsubscribe',
      asked_by_kind: 'public',
      asked_by_id: null,
      changes: { unsubscribe_flag: { old: false, new: true } },
    });
  });

  it('records no user for direct SQL, only the login', async () => {
    const before = await lines();
    await db.query(`UPDATE users SET name = 'Someone' WHERE org_id = $1`, [org_id]);
    const { rows } = await db.query<{ login: string }>('SELECT session_user AS login');
    expect(await linesBeyond(before)).toMatchObject([
      {
        actor_kind: null,
        actor_id: null,
        asked_by_id: null,
        operation: null,
        database_login: rows[0]!.login,
        subject_table: 'users',
        subject_key: user_id,
        changes: { name: { old: 'Admin', new: 'Someone' } },
      },
    ]);
  });

  it('records setup for the parts of an org', async () => {
    const made = await createWorld(db);
    const first = await made.rows<AuditLogRow>('audit_log');
    const tables = new Set(first.map((line) => line.subject_table));
    expect(tables).toEqual(
      new Set([
        'organizations',
        'sales_play_library_config',
        'clients',
        'agents',
        'users',
        'policies',
        'mailboxes',
        'campaigns',
        'campaign_sequences',
      ]),
    );
    expect(new Set(first.map((line) => line.actor_kind))).toEqual(new Set(['system']));
  });
});

describe('is written for', () => {
  it('drafts that are approved, edited, or rejected, without their texts', async () => {
    const { lead_id } = await enrolled();
    const { draft } = await world.draftOf(lead_id);
    const edit = await audited('edit_draft', {
      id: draft.id,
      content_hash: draft.content_hash,
      body: 'A secret text',
    });
    expect(edit.left.map(({ subject_table }) => subject_table)).toContain('staged_drafts');
    expect(JSON.stringify(edit.left)).not.toContain('A secret text');
    const now = (await world.draftOf(lead_id)).draft;
    const approve = await audited('approve_draft', { id: now.id, content_hash: now.content_hash });
    expect(approve.left.map(({ subject_table, action }) => `${action} ${subject_table}`)).toEqual([
      'insert draft_approvals',
      'update sales_send_queue',
    ]);
    const reject = await audited('reject_draft', { id: now.id, reason: 'not him' });
    expect(reject.left.map(({ subject_table }) => subject_table)).toContain('draft_rejections');
  });

  it('enrollments that are paused, resumed, or ended', async () => {
    const { enrollment_id: id } = await enrolled();
    const moves = [
      await audited('pause_enrollment', { id, reason: 'holiday' }),
      await audited('resume_enrollment', { id }),
      await audited('exit_enrollment', { id, exit_reason: 'rejected' }),
    ].map(({ left }) =>
      left.filter((line) => line.subject_table === 'campaign_contacts').map((line) => line.changes),
    );
    expect(moves).toMatchObject([
      [{ status: { old: 'active', new: 'paused' } }],
      [{ status: { old: 'paused', new: 'active' } }],
      [{ status: { old: 'active', new: 'rejected' } }],
    ]);
  });

  it('campaigns, the policy, links, and mailboxes, without their secrets', async () => {
    const { left } = await audited('patch_campaign', { slug: CAMPAIGN, status: 'paused' });
    expect(left).toMatchObject([
      { subject_table: 'campaigns', changes: { status: { old: 'active', new: 'paused' } } },
    ]);
    await audited('patch_campaign', { slug: CAMPAIGN, status: 'active' });
    const policy = await audited('put_policy', { document: {}, expected_version: 1 });
    expect(policy.left).toMatchObject([{ subject_table: 'policies', subject_key: '2', action: 'insert' }]);
    const link = await audited('create_sign_in_link', {});
    expect(link.left).toMatchObject([
      { subject_table: 'sign_in_links', changes: { token_sha256: '(changed)' } },
    ]);
    const [mailbox] = await world.rows<{ id: string }>('mailboxes');
    const private_key = generateKeyPairSync('rsa', { modulusLength: 2048 })
      .privateKey.export({ type: 'pkcs8', format: 'pem' })
      .toString();
    const dkim = { domain: 'sender.example', selector: 's1', private_key };
    const signed = await audited('patch_mailbox', { id: mailbox!.id, dkim });
    expect(signed.left).toMatchObject([
      {
        subject_table: 'mailboxes',
        changes: { dkim_private_key: '(changed)', dkim_selector: { old: null, new: 's1' } },
      },
    ]);
  });

  it('an import, as one line with its counts', async () => {
    const { lead_id } = await enrolled();
    const [known] = await world.rows<{ email: string }>('leads', `id = '${lead_id}'`);
    const csv = `email,first_name,opt_out\nnew@prospect.example,New,\n${known!.email},Other,true\n`;
    expect((await audited('import_leads', { dry_run: 'true' }, { csv })).left).toEqual([]);
    const { answer, left } = await audited('import_leads', {}, { csv });
    expect(answer).toMatchObject({ created_count: 1, updated_count: 1 });
    expect(left).toMatchObject([
      {
        subject_table: 'lead_imports',
        subject_key: answer.import_id,
        changes: {
          status: { new: 'done' },
          created_count: { old: 0, new: 1 },
          updated_count: { old: 0, new: 1 },
        },
      },
    ]);
  });

  it('nothing that the coordinator does automatically', async () => {
    const before = await lines();
    const lead_id = await world.addLead();
    await world.request(lead_id, CAMPAIGN);
    await world.work();
    await transaction(db.app, { org_id, kind: 'coordinator', id: 'AGT-302' }, (tx) =>
      tx.query(`UPDATE leads SET cadence_paused_at = now(), cadence_pause_reason = 'x' WHERE id = $1`, [
        lead_id,
      ]),
    );
    expect(await linesBeyond(before)).toEqual([]);
  });
});

it('the audit stores no secret and no text of a message', async () => {
  const { rows } = await db.query<{ table: string; column: string; masked: Buffer }>(`
    SELECT c.relname AS "table", a.attname AS "column", t.tgargs AS masked
    FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
    WHERE t.tgfoid = 'audit_change'::regproc AND NOT a.attisdropped
      AND (a.atttypid = 'bytea'::regtype OR a.attname ~ 'password|secret|token|private|body|subject_template|^subject$')
      AND a.attname !~ '_url$'
      AND c.relname <> 'flags'`);
  expect(rows.length).toBeGreaterThan(6);
  const open = rows.filter(
    ({ column, masked }) => !masked.toString().split('\0')[0]!.split(',').includes(column),
  );
  expect(open).toEqual([]);
});

describe('GET /audit', () => {
  it('filters by actor, change, and time, page by page', async () => {
    const list = async (input: Record<string, unknown>) =>
      (await audited('list_audit', input)).answer as never as {
        items: AuditLogRow[];
        next_cursor: string | null;
      };
    const all = await list({ limit: 200 });
    const ids = all.items.map(({ id }) => id);
    expect(ids).toEqual([...ids].sort().reverse());
    expect((await list({ actor_id: 'AGT-901' })).items.length).toBeGreaterThan(2);
    const [first] = (await list({ operation: 'pause_enrollment' })).items;
    const subject = `campaign_contacts:${first!.subject_key}`;
    expect((await list({ subject })).items).toHaveLength(3);
    expect((await list({ subject: 'policies' })).items).toHaveLength(2);
    expect((await list({ since: '2031-01-01T00:00:00Z' })).items).toEqual([]);
    const page = await list({ limit: 2 });
    const next = await list({ limit: 2, cursor: page.next_cursor });
    expect([...page.items, ...next.items].map(({ id }) => id)).toEqual(ids.slice(0, 4));
  });
});
