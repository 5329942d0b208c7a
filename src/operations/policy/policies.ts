import { z } from 'zod';
import { parsePolicy, policyDocument, storedDocument } from '../../coordinator/gate/policy_document.ts';
import { previewPolicy } from '../../coordinator/gate/policy_preview.ts';
import { policyReasons } from '../../coordinator/gate/policy_reasons.ts';
import { DAY_MS } from '../../core/durations.ts';
import { REPLAYED_KEYS } from '../../core/gate/policy_preview.ts';
import * as policies from '../../db/queries/policies.gen.ts';
import { AppError } from '../../errors.ts';
import { type Json, SUPPRESSED_REASON_VALUES } from '../../schema.gen.ts';
import { gateOutcome, id, instant, noun } from '../fields.ts';
import { leadsNamed } from '../lead_keys.ts';
import { operation, transact } from '../operation.ts';
import { pagedList, readNumberCursor } from '../page.ts';
import { refuseIfStale } from '../version.ts';

const policyOutput = noun('Policy', {
  version: z.number(),
  document: z.record(z.string(), z.unknown()),
  note: z.string().nullable(),
  created_at: instant,
  created_by_user_id: id.nullable(),
});

const get = operation({
  name: 'get_policy',
  summary: 'Show the policy in force: every number of the gate.',
  http: { method: 'GET', path: '/policy' },
  version: 'shown',
  cli: { command: 'policy' },
  output: policyOutput,
  run: async ({ context, principal: { org_id } }) =>
    shown((await policies.currentPolicy.one({ org_id }, context.db))!),
});

const put = operation({
  name: 'put_policy',
  summary: 'Put a new version of the policy in force. Values that it does not name keep their shipped value.',
  http: { method: 'PUT', path: '/policy' },
  version: 'checked',
  input: z.object({
    document: z.record(z.string(), z.unknown()).describe('the whole document, or only the changed parts'),
    expected_version: z.int().min(1).describe('the version that you read'),
    note: z.string().trim().max(2_000).optional().describe('why'),
  }),
  output: policyOutput,
  errors: 'policy_invalid version_changed',
  run: async ({ context, principal, expected, input }) => {
    refuseSegmentCaps(input.document);
    parsePolicy(input.document);
    const document = policyDocument(input.document) as unknown as Json;
    return transact({ context, principal }, async ({ tx, org_id, now }) => {
      await policies.lockPolicies.run({ org_id }, tx);
      const [current] = await policies.currentPolicy.run({ org_id }, tx);
      if (current?.version !== input.expected_version) {
        throw new AppError('version_changed', `The policy is now at version ${current?.version}.`, {
          status: 409,
          hint: `Read version ${current?.version} with get_policy, then change that version.`,
        });
      }
      // The second of two writers with the same version finds the next number taken.
      refuseIfStale(expected, policyOutput, shown(current));
      const version = current.version + 1;
      const created_by_user_id = principal.kind === 'human' ? principal.user_id : null;
      const row = { org_id, version, document, note: input.note ?? null, now };
      await policies.insertPolicy.run({ ...row, created_by_user_id }, tx);
      return shown((await policies.currentPolicy.one({ org_id }, tx))!);
    });
  },
});

const DAYS = 7;

const suppressed_reason = z.enum(SUPPRESSED_REASON_VALUES).nullable();

const preview = operation({
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
    const leads = await leadsNamed(db, org_id, ids);
    const [current] = await policies.currentPolicy.run({ org_id }, db);
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

const getDefaultPolicy = operation({
  name: 'get_default_policy',
  summary: 'Show the shipped policy: every value with its reason.',
  http: { method: 'GET', path: '/policy/default' },
  cli: { command: 'policy default', columns: 'path value', below: ['reason'] },
  output: z.object({
    items: z.array(
      noun('PolicyValue', {
        path: z.string().describe('for example touch_cap.window_hours'),
        is_group: z.boolean().describe('a group of values without a value of its own'),
        value: z.unknown(),
        reason: z.string().nullable(),
      }),
    ),
  }),
  run: async () => ({ items: [...policyReasons()] }),
});

const listVersions = pagedList({
  name: 'list_policy_versions',
  summary: 'List every policy that was in force, newest first: by whom, when, and why.',
  path: '/policy/versions',
  cli: { command: 'policy versions', columns: 'version created_at created_by note' },
  item: noun('PolicyVersion', {
    ...policyOutput.shape,
    created_by: z.string().nullable().describe('null: created by setup'),
  }),
  order: {
    placeOf: (cursor) => ({ before_version: readNumberCursor(cursor) }),
    keyOf: (row: { version: number }) => [String(row.version)],
  },
  rows: async ({ page, db }) => (await policies.listPolicies.run(page, db)).map(shown),
});

export const policyOperations = [get, put, preview, getDefaultPolicy, listVersions] as const;

/** The whole document, with shipped values for what the version leaves out. */
function shown<Row extends Pick<policies.CurrentPolicyResult, 'document'>>(row: Row) {
  return { ...row, document: storedDocument(row.document) as Record<string, unknown> };
}

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
function refuseSegmentCaps(document: Record<string, unknown>): void {
  if (!('segment_caps' in document)) return;
  throw new AppError('policy_invalid', 'The policy is invalid: it has no segment_caps.', {
    errors: [{ path: 'segment_caps', message: 'is set in the play library configuration' }],
    hint: 'PUT /plays/config and PUT /plays/config/{segment} set how many plays may be active.',
  });
}
