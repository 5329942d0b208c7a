import { z } from 'zod';
import { parsePolicy, policyDocument, storedDocument } from '../../coordinator/gate/policy_document.ts';
import { policyReasons } from '../../coordinator/gate/policy_reasons.ts';
import * as policies from '../../db/queries/policies.gen.ts';
import { AppError } from '../../errors.ts';
import type { Json } from '../../schema.gen.ts';
import { id, instant, noun } from '../fields.ts';
import { operation, transact } from '../operation.ts';
import { pagedList, readNumberCursor } from '../page.ts';
import { refuseIfStale } from '../version.ts';
import { previewPolicyOperation, refuseSegmentCaps } from './preview.ts';

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
  input: z.object({}),
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

const getDefaultPolicy = operation({
  name: 'get_default_policy',
  summary: 'Show the shipped policy: every value with its reason.',
  http: { method: 'GET', path: '/policy/default' },
  cli: { command: 'policy default', columns: 'path value', below: ['reason'] },
  input: z.object({}),
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

export const policyOperations = [get, put, previewPolicyOperation, getDefaultPolicy, listVersions] as const;

/** The whole document, with shipped values for what the version leaves out. */
function shown<Row extends Pick<policies.CurrentPolicyResult, 'document'>>(row: Row) {
  return { ...row, document: storedDocument(row.document) as Record<string, unknown> };
}
