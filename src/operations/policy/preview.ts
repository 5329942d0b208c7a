import { z } from 'zod';
import { parsePolicy, policyDocument, storedDocument } from '../../coordinator/gate/policy_document.ts';
import { previewPolicy } from '../../coordinator/gate/policy_preview.ts';
import { DAY_MS } from '../../core/durations.ts';
import { REPLAYED_KEYS } from '../../core/gate/policy_preview.ts';
import { namedLeads } from '../../db/queries/leads.gen.ts';
import { currentPolicy } from '../../db/queries/policies.gen.ts';
import { AppError } from '../../errors.ts';
import { SUPPRESSED_REASON_VALUES } from '../../schema.gen.ts';
import { gateOutcome, id, instant, noun } from '../fields.ts';
import { operation } from '../operation.ts';

const DAYS = 7;

const suppressed_reason = z.enum(SUPPRESSED_REASON_VALUES).nullable();

export const previewPolicyOperation = operation({
  name: 'preview_policy',
  summary:
    'Preview a changed policy on the gate’s decisions of the last 7 days: how many would differ. Nothing changes.',
  http: { method: 'POST', path: '/policy/preview' },
  input: z.object({ document: z.record(z.string(), z.unknown()).describe('as in put_policy') }),
  output: noun('PolicyPreview', {
    since: instant.describe('start of the replay: 7 days ago, or the oldest of the newest 10,000 events'),
    decisions_count: z.int(),
    unchanged_count: z.int(),
    untold_count: z.int().describe('undecidable: no facts stored, or a longer window than stored'),
    changes: z
      .array(
        noun('PolicyChange', {
          from: gateOutcome,
          from_reason: suppressed_reason,
          to: gateOutcome,
          to_reason: suppressed_reason,
          is_certain: z.boolean().describe('always true: the gate replays the stored facts'),
          count: z.int(),
          examples: z
            .array(z.object({ lead_id: id, name: z.string(), company: z.string().nullable(), at: instant }))
            .describe('the newest'),
        }),
      )
      .describe('most frequent first'),
    not_replayed: z
      .array(z.string())
      .describe('changed parts that the gate does not read; not in the counts'),
  }),
  errors: 'policy_invalid',
  run: async ({ context: { db, clock }, principal: { org_id }, input }) => {
    refuseSegmentCaps(input.document);
    const policy = parsePolicy(input.document);
    const now = clock.now();
    const since = new Date(now.getTime() - DAYS * DAY_MS);
    const { changes, ...counted } = await previewPolicy(db, { org_id, since, now }, policy);
    const ids = [...new Set(changes.flatMap(({ examples }) => examples.map(({ lead_id }) => lead_id)))];
    const named = ids.length === 0 ? [] : await namedLeads.run({ org_id, ids, email_keys: [] }, db);
    const leads = new Map(named.map((lead) => [lead.id, lead]));
    const [current] = await currentPolicy.run({ org_id }, db);
    return {
      ...counted,
      changes: changes.map(({ outcome: to, reason: to_reason, examples, ...change }) => ({
        ...change,
        is_certain: true,
        to,
        to_reason,
        examples: examples.flatMap(({ lead_id, at }) => {
          const lead = leads.get(lead_id);
          if (lead === undefined) return [];
          const name = [lead.first_name, lead.last_name].filter(Boolean).join(' ') || lead.email;
          return [{ lead_id, name, company: lead.company, at }];
        }),
      })),
      not_replayed: notReplayed(storedDocument(current?.document), policyDocument(input.document)),
    };
  },
});

function notReplayed(before: Record<string, unknown>, after: Record<string, unknown>): string[] {
  return Object.keys(after).filter(
    (key) => !REPLAYED_KEYS.some((replayed) => replayed === key) && !isSame(before[key], after[key]),
  );
}

/** Compares JSON values regardless of the order of keys. */
function isSame(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b;
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...keys].every((key) =>
    isSame((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]),
  );
}

/** A cap that is stored but never enforced would be worse than none. Throws `policy_invalid`. */
export function refuseSegmentCaps(document: Record<string, unknown>): void {
  if (!('segment_caps' in document)) return;
  throw new AppError('policy_invalid', 'The policy is invalid: it has no segment_caps.', {
    errors: [{ path: 'segment_caps', message: 'is set in the play library configuration' }],
    hint: 'PUT /plays/config and PUT /plays/config/{segment} set how many plays may be active.',
  });
}
