import { z } from 'zod';
import { flagFact, flagSentence } from '../../core/explain/flag_words.ts';
import { noticeTitle } from '../../core/explain/notices.ts';
import type { Queryable } from '../../db/pool.ts';
import { type RoutedTasksResult, routedTasks } from '../../db/queries/hand_offs.gen.ts';
import {
  listNotificationsOfAgent,
  listNotificationsOfUser,
  type NoticeSubjectsResult,
  noticeSubjects,
  type OwnersNowResult,
  ownersNow,
  readNotification,
} from '../../db/queries/notifications.gen.ts';
import { FLAG_KIND_VALUES } from '../../schema.gen.ts';
import { existing, id, instant, noun, nullableInstant } from '../fields.ts';
import { operation } from '../operation.ts';
import { NEWEST_FIRST, pagedList } from '../page.ts';
import { decisionSentence } from './entry_notices.ts';
import { identityOf } from './flags.ts';

const notification = noun('Notification', {
  id,
  kind: z
    .string()
    .describe(
      'kind of the warning, stall_escalated, reply, meeting, entry_requested, entry_accepted, entry_declined, assigned, owner_changed, manual_send, play_proposed, play_activated, play_retired, webhook_disabled, or why a request was suppressed',
    ),
  says: z.string().describe('the notification in one sentence'),
  lead_id: id.nullable(),
  flag_id: id.nullable(),
  play_id: id.nullable(),
  detail: z.unknown(),
  created_at: instant,
  read_at: nullableInstant,
  is_done: z
    .boolean()
    .describe('the hand-off was decided, the reply was handled, or the manual send is no longer pending'),
});
const listed = noun('ListedNotification', {
  ...notification.shape,
  lead_email: z.string().nullable(),
  flag_resolved_at: nullableInstant.describe('when the warning was resolved'),
});

const list = pagedList({
  name: 'list_notifications',
  summary: 'List your notifications, newest first.',
  path: '/notifications',
  cli: {
    command: 'notifications',
    empty: 'No new notifications.',
    columns: 'id created_at kind lead_email read_at says',
  },
  filters: { unread_only: z.stringbool().default(true).describe('leave out read notifications') },
  item: listed,
  order: NEWEST_FIRST,
  rows: async ({ principal, page, db }) => {
    const rows =
      principal.kind === 'human'
        ? await listNotificationsOfUser.run({ ...page, user_id: principal.user_id }, db)
        : await listNotificationsOfAgent.run({ ...page, agent_id: principal.agent_id }, db);
    return withSentences(db, page.org_id, rows);
  },
});

const read = operation({
  name: 'read_notification',
  summary: 'Mark a notification of yours as read. The first time counts.',
  http: { method: 'POST', path: '/notifications/{id}/read' },
  cli: { command: 'notifications read', args: ['id'] },
  input: z.object({ id }),
  output: notification,
  errors: 'not_found',
  run: async ({ context, principal, input }) => {
    const { user_id, agent_id } = identityOf(principal);
    const { org_id } = principal;
    const mine = { org_id, id: input.id, user_id, agent_id, now: context.clock.now() };
    const row = await readNotification.one(mine, context.db);
    const own = existing(row, 'notification', 'Only your own notifications can be marked as read.');
    return (await withSentences(context.db, org_id, [own]))[0]!;
  },
});

export const notificationOperations = [list, read] as const;

const flagKind = z.enum(FLAG_KIND_VALUES);

type Row = { kind: string; lead_id: string | null; detail: unknown; play_name?: string | null };
type About = Partial<NoticeSubjectsResult> & {
  play: string;
  owner: OwnersNowResult | undefined;
  routed: readonly RoutedTasksResult[];
};

/** Reads what the notifications are about: it may be done, or decided, since. */
async function withSentences<R extends Row>(db: Queryable, org_id: string, rows: readonly R[]) {
  const subject_ids = rows.flatMap(subjectOf);
  const lead_ids = rows.flatMap((row) => (row.kind === 'owner_changed' ? (row.lead_id ?? []) : []));
  const [subjects, owners] = await Promise.all([
    subject_ids.length === 0 ? [] : noticeSubjects.run({ org_id, ids: subject_ids }, db),
    lead_ids.length === 0 ? [] : ownersNow.run({ org_id, ids: lead_ids }, db),
  ]);
  const ids = subjects.flatMap(taskIds);
  const tasks = ids.length === 0 ? [] : await routedTasks.run({ org_id, ids, limit: ids.length }, db);
  return rows.map((row) => {
    const play_id = flagFact(row.detail, 'play_id');
    const play = row.play_name ? `“${row.play_name}”` : `${play_id}`;
    const subject = subjects.find(({ id: subject_id }) => subject_id === subjectOf(row)[0]);
    const owner = owners.find(({ id: lead_id }) => lead_id === row.lead_id);
    const is_done = (subject?.is_done ?? false) && TO_DO.includes(row.kind);
    const routed = tasks.filter(({ id: task_id }) => taskIds(subject).includes(task_id));
    const says = sentence(row, { ...subject, play, owner, routed });
    return { ...row, play_id, is_done, says: is_done ? `${says} Already done.` : says };
  });
}

const taskIdList = z.array(z.uuid()).catch([]);

/** The tasks that a routing made. */
function taskIds(subject: NoticeSubjectsResult | undefined): string[] {
  return taskIdList.parse(subject?.task_ids ?? []);
}

const DECISIONS = ['entry_accepted', 'entry_declined'];
const TO_DO: readonly string[] = ['meeting', 'entry_requested', 'manual_send', 'reply_waiting'];

function subjectOf({ kind, detail }: Row): string[] {
  if (!TO_DO.includes(kind) && !DECISIONS.includes(kind)) return [];
  return [
    flagFact(detail, 'task_id') ?? flagFact(detail, 'queue_id') ?? flagFact(detail, 'inbound_id') ?? [],
  ].flat();
}

const DISABLED: Readonly<Record<string, string>> = {
  gone: 'its receiver answered 410 Gone',
  failing: 'every delivery failed for five days',
  secret_lost: 'its secret cannot be decrypted with this TOUCHLINE_SECRET',
};

function sentence({ kind, detail }: Row, about: About): string {
  const { play, owner } = about;
  if (DECISIONS.includes(kind)) return decisionSentence(kind, about);
  if (kind === 'entry_requested' && about.requester_name && about.campaign_name)
    return `${about.requester_name} requested to enroll a lead in “${about.campaign_name}”. You decide.`;
  if (kind === 'owner_changed' && owner !== undefined)
    return owner.owner_name === null
      ? `${owner.lead_name} was yours and has no owner now.`
      : `${owner.lead_name} was yours and now belongs to ${owner.owner_name}.`;
  if (['reply', 'meeting', 'entry_requested', 'assigned', 'owner_changed'].includes(kind))
    return `${noticeTitle({ kind, detail })}.`;
  if (kind === 'play_proposed')
    return `${flagFact(detail, 'writer_agent_id')} proposed the play ${play}. Review it: \`touchline plays pick-up\`.`;
  if (kind === 'play_activated') return `Your play ${play} was approved and is active.`;
  if (kind === 'play_retired')
    return `Your play ${play} was retired: ${flagFact(detail, 'retire_reason')?.replaceAll('_', ' ')}.`;
  if (kind === 'manual_send')
    return `Step ${flagFact(detail, 'step_number')} of ${flagFact(detail, 'campaign_name')} is due to be sent by you. Copy the text: \`touchline personal\`.`;
  if (kind === 'webhook_disabled')
    return `The webhook to ${flagFact(detail, 'host')} was disabled: ${DISABLED[flagFact(detail, 'reason') ?? ''] ?? 'deliveries fail'}. To replace it: touchline webhooks delete and create.`;
  const flag = flagKind.safeParse(kind);
  if (flag.success) return flagSentence(flag.data, detail);
  if (kind === 'stall_escalated') return `${flagSentence('stall', detail)} No one has responded.`;
  return `A request was suppressed: ${kind}.`;
}
