import { z } from 'zod';
import type { Context } from '../../context.ts';
import { DAY_MS } from '../../core/durations.ts';
import { systemDb } from '../../db/acting.ts';
import * as changes from '../../db/queries/changes.gen.ts';
import type { Principal } from '../../principal.ts';
import { EVENT_TYPE_VALUES, FLAG_KIND_VALUES, PLAY_STATE_VALUES } from '../../schema.gen.ts';
import { id } from '../fields.ts';
import { PERMISSIONS } from '../permissions.ts';
import { visibleTo } from '../plays/output.ts';

/** Everyone who may read the log may follow its changes. */
export const CHANGES_PERMISSION = PERMISSIONS.list_events;

/** One change, without content: pages read the object again. */
export const change = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('event'),
    id,
    event_type: z.enum(EVENT_TYPE_VALUES),
    lead_id: id,
    enrollment_id: id.nullable(),
    queue_id: id.nullable().describe('the changed queue item, and its draft'),
  }),
  z.object({
    type: z.literal('flag'),
    id,
    kind: z.enum(FLAG_KIND_VALUES),
    lead_id: id.nullable(),
    is_open: z.boolean(),
  }),
  z.object({
    type: z.literal('notification'),
    id,
    lead_id: id.nullable(),
    flag_id: id.nullable(),
    play_id: id.nullable(),
  }),
  z.object({
    type: z.literal('play'),
    id,
    state: z.enum(PLAY_STATE_VALUES).describe('agents receive only the plays that they may see'),
  }),
  z.object({ type: z.literal('reset') }).describe('too many changes to list: read everything again'),
]);
export type Change = z.output<typeof change>;

/** The end of the known changes: the first transaction that had not ended, and the time of that. */
export type Cursor = { horizon: number; at_ms: number };

/** `to`: the only person or agent concerned; `writer`: the brain that owns the play. */
export type Written = { key: string; xact_id: number; change: Change; to: string | null; writer?: string };

/** More changes become one reset: reading everything again is then cheaper. */
const CHANGES_MAX = 1_000;
/**
 * A row's timestamp is taken when its transaction begins to write; a transaction lasts 40 s at most (unsubscribe.ts), and
 * clocks of several machines differ by seconds.
 */
const STAMPED_BEFORE_MS = 90_000;
/** Older cursors start over: half of all 32-bit transaction numbers is far away, but the search would be long. */
const CURSOR_MAX_MS = DAY_MS;

/** The cursor of what the database shows now; nothing written later lies before it. */
export async function currentCursor(context: Pick<Context, 'db' | 'clock'>): Promise<Cursor> {
  const at_ms = context.clock.now_ms();
  const [row] = await changes.changeHorizon.run({}, systemDb(context.db));
  return { horizon: row!.horizon, at_ms };
}

/**
 * The rows of the org written since the cursor, oldest first, and the next cursor. Rows of overlapping transactions appear
 * twice; none is missing. Too many changes, or too old a cursor, become one `reset`.
 */
export async function changesSince(
  context: Pick<Context, 'db' | 'clock'>,
  org_id: string,
  from: Cursor,
): Promise<{ cursor: Cursor; written: Written[] }> {
  const cursor = await currentCursor(context);
  const { speed } = context.clock;
  const age_ms = cursor.at_ms - from.at_ms;
  if (age_ms < -STAMPED_BEFORE_MS * speed || age_ms > CURSOR_MAX_MS * speed || from.horizon > cursor.horizon)
    return reset(cursor);
  const since = new Date(from.at_ms - STAMPED_BEFORE_MS * speed);
  const asked = { org_id, since, horizon: from.horizon, limit: CHANGES_MAX + 1 };
  const db = systemDb(context.db, org_id);
  const events = await changes.eventsWritten.run(asked, db);
  const flags = await changes.flagsWritten.run(asked, db);
  const notes = await changes.notificationsWritten.run(asked, db);
  const plays = await changes.playsWritten.run({ org_id, horizon: from.horizon, limit: CHANGES_MAX + 1 }, db);
  if ([events, flags, notes, plays].some(({ length }) => length > CHANGES_MAX)) return reset(cursor);
  const written = [
    ...events.map(({ xact_id, timestamp: _, ...row }) => entry(xact_id, { type: 'event', ...row })),
    ...flags.map(({ xact_id, resolved_at, ...row }) =>
      entry(xact_id, { type: 'flag', ...row, is_open: resolved_at === null }),
    ),
    ...notes.map(({ xact_id, to_user_id, to_agent, ...row }) =>
      entry(xact_id, { type: 'notification', ...row }, to_user_id ?? to_agent),
    ),
    ...plays.map(({ xact_id, writer_agent_id: writer, ...row }) => {
      return { ...entry(xact_id, { type: 'play', ...row }), writer };
    }),
  ];
  return { cursor, written: written.reverse() };
}

/** Whether the change concerns this principal. */
export function concerns({ to, change, writer }: Written, principal: Principal): boolean {
  if (change.type === 'play') {
    const { only_writer, only_state } = visibleTo(principal);
    return (only_writer ?? writer) === writer && (only_state ?? change.state) === change.state;
  }
  return to === null || to === (principal.kind === 'human' ? principal.user_id : principal.agent_id);
}

function reset(cursor: Cursor): { cursor: Cursor; written: Written[] } {
  return { cursor, written: [entry(cursor.horizon, { type: 'reset' })] };
}

function entry(xact_id: number, change: Change, to: string | null = null): Written {
  const key = change.type === 'reset' ? `reset ${xact_id}` : `${change.type} ${change.id} ${xact_id}`;
  return { key, xact_id, change, to };
}

const cursorShape = z.tuple([z.int().min(0), z.int().min(0)]);

export function cursorText({ horizon, at_ms }: Cursor): string {
  return Buffer.from(JSON.stringify([horizon, at_ms])).toString('base64url');
}

/** Null for a text that is not one of our cursors. */
export function readCursorText(text: string): Cursor | null {
  try {
    const [horizon, at_ms] = cursorShape.parse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8')));
    return { horizon, at_ms };
  } catch {
    return null;
  }
}
