import { z } from 'zod';
import { firstHash, sealLog } from '../../coordinator/upkeep/event_chain.ts';
import { sqlState } from '../../db/errors.ts';
import { chainHead } from '../../db/queries/event_chain.gen.ts';
import { AppError } from '../../errors.ts';
import { noun } from '../fields.ts';
import { type Call, operation } from '../operation.ts';
import { finding, START, STEP, type Walk, walkState } from './audit_walk.ts';

/** Statements of an answer: a second of work or so. */
const STEPS = 5;

const hash = z.string().regex(/^[0-9a-f]{64}$/, 'expected 64 hexadecimal digits');

const output = noun('AuditVerification', {
  ok: z.boolean().describe('false: `finding` says what is wrong first'),
  finding: finding.nullable(),
  head_place: z.number(),
  head_hash: z
    .string()
    .describe('keep it elsewhere: given as `expect`, it shows whether the chain still holds it'),
  checked_batches: z.number(),
  checked_rows: z.number(),
  as_found_rows: z.number().describe('of these, rows that were there before the chain was'),
  progress: z.number().describe('0 to 1'),
  continue_from: z.string().nullable().describe('it is not done yet: ask again with this'),
});
type Answer = z.input<typeof output>;

export const verifyAudit = operation({
  name: 'verify_audit',
  summary:
    'Verify the audit: recompute the hash chain over event log and audit log, compare approved and sent texts with it, and name the first difference.',
  http: { method: 'GET', path: '/audit/verify' },
  cli: { command: 'audit verify', follow: true },
  input: z.object({
    expect: hash.optional().describe('a head hash from earlier: the chain must still hold it'),
    continue_from: z.string().max(2_000).optional().describe('continue_from of the answer before'),
  }),
  output,
  errors: ['cursor_invalid'],
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
/** Seals what is there. Where the chain is broken at its end, nothing is; the walk finds what is wrong. */
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

/** Who changes what travels here deceives nobody but themselves. Throws `cursor_invalid`. */
function readWalk(text: string): Walk {
  try {
    return walkState.parse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8')));
  } catch {
    throw new AppError('cursor_invalid', 'This is not what a verification answered.', {
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

/** First the chain, then as many rows again. */
function progressOf({ phase, place, head, rows, seen }: Walk): number {
  if (phase === 'done') return 1;
  if (phase === 'chain') return Math.min(0.5, (0.5 * place) / Math.max(1, head.place));
  return 0.5 + Math.min(0.5, (0.5 * seen) / Math.max(1, rows));
}

function verifyText({ ok, finding: found, ...answer }: z.output<typeof output>): string {
  const checked = `${answer.checked_rows} rows in ${answer.checked_batches} batches were checked`;
  if (!ok && found)
    return [`NOT AS WRITTEN (${found.what}): ${found.says}`, `Before it, ${checked}.`].join('\n');
  const as_found = answer.as_found_rows === 0 ? '' : `, ${answer.as_found_rows} of them as they were found`;
  return [
    `Everything is as it was written: ${checked}${as_found}.`,
    `The chain stands at place ${answer.head_place} with ${answer.head_hash}`,
    'Keep that elsewhere; touchline audit verify --expect HASH then shows whether it is still the same chain.',
  ].join('\n');
}
