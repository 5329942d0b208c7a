import { z } from 'zod';
import { firstHash, sealLog } from '../../coordinator/upkeep/event_chain.ts';
import { sqlState } from '../../db/errors.ts';
import { chainHead } from '../../db/queries/event_chain.gen.ts';
import { AppError } from '../../errors.ts';
import { noun } from '../fields.ts';
import { type Call, operation } from '../operation.ts';
import { finding, START, STEP, type Walk, walkState } from './audit_walk.ts';

/** Statements per answer: about a second of work. */
const STEPS = 5;

const hash = z.string().regex(/^[0-9a-f]{64}$/, 'expected 64 hexadecimal digits');

const output = noun('AuditVerification', {
  ok: z.boolean().describe('false: `finding` has the first fault'),
  finding: finding.nullable(),
  head_place: z.number(),
  head_hash: z
    .string()
    .describe('store it elsewhere; passed as `expect`, it proves that the chain still contains it'),
  checked_batches: z.number(),
  checked_rows: z.number(),
  as_found_rows: z.number().describe('rows older than the chain'),
  progress: z.number().describe('0 to 1'),
  continue_from: z.string().nullable().describe('not finished: repeat the request with this'),
});
type Answer = z.input<typeof output>;

export const verifyAudit = operation({
  name: 'verify_audit',
  summary:
    'Verify the audit: recompute the hash chain over event log and audit log, compare approved and sent texts with it, and name the first difference.',
  http: { method: 'GET', path: '/audit/verify' },
  cli: { command: 'audit verify', follow: true },
  input: z.object({
    expect: hash.optional().describe('an earlier head hash, which the chain must still contain'),
    continue_from: z.string().max(2_000).optional().describe('continue_from of the previous answer'),
  }),
  output,
  errors: 'cursor_invalid',
  run: async (call) => {
    const { context, principal, input } = call;
    const scope = { db: context.db, org_id: principal.org_id, expect: input.expect ?? null };
    let walk = input.continue_from === undefined ? await begin(call) : readWalk(input.continue_from);
    for (let steps = 0; steps < STEPS && walk.phase !== 'done'; steps += 1) {
      const next = await STEP[walk.phase](scope, walk);
      if ('what' in next) return { ...answerOf(walk), ok: false, finding: next };
      walk = next;
    }
    if (walk.phase === 'done') return answerOf(walk);
    return { ...answerOf(walk), continue_from: Buffer.from(JSON.stringify(walk)).toString('base64url') };
  },
  text: verifyText,
});

type VerifyCall = Call<{ expect?: string | undefined; continue_from?: string | undefined }>;
/** Seals the new rows first. If the end of the chain is broken, nothing is sealed, and the walk finds the fault. */
async function begin({ context, principal: { org_id } }: VerifyCall): Promise<Walk> {
  const { db, clock } = context;
  let is_whole = true;
  try {
    await sealLog({ db, clock, org_id });
  } catch (error) {
    if (sqlState(error) !== 'TL021') throw error;
    is_whole = false;
  }
  const [head] = await chainHead.run({ org_id }, db);
  const first = firstHash(org_id).toString('hex');
  const stands = { place: head?.place ?? 0, hash: head?.hash.toString('hex') ?? first };
  return { ...START, head: stands, is_whole, hash: first };
}

/** A client that changes this state deceives only itself. Throws `cursor_invalid`. */
function readWalk(text: string): Walk {
  try {
    return walkState.parse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8')));
  } catch {
    throw new AppError('cursor_invalid', 'Not a position in a verification.', {
      errors: [{ path: 'continue_from', message: 'expected the continue_from of an earlier answer' }],
    });
  }
}

function answerOf(walk: Walk): Answer {
  return {
    ok: true,
    finding: null,
    head_place: walk.head.place,
    head_hash: walk.head.hash,
    checked_batches: walk.batches,
    checked_rows: walk.rows,
    as_found_rows: walk.as_found,
    progress: progressOf(walk),
    continue_from: null,
  };
}

/** First the chain, then the same number of rows again. */
function progressOf({ phase, place, head, rows, seen }: Walk): number {
  if (phase === 'done') return 1;
  if (phase === 'chain') return Math.min(0.5, (0.5 * place) / Math.max(1, head.place));
  return 0.5 + Math.min(0.5, (0.5 * seen) / Math.max(1, rows));
}

function verifyText({ ok, finding: found, ...answer }: z.output<typeof output>): string {
  const checked = `${answer.checked_rows} rows in ${answer.checked_batches} batches checked`;
  if (!ok && found)
    return [`The log is NOT intact (${found.what}): ${found.says}`, `Before that, ${checked}.`].join('\n');
  const as_found = answer.as_found_rows === 0 ? '' : `, ${answer.as_found_rows} of them older than the chain`;
  return [
    `The log is intact: ${checked}${as_found}.`,
    `The chain ends at place ${answer.head_place} with ${answer.head_hash}`,
    'Store that hash elsewhere; touchline audit verify --expect HASH then proves that the chain still contains it.',
  ].join('\n');
}
