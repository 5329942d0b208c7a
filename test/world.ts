import { pino } from 'pino';
import type { Clock } from '../src/clock.ts';
import type { MailSender, SendOutcome } from '../src/connectors/connector.ts';
import type { Context, OperationContext } from '../src/context.ts';
import { findCampaignForRequest, hasSteps } from '../src/coordinator/gate/campaigns.ts';
import { coordinatorActor } from '../src/coordinator/gate/scope.ts';
import { type RequestAnswer, requestSequences } from '../src/coordinator/gate/sequence_requests.ts';
import {
  type ActingDb,
  type Actor,
  type Connection,
  type Origin,
  type Queryable,
  statementAs,
  transaction,
} from '../src/db/pool.ts';
import { newId } from '../src/ids.ts';
import type { OutboundMail } from '../src/mail/messages.ts';
import { readMail } from '../src/mail/read_mail.ts';
import { approveDraft, markSent } from '../src/operations/drafts/decisions.ts';
import { actorOf, type Principal } from '../src/principal.ts';
import { type SalesSendQueueRow, type StagedDraftsRow, USER_ROLE_VALUES } from '../src/schema.gen.ts';
import { createOrganization, ensureAdmin } from '../src/setup/organization.ts';
import { round } from '../src/worker/loop.ts';
import type { TestDb } from './database.ts';
import { manualClock } from './manual_clock.ts';
import { sharedTemplates } from './templates/shared.ts';

export const DAY_MS = 24 * 3_600_000;
export const HOUR_MS = 3_600_000;
/** A Tuesday, noon in London. */
export const START = Date.parse('2026-11-24T12:00:00Z');

/** The time that triggers record for a change: without an origin, it would be the machine's. */
export function originAt(clock: Clock, operation = 'test'): Origin {
  const at = clock.now().toISOString();
  return { surface: 'http', operation, request_id: 'test', at, asked_by: { kind: 'public', id: '' } };
}

/** A pool for one actor, whose statements name their origin as those of `runOperation` do. */
function operationDb(db: TestDb, clock: Clock, actor: Actor): ActingDb {
  const timed = Object.defineProperty({ ...db.app }, 'origin', {
    get: () => originAt(clock),
    enumerable: true,
  });
  const query: ActingDb['query'] = (text, values, kept) => statementAs(timed, actor, text, values, kept);
  return Object.defineProperty({ ...db.app, actor, query }, 'origin', {
    get: () => originAt(clock),
    enumerable: true,
  });
}

/** A transaction of the owner whose triggers record the time of the clock. */
async function atTime(db: TestDb, clock: Clock, act: (own: Connection) => Promise<unknown>): Promise<void> {
  const own = await db.checkout();
  try {
    await own.query('BEGIN');
    await own.query(`SELECT set_config('touchline.origin', $1, true)`, [JSON.stringify(originAt(clock))]);
    await act(own);
    await own.query('COMMIT');
  } catch (error) {
    await own.query('ROLLBACK');
    throw error;
  } finally {
    own.release();
  }
}

export type World = Awaited<ReturnType<typeof createWorld>>;

/**
 * An org with the shipped campaigns on a real database, a clock that the test moves, and a person with every permission.
 * Operations get `context`, whose statements carry that person's name, as `runOperation` provides it; the worker gets
 * `worker_context`, which names no actor. `mail` decides the outcome of each message; by default all are sent, and kept in
 * `sent`.
 */
export async function createWorld(
  db: TestDb,
  options: {
    policy?: Record<string, unknown>;
    mail?: MailSender;
    start_ms?: number;
    sender_address?: string;
  } = {},
) {
  const clock = manualClock(options.start_ms ?? START);
  const sent: { mail: OutboundMail; at_ms: number }[] = [];
  const mail = options.mail ?? keepingSender(sent, clock.now_ms);
  const org_id = await createOrganization(db.app, clock, {
    slug: `org-${newId(clock).slice(-12)}`,
    name: 'Testers',
    time_zone: 'Europe/London',
    postal_address: '1 Test Street, Testing',
    sender_name: 'Justin',
    sender_address: options.sender_address ?? 'justin@sender.example',
    clients: [
      { client_id: 'b2bea', name: 'B2BEA' },
      { client_id: 'dreamborn', name: 'DreamBorn' },
    ],
    // No time to withdraw an approval: tests decide when messages are sent. Tests of caps put one lead into several campaigns.
    policy: {
      sequences_per_side: { sales: null, marketing: null },
      business_hours: { enforce: false },
      mailbox_limits: { enforce: false },
      drafts: { undo_seconds: 0 },
      ...options.policy,
    },
    policy_note: 'test',
  });
  const user_id = await ensureAdmin(db.app, clock, org_id, 'admin@testers.example');
  const person: Principal = {
    kind: 'human',
    org_id,
    user_id,
    email: 'admin@testers.example',
    name: 'Admin',
    roles: [...USER_ROLE_VALUES],
  };
  const worker_context: Context = {
    db: db.app,
    clock,
    log: pino({ level: 'silent' }),
    secret: 'a secret of this test only',
    public_url: 'http://touchline.test',
    catcher: null,
    readMail,
    templates: sharedTemplates(),
    nudge: () => {},
  };
  const context: OperationContext = { ...worker_context, db: operationDb(db, clock, actorOf(person)) };
  let leads = 0;
  return {
    db,
    clock,
    context,
    worker_context,
    org_id,
    person,
    sent,
    mail,
    /** Adds a lead; returns its id. Columns as in the table, plus `abm_active` of its account; its signals are recorded. */
    async addLead(columns: Record<string, unknown> = {}): Promise<string> {
      leads += 1;
      const { abm_active, sales_signal_at, marketing_signal_at, ...given } = columns;
      const id = newId(clock);
      const account_id = newId(clock);
      await db.query(
        `INSERT INTO accounts (org_id, id, name, abm_active, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $5)`,
        [org_id, account_id, `Account ${leads}`, abm_active ?? false, clock.now()],
      );
      const row: Record<string, unknown> = {
        org_id,
        id,
        account_id,
        created_at: clock.now(),
        updated_at: clock.now(),
        email: `lead${leads}@prospect.example`,
        first_name: `Lead${leads}`,
        linkedin_url: `https://linkedin.example/in/lead${leads}`,
        icp_tier: 'T2',
        ...given,
      };
      const names = Object.keys(row);
      const places = names.map((_, at) => `$${at + 1}`).join(', ');
      const insert = `INSERT INTO leads (${names.join(', ')}) VALUES (${places})`;
      await atTime(db, clock, (own) => own.query(insert, Object.values(row)));
      if (sales_signal_at)
        await addSignal(db, clock, { org_id, lead_id: id }, 'sales', sales_signal_at as Date);
      if (marketing_signal_at)
        await addSignal(db, clock, { org_id, lead_id: id }, 'marketing', marketing_signal_at as Date);
      return id;
    },
    /** Records a signal seen at this time; the clock may be behind it. */
    async addSignal(lead_id: string, side: 'sales' | 'marketing', at: Date): Promise<void> {
      await addSignal(db, clock, { org_id, lead_id }, side, at);
    },
    /** Requests a campaign, as an operation requests it from the coordinator. */
    async request(lead_id: string, slug: string): Promise<RequestAnswer> {
      return transaction(db.app, coordinatorActor(org_id), async (tx) => {
        const scope = { tx, org_id, clock };
        const campaign = await findCampaignForRequest(scope, slug);
        if (campaign === undefined || !hasSteps(campaign)) throw new Error(`no campaign ${slug}`);
        const asked = { lead_id, campaign, requested_by: campaign.owner_role };
        // The person is an executive too.
        const is_entitled = {
          requested_by_user_id: user_id,
          entry: { right: 'executive', task_id: null } as const,
        };
        const [answer] = await requestSequences(scope, [
          campaign.entry === 'open' ? asked : { ...asked, ...is_entitled },
        ]);
        return answer!;
      });
    },
    /** Runs the worker until it finds no more work for this org now. */
    async work(): Promise<void> {
      for (let rounds = 0; rounds < 200; rounds += 1) {
        if ((await round(worker_context, mail, org_id)) === 0) return;
      }
      throw new Error('the worker did not come to rest');
    },
    /** The lead's latest queue item and its current draft. */
    draftOf: (lead_id: string) => draftOf(db, org_id, lead_id),
    /** A person approves the lead's current draft, or marks a personal one sent; then the worker runs. */
    async approve(lead_id: string): Promise<void> {
      const { draft, item } = await draftOf(db, org_id, lead_id);
      const call = { context, principal: person };
      const input = { id: draft.id, content_hash: draft.content_hash };
      if (item.requires_personal_send)
        await markSent.run({ ...call, input: { ...input, already_sent: false } });
      else await approveDraft.run({ ...call, input });
      await this.work();
    },
    /** Rows of one table of this org. */
    async rows<Row = Record<string, unknown>>(table: string, where = 'true'): Promise<Row[]> {
      const { rows } = await db.query<Row>(`SELECT * FROM ${table} WHERE org_id = $1 AND ${where}`, [org_id]);
      return rows;
    },
  };
}

async function addSignal(
  db: Queryable,
  clock: Clock,
  { org_id, lead_id }: { org_id: string; lead_id: string },
  side: 'sales' | 'marketing',
  at: Date,
): Promise<void> {
  const recorded_at = new Date(Math.max(at.getTime(), clock.now_ms()));
  await db.query(
    `INSERT INTO lead_signals (org_id, id, lead_id, side, source, occurred_at, recorded_at)
     VALUES ($1, $2, $3, $4, 'test', $5, $6)`,
    [org_id, newId(clock), lead_id, side, at, recorded_at],
  );
}

async function draftOf(
  db: Queryable,
  org_id: string,
  lead_id: string,
): Promise<{ draft: StagedDraftsRow; item: SalesSendQueueRow }> {
  const items = await db.query<SalesSendQueueRow>(
    `SELECT * FROM sales_send_queue WHERE org_id = $1 AND lead_id = $2 ORDER BY created_at DESC LIMIT 1`,
    [org_id, lead_id],
  );
  const item = items.rows[0]!;
  const drafts = await db.query<StagedDraftsRow>(`SELECT * FROM staged_drafts WHERE id = $1`, [
    item.staged_draft_id,
  ]);
  return { draft: drafts.rows[0]!, item };
}

/** A sender that keeps its messages. It calls `beforeData`, like a real one. */
function keepingSender(sent: { mail: OutboundMail; at_ms: number }[], now_ms: () => number): MailSender {
  return {
    async send(message, hooks): Promise<SendOutcome> {
      if (hooks?.beforeData && !(await hooks.beforeData())) return { kind: 'canceled' };
      sent.push({ mail: message, at_ms: now_ms() });
      return { kind: 'sent', response: '250 ok' };
    },
    verify: async () => {},
    close: async () => {},
  };
}
