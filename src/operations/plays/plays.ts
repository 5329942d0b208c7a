/** The library for brains and readers: propose, list, show. Reviews are in review.ts. */
import { z } from 'zod';
import type { Scope } from '../../coordinator/gate/scope.ts';
import { notifyOfProposal } from '../../coordinator/plays/notes.ts';
import { BLANK } from '../../core/words.ts';
import { insertPlay, insertProposal, listPlays } from '../../db/queries/plays.gen.ts';
import { AppError } from '../../errors.ts';
import { newId } from '../../ids.ts';
import { type Json, PLAY_SCOPE_VALUES, PLAY_STATE_VALUES, RETENTION_TIER_VALUES } from '../../schema.gen.ts';
import { headerLine, id } from '../fields.ts';
import { ADDS, operation, transact } from '../operation.ts';
import { byTime, pagedList } from '../page.ts';
import { checkCadence, PLAY_TEMPLATE_ERRORS } from './checks.ts';
import { playText, successCriteria, suggestedCadence, targetDefinition } from './documents.ts';
import { day, listedPlay, playDetail, readPlay, visibleTo } from './output.ts';
import { explainReferences } from './references.ts';
import { playDetailText } from './text.ts';

/** Same as the constraint of territory_definitions. */
const SEGMENT = new RegExp(`^[^${BLANK}]([^\\u0000-\\u001f\\u007f-\\u009f]*[^${BLANK}])?$`);

export const segmentName = z
  .string()
  .min(1)
  .max(64)
  .regex(SEGMENT, 'expected a label without spaces at its ends')
  .describe('a segment of the taxonomy: list_segments, or `touchline segments`, lists them');

export const playContent = {
  name: headerLine(128),
  hypothesis: playText(5_000).describe('the thesis that the play tests'),
  target_definition: targetDefinition,
  suggested_cadence: suggestedCadence,
  success_criteria: successCriteria,
  active_period_start: day.nullable().optional().describe('first day; null: from activation'),
  active_period_end: day.nullable().optional().describe('last day; null: until retirement'),
  client_id: z
    .string()
    .max(63)
    .nullable()
    .optional()
    .describe('the sender’s brand, required if there are several: list_clients, or `touchline clients`'),
};

const proposal = z
  .strictObject({
    summary: playText(500),
    analysis: playText(50_000).describe('the data considered, the conclusions, and their certainty'),
    evidence: z.record(z.string().max(200), z.unknown()).optional().describe('figures and sources'),
    model: z.string().min(1).max(200).optional(),
    prompt_version: z.string().min(1).max(200).optional(),
  })
  .meta({ id: 'ProposalInput' })
  .describe('the analysis behind the play, stored as given');

const proposePlay = operation({
  name: 'propose_play',
  summary: 'Propose a play as a draft that people review, edit, and approve. Only brains propose plays.',
  http: { method: 'POST', path: '/plays' },
  cli: { command: 'plays propose' },
  mcp: { tool: 'propose_play', title: 'Propose a play', effect: ADDS },
  input: z.object({
    proposal: proposal.optional(),
    originating_proposal_id: id
      .optional()
      .describe('one of your earlier proposals; with `proposal`, the id for the new one'),
    scope: z.enum(PLAY_SCOPE_VALUES),
    segment: segmentName.optional().describe('for scope segment'),
    account_id: id.optional().describe('for scope account_specific'),
    ...playContent,
  }),
  output: playDetail,
  text: playDetailText,
  errors: `
    brain_only proposal_missing play_scope unknown_reference invalid_value conflict ${PLAY_TEMPLATE_ERRORS}`,
  run: async ({ context, principal, input }) => {
    if (principal.kind !== 'agent') throw brainOnly();
    refuseWrongScope(input);
    await checkCadence({ context, principal }, input.suggested_cadence);
    const { org_id, agent_id } = principal;
    const play_id = newId(context.clock);
    const { scope, segment = null, account_id = null } = input;
    const play = {
      org_id,
      play_id,
      scope,
      segment,
      account_id,
      ...contentOf(input),
      writer_agent_id: agent_id,
    };
    const propose = async ({ tx, clock, now }: Scope & { now: Date }) => {
      const proposal_id = input.originating_proposal_id ?? newId(clock);
      if (input.proposal !== undefined) {
        const { evidence = {}, model = null, prompt_version = null, ...words } = input.proposal;
        const made = { evidence: evidence as Json, model, prompt_version, now };
        await insertProposal.run({ org_id, proposal_id, agent_id, ...words, ...made }, tx);
      } else if (input.originating_proposal_id === undefined) throw proposalMissing();
      await insertPlay.run({ ...play, originating_proposal_id: proposal_id, now }, tx);
      await notifyOfProposal({ tx, org_id, clock }, play);
    };
    const given = input.proposal === undefined ? input : { ...input, originating_proposal_id: null };
    await explainReferences(context.db, { org_id, agent_id }, given, () =>
      transact({ context, principal }, propose),
    );
    return readPlay(context, principal, play_id);
  },
});

const listPlaysOperation = pagedList({
  name: 'list_plays',
  summary: 'List plays, newest first. A brain sees its own, other agents see active ones.',
  path: '/plays',
  cli: {
    command: 'plays',
    empty:
      'No plays. Brains propose plays over MCP or POST /plays; people then review them: touchline plays pick-up',
    columns: 'play_id state segment account_name name writer_agent_id edit_count created_at',
  },
  mcp: { tool: 'list_plays', title: 'List plays' },
  filters: {
    state: z.enum(PLAY_STATE_VALUES).optional(),
    segment: segmentName.optional(),
    account_id: id.optional(),
    writer_agent_id: z.string().max(16).optional().describe('only plays drafted by this brain'),
    q: z.string().trim().max(200).optional().describe('words that the name or the hypothesis contains'),
    tier: z
      .enum(RETENTION_TIER_VALUES)
      .optional()
      .describe('by time since retirement; hot includes plays that are not retired'),
  },
  item: listedPlay,
  order: byTime('created_at', 'play_id'),
  rows: ({ page, db, context, principal }) =>
    listPlays.run({ ...page, now: context.clock.now(), ...visibleTo(principal) }, db),
});

const getPlayOperation = operation({
  name: 'get_play',
  summary: 'Show a play: its proposal, people’s edits, its approvals, and its results.',
  http: { method: 'GET', path: '/plays/{id}' },
  version: 'shown',
  cli: { command: 'play', args: ['id'] },
  text: playDetailText,
  mcp: { tool: 'get_play', title: 'Show a play' },
  input: z.object({ id }),
  output: playDetail,
  errors: 'not_found',
  run: ({ context, principal, input }) => readPlay(context, principal, input.id),
});

export const playOperations = [proposePlay, listPlaysOperation, getPlayOperation] as const;

type Content = z.output<z.ZodObject<typeof playContent>>;

export function contentOf(content: Content) {
  return {
    name: content.name,
    hypothesis: content.hypothesis,
    target_definition: content.target_definition as Json,
    suggested_cadence: content.suggested_cadence as Json,
    success_criteria: content.success_criteria as Json,
    active_period_start: content.active_period_start ?? null,
    active_period_end: content.active_period_end ?? null,
    client_id: content.client_id ?? null,
  };
}

/** Throws `play_scope` unless the play has a segment or an account, not both. */
function refuseWrongScope(given: {
  scope: string;
  segment?: string | undefined;
  account_id?: string | undefined;
  target_definition: { segments?: string[] | undefined };
}): void {
  const { scope, segment, account_id, target_definition } = given;
  const [needed, other] =
    scope === 'segment' ? (['segment', 'account_id'] as const) : (['account_id', 'segment'] as const);
  const errors = [];
  if (given[needed] === undefined) errors.push({ path: needed, message: `is required for scope ${scope}` });
  if (given[other] !== undefined) errors.push({ path: other, message: `is not for scope ${scope}` });
  const segments = target_definition.segments ?? [];
  if (account_id === undefined && segment !== undefined && segments.length > 0 && !segments.includes(segment))
    errors.push({ path: 'target_definition.segments', message: `the play is for the segment ${segment}` });
  if (errors.length > 0)
    throw new AppError('play_scope', 'A play is for one segment or for one account.', { errors });
}

const brainOnly = () =>
  new AppError('brain_only', 'Only brains propose plays.', {
    hint: 'To launch a retired play again, a person copies it: POST /plays/{id}/copy.',
  });

const proposalMissing = () =>
  new AppError('proposal_missing', 'The play has no proposal.', {
    errors: [
      {
        path: 'proposal',
        message: 'include the analysis, or give the originating_proposal_id of an earlier proposal',
      },
    ],
  });
