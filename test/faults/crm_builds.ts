import type { BrokenBuild } from './build_types.ts';

/** Broken builds of the outbox to the CRM. */
export const CRM_BUILDS: readonly BrokenBuild[] = [
  {
    name: 'crm_no_lookup',
    breaks: 'a note whose answer was lost is written again without looking for it',
    sources: [
      {
        file: 'src/coordinator/crm/write_calls.ts',
        from: 'if (look_first) {',
        to: 'if (Number.isNaN(look_first)) {',
      },
    ],
  },
  {
    name: 'crm_no_order',
    breaks: 'a later write about a person overtakes an earlier one',
    sources: [
      {
        file: 'src/db/queries/crm_writes.gen.ts',
        from: '(b.rank, b.id) < (w.rank, w.id) OR b.id <> w.id AND b.claim_id IS NOT NULL AND b.next_at > $3',
        to: 'b.id IS NULL',
      },
    ],
  },
  {
    name: 'crm_own_limiter',
    breaks: 'each process counts only its own requests',
    sources: [
      {
        file: 'src/coordinator/crm/limits.ts',
        from: 'const slot = { org_id, calls, spacing_ms, wait_max_ms: WAIT_MAX_MS };\n    const [taken] = await sql.takeCrmSlot.run(slot, db);',
        to: 'const free_at = Math.max(performance.now(), globalThis[calls] ?? 0); globalThis[calls] = free_at + spacing_ms; const taken = { wait_ms: free_at - performance.now() };',
      },
    ],
  },
];
