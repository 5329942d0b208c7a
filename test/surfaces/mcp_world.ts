import { fileURLToPath } from 'node:url';
import { type CallToolResult, Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { pino } from 'pino';
import { toAppError } from '../../src/db/errors.ts';
import { newId } from '../../src/ids.ts';
import { principalLookup, sha256 } from '../../src/operations/access/sessions.ts';
import type { Operation } from '../../src/operations/operation.ts';
import { registry } from '../../src/operations/registry.ts';
import type { UserRole } from '../../src/schema.gen.ts';
import { type HttpOptions, type HttpServer, startHttp } from '../../src/surfaces/http.ts';
import type { TestDb } from '../database.ts';
import { PLAY, playsOf } from '../plays/play_world.ts';
import { createWorld, type World } from '../world.ts';
import { NOWHERE, TASK_CALLS, type Try } from './mcp_task_calls.ts';

export const MAIN = fileURLToPath(new URL('../../bin/touchline.mjs', import.meta.url));

/** The generations of the protocol and its transports. */
export const WAYS = (['http', 'stdio'] as const).flatMap((transport) =>
  (['2025-11-25', '2026-07-28'] as const).map((revision) => ({ transport, revision })),
);
export type Way = (typeof WAYS)[number];

export type McpWorld = World & HttpServer & { logged: string[] };

/** The product's own HTTP server, with its registry, on a world's database. */
export async function startMcpWorld(
  db: TestDb,
  world: World,
  options: Partial<HttpOptions> = {},
): Promise<McpWorld> {
  const logged: string[] = [];
  const log = pino({ level: 'debug' }, { write: (line: string) => logged.push(line) });
  const context = { ...world.worker_context, log };
  const server = await startHttp({
    context,
    registry: registry as readonly Operation[],
    principals: principalLookup(db.app, world.clock),
    host: '127.0.0.1',
    port: 0,
    web_dir: '/nonexistent',
    isReady: async () => true,
    toAppError,
    unsubscribe: { show: async () => null, confirm: async () => null },
    ...options,
  });
  context.public_url = server.url;
  return { ...world, ...server, logged };
}

/** Creates a key for an agent of the org, or for a new person with these roles. */
export async function makeKey(
  { db, org_id, clock }: World,
  whose: { agent_id: string } | { roles: readonly UserRole[] },
): Promise<string> {
  const id = newId(clock);
  const key = `tl_test_${id}`;
  let user_id: string | null = null;
  if ('roles' in whose) {
    user_id = newId(clock);
    await db.query(
      'INSERT INTO users (org_id, id, email, name, roles) VALUES ($1, $2, $3, $4, $5::user_role[])',
      [org_id, user_id, `${user_id}@testers.example`, 'Someone', `{${whose.roles.join(',')}}`],
    );
  }
  await db.query(
    `INSERT INTO api_keys (org_id, id, name, prefix, key_sha256, user_id, agent_id) VALUES ($1, $2, 'test', $3, $4, $5, $6)`,
    [org_id, id, key.slice(0, 8), sha256(key), user_id, 'agent_id' in whose ? whose.agent_id : null],
  );
  return key;
}

/** A public client of the protocol, connected. */
export async function connect(url: string, key: string, { transport, revision }: Way): Promise<Client> {
  const mode = revision === '2025-11-25' ? 'legacy' : { pin: revision };
  const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode } });
  await client.connect(transport === 'http' ? overHttp(url, key) : overStdio(url, key));
  return client;
}

function overHttp(url: string, key: string): StreamableHTTPClientTransport {
  const headers = { authorization: `Bearer ${key}` };
  return new StreamableHTTPClientTransport(new URL('/mcp', url), { requestInit: { headers } });
}

function overStdio(url: string, key: string): StdioClientTransport {
  return new StdioClientTransport({
    command: process.execPath,
    args: [MAIN, 'mcp', '--url', url, '--key', key],
    stderr: 'ignore',
  });
}

/** An org with a short history: leads in a campaign, a draft, a held touch. */
export async function livelyWorld(db: TestDb): Promise<World & { lead_id: string }> {
  const world = await createWorld(db);
  const lead_id = await world.addLead();
  for (const id of [lead_id, await world.addLead(), await world.addLead()]) {
    await world.request(id, 'b2bea_membership_close');
  }
  await world.work();
  return { ...world, lead_id };
}

export type Answered = CallToolResult & {
  structuredContent: { code: string; status: number; errors?: { path: string }[] };
};

export async function call(client: Client, name: string, given: object): Promise<Answered> {
  return (await client.callTool({ name, arguments: given as Record<string, unknown> })) as Answered;
}

export function textOf({ content }: CallToolResult): string {
  return content.map((part) => (part.type === 'text' ? part.text : '')).join('\n');
}

export const READING = [
  'analytics_brains',
  'analytics_plays',
  'analytics_cohorts',
  'analytics_outcomes',
  'analytics_funnel',
  'analytics_suppressions',
  'explain_lead',
  'get_campaign',
  'get_lead',
  'get_lineage',
  'get_play',
  'list_campaigns',
  ...(['list_clients', 'list_crm_writes'] as const),
  'list_enrollments',
  'list_flags',
  'list_inbound',
  'list_plays',
  'list_segments',
  'list_send_queue',
  'list_service_records',
  'list_tasks',
  'search_events',
  'search_leads',
];
export const WRITING = [
  ...['exit_enrollment', 'opt_out_lead', 'propose_play', 'request_sequence', 'record_service_rows'],
];
/** Tools that role agents have and brains do not. */
export const ROLE_WRITING = ['claim_tasks', 'complete_task', 'fail_task', 'record_signal', 'write_draft'];

const campaign = 'b2bea_membership_close';

const PROPOSAL = {
  scope: 'segment',
  proposal: { summary: 'Relief', analysis: 'They close by hand.' },
  ...PLAY,
};

const SERVICE_ROW = { service: 'qbr_log', external_id: 'qbr-1', occurred_at: '2026-01-05T09:00:00Z' };

const QUARTERS = { good: async () => ({}), bad: { quarters: 0 }, code: 'input_invalid', path: 'quarters' };

export const CALLS: Readonly<Record<string, Try>> = {
  ...TASK_CALLS,
  search_leads: {
    good: async () => ({ q: 'lead', blocked: false, limit: 5 }),
    bad: { limit: 0 },
    code: 'input_invalid',
    path: 'limit',
  },
  get_lead: { good: async ({ lead_id }) => ({ id: lead_id }), bad: { id: NOWHERE }, code: 'not_found' },
  explain_lead: {
    good: async ({ lead_id }) => ({ id: lead_id }),
    bad: { lead: 'Ada' },
    code: 'input_invalid',
    path: 'id',
  },
  get_lineage: { good: async ({ lead_id }) => ({ id: lead_id }), bad: { id: NOWHERE }, code: 'not_found' },
  record_service_rows: {
    good: async ({ lead_id }) => ({ rows: [{ ...SERVICE_ROW, subject_id: lead_id }] }),
    bad: { rows: [{ ...SERVICE_ROW, enrollment_id: NOWHERE }] },
    code: 'input_invalid',
    path: 'rows[0].enrollment_id',
  },
  list_service_records: {
    good: async ({ lead_id }) => ({ lead_id, service: 'qbr_log' }),
    bad: { service: 'crm' },
    code: 'input_invalid',
    path: 'service',
  },
  record_signal: {
    good: async ({ lead_id }) => ({ id: lead_id, side: 'sales', source: 'demo_request' }),
    bad: { id: NOWHERE, side: 'service', source: 'demo_request' },
    code: 'input_invalid',
    path: 'side',
  },
  opt_out_lead: {
    good: async (world) => ({ id: await world.addLead(), reason: 'asked on the phone' }),
    bad: { id: NOWHERE, action: 'lift' },
    code: 'input_invalid',
    path: 'action',
  },
  list_campaigns: { good: async () => ({}), bad: { cursor: 'x' }, code: 'cursor_invalid', path: 'cursor' },
  get_campaign: {
    good: async () => ({ slug: campaign }),
    bad: { slug: 'none' },
    code: 'not_found',
  },
  request_sequence: {
    good: async (world) => ({ lead_id: await world.addLead(), campaign }),
    bad: { lead_id: NOWHERE, campaign: 'none', dry_run: 'yes' },
    code: 'input_invalid',
    path: 'dry_run',
  },
  list_enrollments: {
    good: async ({ lead_id }) => ({ lead_id }),
    bad: { status: 'odd' },
    code: 'input_invalid',
    path: 'status',
  },
  exit_enrollment: {
    good: async (world) => ({ id: await enrollment(world), exit_reason: 'rejected' }),
    bad: { id: NOWHERE, exit_reason: 'rejected' },
    code: 'not_found',
  },
  analytics_brains: { good: async () => ({}), bad: { since: 'ever' }, code: 'input_invalid', path: 'since' },
  analytics_cohorts: QUARTERS,
  analytics_outcomes: QUARTERS,
  analytics_plays: { good: async () => ({}), bad: { limit: 0 }, code: 'input_invalid', path: 'limit' },
  list_segments: { good: async () => ({}), bad: { cursor: 'x' }, code: 'cursor_invalid', path: 'cursor' },
  list_clients: { good: async () => ({}), bad: { limit: 0 }, code: 'input_invalid', path: 'limit' },
  list_crm_writes: { good: async () => ({}), bad: { status: 'lost' }, code: 'input_invalid', path: 'status' },
  list_plays: { good: async () => ({}), bad: { state: 'odd' }, code: 'input_invalid', path: 'state' },
  get_play: { good: async (world) => ({ id: await play(world) }), bad: { id: NOWHERE }, code: 'not_found' },
  propose_play: {
    good: async (world) => ({ ...PROPOSAL, segment: await segment(world) }),
    bad: { ...PROPOSAL, segment: 'any', success_criteria: {} },
    code: 'input_invalid',
    path: 'success_criteria',
  },
  list_send_queue: { good: async () => ({}), bad: { limit: '5' }, code: 'input_invalid', path: 'limit' },
  list_inbound: { good: async () => ({}), bad: { kind: 'odd' }, code: 'input_invalid', path: 'kind' },
  list_tasks: {
    good: async () => ({ status: 'open' }),
    bad: { Status: 'open' },
    code: 'input_invalid',
    path: 'Status',
  },
  search_events: {
    good: async ({ lead_id }) => ({ lead_id }),
    bad: { since: 'yesterday' },
    code: 'input_invalid',
    path: 'since',
  },
  analytics_suppressions: {
    good: async () => ({ by: 'campaign', bucket: 'hour', since: '2026-11-23T00:00:00Z' }),
    bad: { since: '2026-11-24T00:00:00Z', until: '2026-11-23T00:00:00Z' },
    code: 'range_invalid',
    path: 'since',
  },
  analytics_funnel: {
    good: async () => ({ campaign }),
    bad: { since: '2025-11-23T00:00:00Z' },
    code: 'range_too_long',
    path: 'since',
  },
  list_flags: {
    good: async () => ({ open_only: false, mine: true }),
    bad: { open_only: 'false' },
    code: 'input_invalid',
    path: 'open_only',
  },
};

const libraries = new Map<string, ReturnType<typeof playsOf>>();

/** An active play, visible to everyone. */
async function play(world: World): Promise<string> {
  const library = libraries.get(world.org_id) ?? playsOf(world.db, world);
  libraries.set(world.org_id, library);
  return (await library).playIn('active', { segment: await segment(world) });
}

let segments = 0;
async function segment({ db, org_id }: World): Promise<string> {
  segments += 1;
  const name = `mcp_${segments}`;
  await db.query(
    `INSERT INTO territory_definitions (org_id, segment, name, created_at, updated_at) VALUES ($1, $2, 'A segment', now(), now())`,
    [org_id, name],
  );
  return name;
}

/** An enrollment of a separate lead. */
async function enrollment(world: World): Promise<string> {
  const lead_id = await world.addLead();
  await world.request(lead_id, campaign);
  const [row] = await world.rows<{ id: string }>('campaign_contacts', `lead_id = '${lead_id}'`);
  return row!.id;
}
