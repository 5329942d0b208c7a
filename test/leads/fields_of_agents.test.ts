import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sqlState } from '../../src/db/errors.ts';
import { transaction } from '../../src/db/pool.ts';
import { PERMISSIONS } from '../../src/operations/permissions.ts';
import { registry } from '../../src/operations/registry.ts';
import { AGENT_KIND_VALUES, type AgentKind } from '../../src/schema.gen.ts';
import { API_BASE } from '../../src/surfaces/routing.ts';
import { addKey } from '../access/callers.ts';
import { openServer } from '../access/server.ts';
import { testDatabase } from '../database.ts';
import { createWorld } from '../world.ts';

/* Each column of leads and accounts x each kind of agent: it can be set exactly as the permission table says, by the
   agent's own SQL and over HTTP. Built from the catalog, so no agent may set a new column until the table allows it. */

const { db } = await testDatabase();
const world = await createWorld(db);
const { org_id } = world;
const AGENT: Readonly<Record<AgentKind, string>> = { brain: 'AGT-901', role: 'roles.bdr', system: 'AGT-202' };

/** Besides the fields of the operations: fields that every agent may report about a lead, and the time of the change. */
const ALSO: Readonly<Record<string, readonly AgentKind[]>> = {
  'leads.opt_out_flag': AGENT_KIND_VALUES,
  'leads.opted_out_at': AGENT_KIND_VALUES,
  'leads.updated_at': AGENT_KIND_VALUES,
  'accounts.updated_at': AGENT_KIND_VALUES,
};
const OPERATIONS = { leads: 'patch_lead', accounts: 'patch_account' } as const;
type Table = keyof typeof OPERATIONS;

/** A value other than the current one, by the type of the column. */
const OTHER: Readonly<Record<string, string>> = {
  text: `'other to KIND'`,
  'text[]': `'{other to KIND}'`,
  boolean: 'NOT COLUMN',
  integer: '7',
  uuid: 'gen_random_uuid()',
  icp_tier: `'T1'`,
  cadence_state: `'customer'`,
  'timestamp with time zone': `'2026-11-01'`,
};
/** Where the type does not determine it. */
const OTHER_OF: Readonly<Record<string, string>> = {
  email: `'other@prospect.example'`,
  opt_out_flag: `true, opted_out_at = now()`,
  phone: `'+12025550123'`,
  owner_user_id: `(SELECT id FROM users WHERE org_id = '${org_id}' LIMIT 1)`,
};

const columns = (
  await db.query<{ table: Table; name: string; type: string }>(
    `SELECT c.relname AS table, a.attname AS name, format_type(a.atttypid, NULL) AS type
     FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
     WHERE c.oid IN ('leads'::regclass, 'accounts'::regclass) AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
     ORDER BY 1, a.attnum`,
  )
).rows;

const UNDO = new Error('undo');
const ids: Record<Table, string> = { leads: '', accounts: '' };
let server: Awaited<ReturnType<typeof openServer>>;
beforeAll(async () => {
  ids.leads = await world.addLead();
  const [lead] = await world.rows<{ account_id: string }>('leads');
  ids.accounts = lead!.account_id;
  server = await openServer(db, world);
});
afterAll(() => server.close());

function mayOf(table: Table, column: string): readonly AgentKind[] {
  const { fields } = PERMISSIONS[OPERATIONS[table]];
  return ALSO[`${table}.${column}`] ?? fields?.[column] ?? [];
}

/** The result of the statement for this agent; its changes are undone. */
async function bySql(kind: AgentKind, text: string): Promise<string> {
  try {
    await transaction(db.app, { org_id, kind: 'agent', id: AGENT[kind] }, async (tx) => {
      const { rowCount } = await tx.query(text);
      if (rowCount !== 1) throw new Error(`${text}: ${rowCount} rows`);
      throw UNDO;
    });
  } catch (error) {
    if (error === UNDO) return 'changed';
    const state = sqlState(error);
    if (state === undefined) throw error;
    return state;
  }
  throw new Error('not undone');
}

describe.each(AGENT_KIND_VALUES)('an agent of kind %s', (kind) => {
  it.each(columns)(
    'sets $name of $table by SQL only where the permission table allows it',
    async (column) => {
      const { table, name, type } = column;
      const value = (OTHER_OF[name] ?? OTHER[type] ?? `unknown type ${type}`)
        .replace('COLUMN', name)
        .replace('KIND', kind);
      const answer = await bySql(kind, `UPDATE ${table} SET ${name} = ${value} WHERE id = '${ids[table]}'`);
      if (mayOf(table, name).includes(kind)) expect(answer).toBe('changed');
      else expect(answer).toMatch(/^TL0(05|64)$/);
    },
  );

  it('cannot create or delete leads or accounts', async () => {
    for (const table of ['leads', 'accounts']) {
      expect(await bySql(kind, `INSERT INTO ${table} SELECT * FROM ${table} WHERE false`)).toMatch(
        /^(TL005|428C9)$/,
      );
      expect(await bySql(kind, `DELETE FROM ${table} WHERE false`)).toBe('TL005');
    }
  });

  it('sets the same fields over HTTP', async () => {
    const key = await addKey(world, { agent_id: AGENT[kind] });
    for (const table of ['leads', 'accounts'] as const) {
      const operation = registry.find(({ name }) => name === OPERATIONS[table])!;
      const fields = Object.keys(operation.input.shape).filter((field) => field !== 'id');
      // The permission table decides every field that the operation accepts.
      expect(Object.keys(operation.permission.fields!).sort()).toEqual(fields.sort());
      for (const field of fields) {
        const value = field === 'abm_active' ? true : (GIVEN[field] ?? 'other');
        const answer = await fetch(`${server.url}${API_BASE}/${table}/${ids[table]}`, {
          method: 'PATCH',
          headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
          body: JSON.stringify({ [field]: value }),
        });
        const body = (await answer.json()) as { code?: string; errors?: { path: string }[] };
        if (mayOf(table, field).includes(kind))
          expect(answer.status, `${field} ${JSON.stringify(body)}`).toBe(200);
        else {
          expect(answer.status, field).toBe(403);
          const refused = { code: 'field_forbidden', errors: [{ path: field }] };
          expect(body, field).toMatchObject(kind === 'brain' ? { code: 'forbidden' } : refused);
        }
      }
    }
  });
});

/** Valid values over HTTP that are more than a word. */
const GIVEN: Readonly<Record<string, unknown>> = {
  time_zone: 'Asia/Tokyo',
  icp_tier: 'T3',
  linkedin_url: 'https://linkedin.example/in/other',
  phone: '+12025550123',
  owner_user_id: world.person.kind === 'human' ? world.person.user_id : '',
  intent_signals: ['pricing_page'],
};
