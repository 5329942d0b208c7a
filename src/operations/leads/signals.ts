import { z } from 'zod';
import { lockLeads } from '../../db/queries/facts.gen.ts';
import { insertSignal, listSignals } from '../../db/queries/lead_signals.gen.ts';
import { newId } from '../../ids.ts';
import { ACTOR_KIND_VALUES } from '../../schema.gen.ts';
import { headerLine, id, inputInvalid, instant, kept, noun } from '../fields.ts';
import { leadKey } from '../lead_keys.ts';
import { ADDS, operation, transact } from '../operation.ts';
import { byTime, pagedList } from '../page.ts';
import { findLead } from './access.ts';

/** The sides whose signals the conflict rules compare. */
const side = z.enum(['sales', 'marketing']).meta({ id: 'SignalSide' });
/** Reserved for imports and the product itself. */
const OWN_SOURCES = ['import', 'before_signals'];
/** Seen by a person. */
const MANUAL = 'manual';

const signal = noun('Signal', {
  id,
  lead_id: id,
  side,
  source: z.string().describe('origin; import: a file; before_signals: an older version’s column'),
  detail: z.string().nullable(),
  occurred_at: instant,
  recorded_at: instant,
  recorded_by_kind: z.enum(ACTOR_KIND_VALUES),
  recorded_by_id: z.string(),
});

const record = operation({
  name: 'record_signal',
  summary:
    'Record a sign of interest that sales or marketing saw. The newest signal of each side decides the priority; recorded signals stay.',
  http: { method: 'POST', path: '/leads/{id}/signals' },
  cli: { command: 'lead signal', args: ['id', 'side'] },
  mcp: { tool: 'record_signal', title: 'Record a signal', effect: ADDS },
  input: z.object({
    id: leadKey,
    side: side.describe('side of the signal; role agents report only their own side'),
    source: z
      .string()
      .regex(/^[a-z][a-z0-9_]{0,63}$/, 'expected a word such as demo_request')
      .refine((word) => !OWN_SOURCES.includes(word), 'is reserved')
      .optional()
      .describe('origin in one word, such as demo_request; required of agents, default for people: manual'),
    detail: headerLine(500).optional().describe('a note; deleted with the lead’s personal data'),
    occurred_at: kept(z.iso.datetime({ offset: true }))
      .optional()
      .describe('when it was seen, never in the future; default: now'),
  }),
  output: signal,
  errors: 'not_found signal_in_future lead_erased',
  run: async ({ context, principal, input }) => {
    const { side, source = MANUAL, detail = null } = input;
    if (principal.kind === 'agent' && source === MANUAL) {
      const message = 'is required for agents, and manual is reserved for people';
      throw inputInvalid({ path: 'source', message });
    }
    return transact({ context, principal }, async ({ tx, org_id, clock, now }) => {
      const { id: lead_id } = await findLead(tx, org_id, input.id);
      await lockLeads.run({ org_id, lead_ids: [lead_id] }, tx);
      const occurred_at = input.occurred_at === undefined ? null : new Date(input.occurred_at);
      const row = { org_id, id: newId(clock), lead_id, side, source, detail, occurred_at, now };
      return { ...(await insertSignal.one(row, tx))!, side };
    });
  },
});

const list = pagedList({
  name: 'list_signals',
  summary: 'List the signals of a lead with their sources, newest first.',
  path: '/leads/{id}/signals',
  cli: {
    command: 'lead signals',
    args: ['id'],
    columns: 'occurred_at side source detail recorded_by_kind recorded_by_id',
    empty: 'No signals recorded. Record one: touchline lead signal LEAD sales',
  },
  filters: { id: leadKey },
  item: signal,
  errors: 'not_found',
  order: byTime('occurred_at', 'id'),
  rows: async ({ page: { id: key, ...page }, db }) => {
    const { id: lead_id } = await findLead(db, page.org_id, key);
    const rows = await listSignals.run({ ...page, lead_id }, db);
    return rows.map((row) => ({ ...row, side: row.side as z.output<typeof side> }));
  },
});

export const signalOperations = [record, list] as const;
