import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { AppError } from '../../src/errors.ts';
import { id, instant, noun, nullableInstant } from '../../src/operations/fields.ts';
import { type Operation, operation, type Permission } from '../../src/operations/operation.ts';
import { pageInput, pageOf } from '../../src/operations/page.ts';
import type { Principal } from '../../src/principal.ts';
import { AGENT_KIND_VALUES, USER_ROLE_VALUES } from '../../src/schema.gen.ts';

/* Operations for tests: one of every form that a route, a document entry or a command can have. */

export const ORG = '01890000-0000-7000-8000-000000000001';
export const BALL = '01890000-0000-7000-8000-0000000000b1';
export const CLOCK_START_MS = Date.UTC(2026, 4, 4, 9, 0, 0);

export const KEYS: Record<string, Principal> = {
  tl_rep: human('rep'),
  tl_admin: human('admin'),
  tl_agent: { kind: 'agent', org_id: ORG, agent_id: BALL, agent_kind: 'role', name: 'Tara' },
};

const ball = noun('Ball', {
  id,
  name: z.string().describe('what it is called'),
  size: z.int(),
  made_at: instant,
  lost_at: nullableInstant,
});

const BALLS = [
  { id: BALL, name: 'red', size: 3, made_at: new Date(CLOCK_START_MS), lost_at: null, secret: 'not for you' },
  { id: ORG, name: 'blue', size: 12, made_at: new Date(CLOCK_START_MS), lost_at: new Date(CLOCK_START_MS) },
];

const everyone: Permission = { people: USER_ROLE_VALUES, agents: AGENT_KIND_VALUES };
const agents: Permission = { people: [], agents: AGENT_KIND_VALUES };

const listBalls = operation({
  name: 'list_balls',
  summary: 'Lists the balls.',
  http: { method: 'GET', path: '/balls' },
  cli: { command: 'balls' },
  input: z.object({
    ...pageInput,
    color: z.enum(['red', 'blue']).optional().describe('only this color'),
    sizes: z.array(z.coerce.number()).optional(),
    lost: z.boolean().optional(),
  }),
  output: pageOf(ball),
  errors: 'cursor_invalid',
  run: async ({ input }) => {
    const start = Number(input.cursor ?? 0);
    const rows = BALLS.filter(({ name }) => input.color === undefined || name === input.color)
      .filter(({ size }) => input.sizes === undefined || input.sizes.includes(size))
      .filter(({ lost_at }) => input.lost === undefined || input.lost === (lost_at !== null));
    const items = rows.slice(start, start + input.limit);
    const more = start + input.limit < rows.length;
    return { items, next_cursor: more ? String(start + input.limit) : null };
  },
});

const getBall = operation({
  name: 'get_ball',
  summary: 'Shows one ball.',
  http: { method: 'GET', path: '/balls/{id}' },
  cli: { command: 'ball', args: ['id'] },
  input: z.object({ id }),
  output: ball,
  errors: 'not_found',
  run: async ({ input }) => {
    const found = BALLS.find((row) => row.id === input.id);
    if (!found) throw new AppError('not_found', 'There is no such ball.', { status: 404 });
    return found;
  },
});

const throwBall = operation({
  name: 'throw_ball',
  summary: 'Throws a ball.',
  http: { method: 'POST', path: '/balls/{id}/throw' },
  cli: { command: 'throw', args: ['id'] },
  input: z.object({
    id,
    steps: z.array(z.object({ delay_days: z.int().min(0) })).min(1),
    note: z.string().max(100).optional().describe('why'),
  }),
  output: z.object({ id, by: z.string(), steps: z.int(), note: z.string().nullable() }),
  errors: 'ball_flat',
  run: async ({ input, principal }) => {
    if (input.note === 'flat') {
      throw new AppError('ball_flat', 'The ball is flat.', {
        status: 409,
        errors: [{ path: 'steps[0]', message: 'needs a full ball' }],
        hint: 'Pump it up.',
        extra: { pressure: 0, status: 'not this one' },
      });
    }
    if (input.note === 'bug') throw new Error('secret detail of a bug');
    return { id: input.id, by: principal.name, steps: input.steps.length, note: input.note ?? null };
  },
  text: ({ by, steps }) => `${by} threw it ${steps} times.`,
});

const dropBall = operation({
  name: 'drop_ball',
  summary: 'Drops a ball.',
  http: { method: 'DELETE', path: '/balls/{id}' },
  cli: { command: 'drop', args: ['id'] },
  input: z.object({ id, far: z.boolean().default(false) }),
  output: z.undefined(),
  run: async () => undefined,
});

const lieAboutBall = operation({
  name: 'lie_about_ball',
  summary: 'Answers what its schema does not know.',
  http: { method: 'GET', path: '/lies' },
  input: z.object({}),
  output: z.object({ size: z.int() }),
  run: async () => ({ size: 'large' }) as never,
});

const signIn = operation({
  name: 'create_session',
  summary: 'Signs in.',
  http: { method: 'POST', path: '/sessions' },
  input: z.object({ password: z.string() }),
  output: z.object({
    name: z.string(),
    set_session: z.object({ token: z.string(), expires_at: instant }).nullable(),
  }),
  run: async ({ input, principal }) => ({
    name: principal.name,
    set_session: { token: input.password, expires_at: new Date(CLOCK_START_MS + 3_600_000) },
  }),
});

const signOut = operation({
  name: 'delete_session',
  summary: 'Signs out.',
  http: { method: 'DELETE', path: '/sessions' },
  input: z.object({}),
  output: z.object({ set_session: z.null() }),
  run: async () => ({ set_session: null }),
});

const importLeads = operation({
  name: 'import_leads',
  summary: 'Imports leads.',
  http: { method: 'POST', path: '/leads/import', stream: true },
  cli: { command: 'import leads' },
  input: z.object({
    dry_run: z.boolean().default(false).describe('change nothing'),
    mapping: z.string().optional().describe('our field and their column, as JSON'),
  }),
  output: z.object({
    bytes: z.int(),
    rows: z.int(),
    media_type: z.string(),
    dry_run: z.boolean(),
    mapping: z.string().nullable(),
    errors: z.array(
      z.object({
        line: z.int(),
        column: z.string(),
        code: z.string(),
        message: z.string(),
        value: z.string(),
      }),
    ),
    error_count: z.int(),
  }),
  errors: 'no_header',
  run: async ({ input, body }) => {
    const content = await text(body!.stream);
    if (content.startsWith('refuse')) throw new AppError('no_header', 'The first line is no header.');
    const lines = content.split('\n').filter((line) => line !== '');
    const errors = lines.flatMap((line, at) =>
      line.includes('bad')
        ? [{ line: at + 1, column: 'email', code: 'email_invalid', message: 'is no address', value: line }]
        : [],
    );
    return {
      bytes: Buffer.byteLength(content),
      rows: Math.max(0, lines.length - 1),
      media_type: body!.media_type,
      dry_run: input.dry_run,
      mapping: input.mapping ?? null,
      errors,
      error_count: errors.length,
    };
  },
});

const importCampaign = operation({
  name: 'import_campaign',
  summary: 'Imports a campaign from YAML.',
  http: { method: 'POST', path: '/campaigns' },
  cli: { command: 'import campaign' },
  input: z.object({ yaml: z.string().describe('the definition') }),
  output: z.object({ length: z.int() }),
  run: async ({ input }) => ({ length: input.yaml.length }),
});

export const REGISTRY = [
  { ...listBalls, permission: everyone },
  { ...getBall, permission: everyone },
  { ...throwBall, permission: { people: ['rep'], agents: [] } },
  { ...dropBall, permission: agents },
  { ...lieAboutBall, permission: everyone },
  { ...signIn, permission: { people: [], agents: [], is_public: true } },
  { ...signOut, permission: everyone },
  { ...importLeads, permission: everyone },
  { ...importCampaign, permission: everyone },
] as unknown as readonly Operation[];

export function human(role: 'rep' | 'admin'): Principal {
  return { kind: 'human', org_id: ORG, user_id: BALL, email: `${role}@x.test`, name: role, roles: [role] };
}
