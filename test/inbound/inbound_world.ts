import { coordinatorActor } from '../../src/coordinator/gate/scope.ts';
import {
  type InboundPlace,
  readInbound,
  type TakenInbound,
  takeInbound,
} from '../../src/coordinator/inbound/inbound.ts';
import type { Classify } from '../../src/coordinator/inbound/intents.ts';
import { transaction } from '../../src/db/pool.ts';
import { readMail } from '../../src/mail/read_mail.ts';
import type {
  AgentTasksRow,
  CadenceEventLogRow,
  CampaignContactsRow,
  InboundMessagesRow,
  LeadsRow,
  SendAttemptsRow,
} from '../../src/schema.gen.ts';
import type { World } from '../world.ts';

export const CAMPAIGN = 'b2bea_membership_close';

/** A lead whose first message was sent, so that it can reply. */
export type Written = {
  lead_id: string;
  email: string;
  message_id: string;
  attempt_id: string;
  queue_id: string;
};

export async function writtenLead(world: World, columns: Record<string, unknown> = {}): Promise<Written> {
  const lead_id = await world.addLead(columns);
  await world.request(lead_id, CAMPAIGN);
  await world.work();
  await world.approve(lead_id);
  return lastMessage(world, lead_id);
}

export async function lastMessage(world: World, lead_id: string): Promise<Written> {
  const { email } = await leadOf(world, lead_id);
  const [attempt] = await world.rows<SendAttemptsRow>(
    'send_attempts',
    `queue_id IN (SELECT id FROM sales_send_queue WHERE lead_id = '${lead_id}') ORDER BY started_at DESC`,
  );
  const { id: attempt_id, message_id, queue_id } = attempt!;
  return { lead_id, email, message_id, attempt_id, queue_id };
}

export async function leadOf(world: World, lead_id: string): Promise<LeadsRow> {
  return (await world.rows<LeadsRow>('leads', `id = '${lead_id}'`))[0]!;
}

export async function enrollmentsOf(world: World, lead_id: string): Promise<CampaignContactsRow[]> {
  return world.rows<CampaignContactsRow>(
    'campaign_contacts',
    `lead_id = '${lead_id}' ORDER BY enrolled_at, id`,
  );
}

export async function replyTasks(world: World, lead_id: string): Promise<AgentTasksRow[]> {
  return world.rows<AgentTasksRow>(
    'agent_tasks',
    `lead_id = '${lead_id}' AND type = 'process_reply' ORDER BY id`,
  );
}

export async function inboundOf(world: World, id: string): Promise<InboundMessagesRow> {
  return (await world.rows<InboundMessagesRow>('inbound_messages', `id = '${id}'`))[0]!;
}

/** Waits until this many messages were processed. */
export async function received(world: World, count: number): Promise<InboundMessagesRow[]> {
  for (let tries = 0; tries < 400; tries += 1) {
    const rows = await world.rows<InboundMessagesRow>('inbound_messages', 'true ORDER BY id');
    if (rows.length >= count) return rows;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('the messages were not taken');
}

/** The event types in a lead's log. */
export async function eventsOf(world: World, lead_id: string): Promise<string[]> {
  const rows = await world.rows<CadenceEventLogRow>(
    'cadence_event_log',
    `lead_id = '${lead_id}' ORDER BY timestamp, id`,
  );
  return rows.map(({ event_type, resolution }) => `${event_type} ${resolution}`);
}

let messages = 0;

/** A message in the format of a mail program. */
export function mailFrom(
  from: string,
  text: string,
  headers: Record<string, string | null | undefined> = {},
): string {
  messages += 1;
  const fields = {
    From: from,
    To: 'justin@sender.example',
    Subject: 'Re: A question',
    'Message-ID': `<answer-${messages}@prospect.example>`,
    ...headers,
  };
  const lines = Object.entries(fields).flatMap(([name, value]) => (value ? [`${name}: ${value}`] : []));
  return `${lines.join('\r\n')}\r\n\r\n${text.replaceAll('\n', '\r\n')}\r\n`;
}

/** The lead's own reply to the last message. */
export function answer({ email, message_id }: Written, text: string): string {
  return mailFrom(email, text, { 'In-Reply-To': message_id });
}

/** A delivery report (RFC 3464) that returns the headers of our message. */
export function report(
  { email, message_id }: Pick<Written, 'email' | 'message_id'>,
  { status = '5.1.1', action = 'failed', words = '550 5.1.1 User unknown', name = 'x' } = {},
): string {
  const parts = [
    `Content-Type: text/plain\r\n\r\nThis is the mail system (${name}). It could not be delivered.`,
    `Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.prospect.example\r\n\r\nFinal-Recipient: rfc822; ${email}\r\nAction: ${action}\r\nStatus: ${status}\r\nDiagnostic-Code: smtp; ${words}`,
    `Content-Type: text/rfc822-headers\r\n\r\nMessage-ID: ${message_id}\r\nTo: ${email}\r\nSubject: Hello`,
  ];
  const body = `${parts.map((part) => `--b\r\n${part}`).join('\r\n')}\r\n--b--\r\n`;
  return [
    'From: MAILER-DAEMON@mx.prospect.example',
    'To: justin@sender.example',
    'Subject: Undelivered Mail Returned to Sender',
    'Auto-Submitted: auto-replied',
    'MIME-Version: 1.0',
    'Content-Type: multipart/report; report-type=delivery-status; boundary="b"',
    '',
    body,
  ].join('\r\n');
}

/** A complaint (RFC 5965). */
export function complaint({ email, message_id }: Pick<Written, 'email' | 'message_id'>): string {
  const parts = [
    'Content-Type: text/plain\r\n\r\nThis is an email abuse report.',
    'Content-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\nUser-Agent: x/1\r\nVersion: 1',
    `Content-Type: message/rfc822\r\n\r\nMessage-ID: ${message_id}\r\nTo: ${email}\r\nSubject: Hello\r\n\r\nHello`,
  ];
  return `From: fbl@provider.example\r\nTo: justin@sender.example\r\nSubject: abuse\r\nMIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=feedback-report; boundary="b"\r\n\r\n${parts.map((part) => `--b\r\n${part}`).join('\r\n')}\r\n--b--\r\n`;
}

export function absence(
  { email, message_id }: Written,
  text: string,
  headers: Record<string, string> = {},
): string {
  return mailFrom(email, text, {
    'In-Reply-To': message_id,
    'Auto-Submitted': 'auto-replied',
    Subject: 'Automatic reply: out of office',
    Date: 'Tue, 24 Nov 2026 12:00:00 +0000',
    ...headers,
  });
}

/** Processes a message as the product does, in one transaction as the coordinator. */
export async function take(
  world: World,
  raw: string | Buffer,
  {
    place = { source: 'http', mailbox_id: null },
    classify,
  }: { place?: InboundPlace; classify?: Classify } = {},
): Promise<TakenInbound> {
  const { org_id, clock, context } = world;
  const read = await readInbound(Buffer.from(raw), { readMail, classify });
  return transaction(world.db.app, coordinatorActor(org_id), (tx) =>
    takeInbound({ tx, org_id, clock }, read, place, context.secret),
  );
}
