import { z } from 'zod';
import { ADDRESSES, CHANNELS } from '../../core/channels.ts';
import {
  type PersonalSendsByIdResult,
  personalSendPage,
  personalSendPageOfOwners,
  personalSendsById,
} from '../../db/queries/personal_sends.gen.ts';
import { CHANNEL_VALUES } from '../../schema.gen.ts';
import { id, instant, leadNamesWithTitle, noun } from '../fields.ts';
import { ownedIn, scope } from '../ownership.ts';
import { BY_PLACE, pagedList } from '../page.ts';
import { assignPersonalSend } from './assign_send.ts';
import { isWithoutText, personalLink } from './personal_links.ts';

const personalSend = noun('ManualSend', {
  id: id.describe('of the draft: mark_sent takes it, with the content hash'),
  queue_id: id,
  content_hash: z.string(),
  channel: z.enum(CHANNEL_VALUES),
  to_id: z.string().describe('the address that the text was written for'),
  status: z.enum(['drafted', 'approved']),
  due_since: instant,
  why: z.string().describe('why a person sends it'),
  subject: z.string().nullable(),
  body: z.string().describe('the text to copy'),
  open_url: z
    .string()
    .nullable()
    .describe('opens the place to send, with the text if it fits; null without a safe address'),
  open_note: z.string().nullable().describe('a problem with the link'),
  lead_id: id,
  enrollment_id: id,
  ...leadNamesWithTitle,
  owner_user_id: id.nullable().describe('of the lead, else of its account'),
  owner_name: z.string().nullable(),
  assigned_to_user_id: id.nullable().describe('the user who sends it; null: any user who works'),
  assigned_to_name: z.string().nullable(),
  campaign_slug: z.string(),
  campaign_name: z.string(),
  step_number: z.number(),
});
type PersonalSend = z.output<typeof personalSend>;

const list = pagedList({
  name: 'list_personal_sends',
  summary:
    'List manual sends: the text to copy, the link to open, the reason, and since when. mark_sent records a send; the gates decide again then.',
  path: '/personal_sends',
  cli: { command: 'personal' },
  filters: { scope, queue_id: id.optional().describe('only this manual send, if it is due') },
  item: personalSend,
  order: BY_PLACE,
  rows: async ({
    page: { after_time: after_scheduled_at, scope: asked, queue_id, ...page },
    principal,
    db,
  }) => {
    const owned = queue_id === null ? await ownedIn(db, principal, asked) : null;
    const place = { ...page, after_scheduled_at };
    const found =
      queue_id !== null
        ? [{ id: queue_id }]
        : owned === null
          ? await personalSendPage.run(place, db)
          : await personalSendPageOfOwners.run({ ...place, ...owned }, db);
    const rows = await personalSendsById.run({ org_id: page.org_id, ids: found.map(({ id }) => id) }, db);
    return rows.map(shown);
  },
  text: ({ items, next_cursor }) => {
    if (items.length === 0) return 'No manual sends. See what is due: touchline queue';
    const more = next_cursor === null ? [] : [`There are more: touchline personal --cursor ${next_cursor}`];
    return [...items.map(inWords), ...more].join('\n\n');
  },
});

export const personalSendOperations = [list, assignPersonalSend] as const;

function shown(row: PersonalSendsByIdResult) {
  const { channel, address, subject, body, scheduled_at } = row;
  const status = row.status === 'approved' ? ('approved' as const) : ('drafted' as const);
  const open_url = address === null ? null : personalLink(channel, address, { subject, body });
  return {
    ...row,
    status,
    due_since: scheduled_at,
    place: scheduled_at,
    place_id: row.queue_id,
    why: whyOf(row),
    open_url,
    open_note: noteOf(row, open_url),
  };
}

function whyOf({ channel, send_rule }: PersonalSendsByIdResult): string {
  const { sent_by, why_personal } = CHANNELS[channel];
  return sent_by === 'product' && send_rule === 'notify_rep'
    ? 'The sales rep sends the messages of this campaign.'
    : why_personal;
}

function noteOf({ channel }: PersonalSendsByIdResult, open_url: string | null): string | null {
  const { address } = CHANNELS[channel];
  if (open_url === null) {
    return `The lead has no ${ADDRESSES[address]} that can be opened; touchline patch lead sets one.`;
  }
  return isWithoutText(channel, open_url) ? 'The text is too long for the link: copy it.' : null;
}

function inWords(one: PersonalSend): string {
  const name = [one.first_name, one.last_name].filter(Boolean).join(' ') || one.lead_email;
  const where = [one.title, one.company].filter(Boolean).join(', ');
  const by = `${CHANNELS[one.channel].label} to ${one.to_id}`;
  return [
    `${name}${where === '' ? '' : ` (${where})`}, ${by}: ${one.campaign_name}, step ${one.step_number}`,
    `  Due since ${one.due_since}. ${one.why}${one.assigned_to_name === null ? '' : ` ${one.assigned_to_name} sends it.`}`,
    ...(one.open_url === null ? [] : [`  open: ${one.open_url}`]),
    ...(one.open_note === null ? [] : [`  ${one.open_note}`]),
    ...(one.subject === null ? [] : ['', `  Subject: ${one.subject}`]),
    '',
    ...one.body.split('\n').map((line) => (line === '' ? '' : `  ${line}`)),
    '',
    `  After sending: touchline mark sent ${one.id} --content-hash ${one.content_hash}`,
  ].join('\n');
}
