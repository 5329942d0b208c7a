import { readFileSync } from 'node:fs';
import type { BrokenBuild, Mutation } from './build_types.ts';
import { CRM_BUILDS } from './crm_builds.ts';

const FACTS = 'src/db/queries/facts.gen.ts';
/** A lead's mail leaves from one mailbox, so the mailbox's lock would replace the lead's. */
const NO_LOCK: readonly Mutation[] = [
  {
    file: 'src/db/queries/mailboxes.gen.ts',
    from: 'LIMIT $4\nFOR NO KEY UPDATE SKIP LOCKED`',
    to: 'LIMIT $4`',
  },
  { file: FACTS, from: 'ORDER BY id\nFOR NO KEY UPDATE`', to: 'ORDER BY id`' },
  { file: FACTS, from: 'ORDER BY id\nFOR NO KEY UPDATE SKIP LOCKED`', to: 'ORDER BY id`' },
];

/** Every broken build. A fault suite that stays green on one of these proves nothing. */
export const BROKEN_BUILDS: readonly BrokenBuild[] = [
  {
    name: 'no_fence',
    breaks: 'several workers claim the same due step, and the unique keys behind the claim are gone',
    sources: [
      {
        file: 'src/db/queries/enrollments.gen.ts',
        from: 'ORDER BY e.next_send_at, e.id\nLIMIT $4\nFOR UPDATE OF e SKIP LOCKED',
        to: 'ORDER BY e.next_send_at, e.id\nLIMIT $4',
      },
      {
        file: 'src/db/queries/enrollments.gen.ts',
        from: 'ON CONFLICT (org_id, enrollment_id, step_number) DO NOTHING',
        to: '',
      },
    ],
    sql: [
      'ALTER TABLE sales_send_queue DROP CONSTRAINT sales_send_queue_step_uniq',
      'DROP INDEX sales_send_queue_open_uniq',
    ],
  },
  {
    name: 'no_lock',
    breaks:
      'what concerns a lead is decided without its lock, so two may see the same free place under a cap',
    sources: NO_LOCK,
  },
  {
    name: 'lock_and_count_in_one_statement',
    breaks: 'the lead is locked by the statement that counts, which then counts what was before it waited',
    sources: [
      ...NO_LOCK,
      {
        file: FACTS,
        from: 'WHERE l.org_id = $1 AND l.id = ANY ($2::uuid[])`',
        to: 'WHERE l.org_id = $1 AND l.id = ANY ($2::uuid[])\nORDER BY l.id\nFOR NO KEY UPDATE OF l`',
      },
    ],
  },
  {
    name: 'merge_forgets_touches',
    breaks: 'touches of a merged lead do not count for the lead that it became',
    sources: [
      { file: FACTS, from: 'AND m.merged_into_id = ANY (', to: 'AND false AND m.merged_into_id = ANY (' },
    ],
  },
  {
    name: 'retry_on_connection_error',
    breaks: 'a message whose 354 got no answer is taken for one that may be tried again',
    sources: [
      {
        file: 'src/connectors/smtp_session.ts',
        from: "return { kind: 'unknown', response: account(answer) };",
        to: "return { kind: 'deferred', response: account(answer) };",
      },
    ],
  },
  {
    name: 'outcome_before_send',
    breaks: 'a message is recorded as sent before it is handed over',
    sources: [
      {
        file: 'src/worker/send.ts',
        from: '(scope) => mayBeginData(scope, send)',
        to: `async (scope) => {
          const { item, attempt_id, time_zone } = send;
          const go = await mayBeginData(scope, send);
          const outcome = { kind: 'sent', response: 'it will surely go' } as const;
          if (go) await recordOutcome(scope, { item, attempt_id, time_zone, outcome });
          return go;
        }`,
      },
    ],
  },
  {
    name: 'suppression_checked_only_when_queued',
    breaks: 'neither the gate before sending nor the question before DATA looks at opt-outs',
    sources: [
      {
        file: 'src/coordinator/sending/sending.ts',
        from: "decide(factsOf(lead, item, 'sent', this.#now_ms, { to_real_server }), policy)",
        to: `decide({
          ...factsOf(lead, item, 'sent', this.#now_ms, { to_real_server }),
          unsubscribe_flag: false, opt_out_flag: false, suppressed_address: false,
        }, policy)`,
      },
      {
        file: 'src/db/queries/send_queue.gen.ts',
        from: `q.id = a.queue_id AND q.status = 'approved' AND q.staged_draft_id = a.draft_id
  AND l.org_id = q.org_id AND l.id = q.lead_id AND NOT l.unsubscribe_flag AND NOT l.opt_out_flag
RETURNING a.id`,
        to: `q.id = a.queue_id AND q.staged_draft_id = a.draft_id
  AND l.org_id = q.org_id AND l.id = q.lead_id
RETURNING a.id`,
      },
    ],
    // The database checks again whether the sequence still runs, which an opt-out ends.
    sql: [
      'DROP TRIGGER send_attempts_not_stopped ON send_attempts',
      `CREATE OR REPLACE FUNCTION touch_may_leave(org uuid, item uuid, judged_by int) RETURNS boolean LANGUAGE sql
         RETURN true`,
    ],
  },
  ...CRM_BUILDS,
];

/** The broken build with that name. Throws if none exists. */
export function brokenBuild(name: string): BrokenBuild {
  const found = BROKEN_BUILDS.find((build) => build.name === name);
  if (found === undefined) throw new Error(`no broken build is named ${name}`);
  return found;
}

/** The source of one file with these mutations. Throws unless each finds its text exactly once. */
export function mutate(source: string, mutations: readonly Mutation[]): string {
  return mutations.reduce((text, { file, from, to }) => {
    const parts = text.split(from);
    if (parts.length === 2) return parts.join(to);
    throw new Error(`${file} contains this text ${parts.length - 1} times instead of once: ${from}`);
  }, source);
}

/** The mutations of a build by file, each proven to find its text. */
export function mutationsByFile(build: BrokenBuild): Map<string, Mutation[]> {
  const by_file = Map.groupBy(build.sources, ({ file }) => file);
  for (const [file, mutations] of by_file) mutate(readFileSync(sourceUrl(file), 'utf8'), mutations);
  return by_file;
}

/** The URL of a product file, from its path relative to the root. */
export function sourceUrl(file: string): URL {
  return new URL(`../../${file}`, import.meta.url);
}
