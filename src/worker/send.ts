import type { MailSender, SendOutcome } from '../connectors/connector.ts';
import type { Context } from '../context.ts';
import { recordOutcome } from '../coordinator/outcomes.ts';
import { coordinatorActor } from '../coordinator/scope.ts';
import { mayBeginData, type ReservedSend, reserveSends } from '../coordinator/sending.ts';
import { unsubscribeToken } from '../coordinator/unsubscribe_token.ts';
import { transaction } from '../db/pool.ts';
import { threadOfEnrollment } from '../db/queries/send_queue.gen.ts';

export type SendingOrg = {
  org_id: string;
  name: string;
  sender_name: string;
  sender_address: string;
  postal_address: string;
};

const BATCH = 20;
/**
 * An outcome is known and must be written down: it waits for the lead longer than the server lets any transaction
 * stand idle with it.
 */
const RECORDING = { lock_timeout_ms: 12_000, statement_timeout_ms: 15_000 };

/**
 * Sends what may leave now: reserves a batch through the gate, hands each message to the mail server, records
 * each outcome at once. Between the two transactions nothing is held open. Returns how many were reserved.
 */
export async function sendApproved(context: Context, org: SendingOrg, mail: MailSender): Promise<number> {
  const { clock, secret } = context;
  const mail_domain = org.sender_address.slice(org.sender_address.indexOf('@') + 1);
  const reserved = await transaction(context.db, coordinatorActor(org.org_id), (tx) =>
    reserveSends(
      { tx, org_id: org.org_id, clock },
      { limit: BATCH, secret, mail_domain, speed: clock.speed },
    ),
  );
  for (const send of reserved) await sendOne(context, org, mail, send);
  return reserved.length;
}

async function sendOne(
  context: Context,
  org: SendingOrg,
  mail: MailSender,
  send: ReservedSend,
): Promise<void> {
  const actor = coordinatorActor(org.org_id);
  const scopeOf = (tx: Parameters<Parameters<typeof transaction>[2]>[0]) => ({
    tx,
    org_id: org.org_id,
    clock: context.clock,
  });
  const beforeData = () => transaction(context.db, actor, (tx) => mayBeginData(scopeOf(tx), send));
  const outcome = await handOver(context, org, mail, send, beforeData);
  const { item, attempt_id, time_zone } = send;
  const settled = { item, attempt_id, time_zone, outcome };
  await transaction(context.db, actor, (tx) => recordOutcome(scopeOf(tx), settled), RECORDING);
}

/** A throw means that nothing was delivered: the message must not leave, or the database could not be asked. */
async function handOver(
  context: Context,
  org: SendingOrg,
  mail: MailSender,
  send: ReservedSend,
  beforeData: () => Promise<boolean>,
): Promise<SendOutcome> {
  try {
    return await mail.send(await outboundMail(context, org, send), { beforeData });
  } catch (error) {
    const response = error instanceof Error ? error.message : String(error);
    context.log.error({ err: error, queue_id: send.item.id }, 'a message could not be handed over');
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (!code.startsWith('mail_')) return { kind: 'deferred', response };
    return { kind: 'rejected', smtp_code: 550, response, scope: 'message' };
  }
}

async function outboundMail(context: Context, org: SendingOrg, send: ReservedSend) {
  const { item } = send;
  const thread = await threadOfEnrollment.run(
    { org_id: org.org_id, enrollment_id: item.enrollment_id },
    context.db,
  );
  const ids = thread.map((message) => message.message_id);
  const last = ids.at(-1);
  const unsubscribe_url = `${context.public_url}/u/${unsubscribeToken(context.secret, {
    org_id: org.org_id,
    lead_id: item.lead_id,
    queue_id: item.id,
  })}`;
  return {
    message_id: send.message_id,
    from: { name: org.sender_name, address: org.sender_address },
    to: { address: send.to_id },
    subject: send.subject,
    text: send.body,
    ...(last === undefined ? {} : { in_reply_to: last, references: ids }),
    list_unsubscribe_url: unsubscribe_url,
    footer: { sender_name: org.name, postal_address: org.postal_address, unsubscribe_url },
    date: context.clock.now(),
  };
}
