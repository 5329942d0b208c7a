import type { SendOutcome, WebhookSender } from '../../src/connectors/connector.ts';
import { type NewNote, notify } from '../../src/coordinator/gate/flags.ts';
import { coordinatorActor } from '../../src/coordinator/gate/scope.ts';
import { transaction } from '../../src/db/pool.ts';
import type { OutboundMail } from '../../src/mail/messages.ts';
import { buildMime } from '../../src/mail/mime.ts';
import type { Principal } from '../../src/principal.ts';
import { NotificationDeliverer } from '../../src/worker/notifications.ts';
import type { TestDb } from '../database.ts';
import { taskWorld } from '../tasks/task_calls.ts';

export type NoticeWorld = Awaited<ReturnType<typeof noticeWorld>>;
type Outcome = SendOutcome | 'dies_before_data' | 'dies_after_data';
type Options = Parameters<typeof taskWorld>[1] & { webhooks?: WebhookSender };

/**
 * A world whose notifications leave on the test's command, by a mail server that the test decides about. A server that dies
 * takes its worker along: the send never ends.
 */
export async function noticeWorld(db: TestDb, { webhooks, ...options }: Options = {}) {
  const world = await taskWorld(db, options);
  const mails: OutboundMail[] = [];
  const server = { outcome: { kind: 'sent', response: '250 ok' } as Outcome, asked: 0 };
  const mail = {
    verify: async () => {},
    async send(message: OutboundMail, hooks?: { beforeData?: () => Promise<boolean> }): Promise<SendOutcome> {
      const { outcome } = server;
      await buildMime(message);
      server.asked += 1;
      if (outcome === 'dies_before_data') return new Promise(() => {});
      if (hooks?.beforeData && !(await hooks.beforeData())) return { kind: 'canceled' };
      mails.push(message);
      return outcome === 'dies_after_data' ? new Promise(() => {}) : outcome;
    },
  };
  for (const context of [world.context, world.worker_context])
    Object.assign(context, { mail, ...(webhooks === undefined ? {} : { webhooks }) });
  const worker = () => new NotificationDeliverer(world.worker_context);
  const deliverer = worker();
  const org = async () =>
    (
      await world.rows<{ org_id: string; sender_name: string; sender_address: string; own_since: Date }>(
        'organizations',
      )
    )[0]!;
  return {
    ...world,
    mails,
    server,
    worker,
    org,
    /** Runs a worker until it finds nothing more to deliver now. */
    async deliver(by: NotificationDeliverer = deliverer): Promise<void> {
      while ((await by.begin(await org())) > 0) await by.drained();
    },
    /** Begins deliveries that do not end. */
    async begin(by: NotificationDeliverer): Promise<void> {
      await by.begin(await org());
    },
    note: (to: Principal, ...notes: Pick<NewNote, 'kind' | 'lead_id' | 'detail'>[]) =>
      transaction(db.app, coordinatorActor(world.org_id), (tx) => {
        const { org_id, clock } = world;
        return notify(
          { tx, org_id, clock },
          notes.map((note) => ({ ...note, to_user_id: idOf(to) })),
        );
      }),
    deliveries: () =>
      world.rows<{ status: string; attempt_count: number }>(
        'notification_deliveries',
        'true ORDER BY created_at, id',
      ),
  };
}

export function idOf(person: Principal): string {
  if (person.kind !== 'human') throw new Error('not a person');
  return person.user_id;
}
