import { z } from 'zod';
import type { Queryable } from '../../db/pool.ts';
import * as erased_mentions from '../../db/queries/erased_mentions.gen.ts';
import { AppError } from '../../errors.ts';
import { existing, id, instant, noun, requirePerson } from '../fields.ts';
import { operation, transact } from '../operation.ts';
import { BY_ID, pagedList } from '../page.ts';

/** The name of each table's rows, and how a person removes a name from one. */
const KINDS: Readonly<Record<string, { kind: (typeof KIND_VALUES)[number]; what_next: string }>> = {
  sales_play_library: {
    kind: 'play',
    what_next:
      'Edit the play under review. An active or retired play cannot be edited: retire it, edit a copy, then mark this entry reviewed.',
  },
  campaigns: { kind: 'campaign', what_next: 'Rename the campaign.' },
  campaign_sequences: { kind: 'campaign_step', what_next: 'Edit the step of the campaign.' },
  clients: { kind: 'brand', what_next: 'Edit the brand.' },
  territory_definitions: { kind: 'segment', what_next: 'Edit the segment.' },
  accounts: { kind: 'account', what_next: 'Rename the account. Other leads belong to it.' },
  staged_drafts: { kind: 'draft', what_next: 'Edit the draft before it is sent.' },
};
const KIND_VALUES = ['play', 'campaign', 'campaign_step', 'brand', 'segment', 'account', 'draft'] as const;

export const mention = noun('ErasedMention', {
  id,
  lead_id: id.describe('the erased lead'),
  kind: z.enum(KIND_VALUES),
  reference: z.string().describe('id of a play, account, or draft; slug of a campaign'),
  step_number: z.number().nullable().describe('for a campaign step'),
  field: z.string().describe('the field that names the person'),
  found_at: instant,
  what_next: z.string().describe('how to remove the name'),
});

const list = pagedList({
  name: 'list_erased_mentions',
  summary: 'List shared texts that name an erased person, for a person to edit.',
  path: '/erased_mentions',
  cli: {
    command: 'mentions',
    columns: 'id kind reference step_number field found_at',
    below: ['what_next'],
    empty: 'No texts to review. Texts that name an erased person appear here.',
  },
  filters: { lead_id: id.optional() },
  item: mention,
  order: BY_ID,
  rows: async ({ page, db }) => (await erased_mentions.listMentions.run(page, db)).map(shown),
});

const review = operation({
  name: 'review_erased_mention',
  summary: 'Mark a text that names an erased person as reviewed.',
  http: { method: 'POST', path: '/erased_mentions/{id}/review' },
  cli: { command: 'mentions review', args: ['id'] },
  input: z.object({ id }),
  output: z.object({
    id,
    lead_id: id,
    ended_at: instant,
    reviewed_by_user_id: id.nullable().describe('null: the text was edited'),
    changed: z.boolean().describe('false: reviewed before'),
  }),
  errors: 'not_found role_required',
  run: async ({ context, principal, input }) => {
    const user_id = requirePerson(principal);
    return transact({ context, principal }, async ({ tx, org_id, now }) => {
      const key = { org_id, id: input.id };
      const changed = await erased_mentions.reviewMention.run({ ...key, user_id, now }, tx);
      const hint = 'touchline mentions lists them.';
      const found = existing(await erased_mentions.getMention.one(key, tx), 'mention', hint);
      return { ...found, ended_at: found.ended_at!, changed: changed.length > 0 };
    });
  },
});

export const mentionOperations = [list, review] as const;

/** The mentions of one erasure, for its answer. */
export async function mentionsOf(db: Queryable, org_id: string, lead_id: string, limit: number) {
  const rows = await erased_mentions.listMentions.run({ org_id, lead_id, after_id: null, limit }, db);
  return rows.map(shown);
}

function shown({ subject_table, ...row }: erased_mentions.ListMentionsResult) {
  const known = KINDS[subject_table];
  if (known === undefined) throw new AppError('internal', `No kind of text is stored in ${subject_table}.`);
  const { id, lead_id, reference, step_number, field, found_at } = row;
  return { id, lead_id, reference, step_number, field, found_at, ...known };
}
