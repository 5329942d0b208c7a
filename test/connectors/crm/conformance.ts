import { afterEach, beforeEach, inject } from 'vitest';
import { connectionCases } from './conformance_connection.ts';
import { activityCases, dealCases } from './conformance_deals.ts';
import { eventCases } from './conformance_events.ts';
import { faultCases } from './conformance_faults.ts';
import { fieldCases } from './conformance_fields.ts';
import { pageCases } from './conformance_pages.ts';
import { recordCases } from './conformance_records.ts';
import type { CrmBench } from './crm_bench.ts';

/** The cases every connector must pass, on a fresh CRM each. */
export function crmConformance(start: (seed: number) => Promise<CrmBench>): void {
  let bench: CrmBench;
  let seed = inject('seed');
  beforeEach(async () => {
    seed += 1;
    bench = await start(seed);
  });
  afterEach(async () => {
    await bench.crm.close();
    await bench.stop();
  });
  const current = () => bench;
  connectionCases(current);
  recordCases(current);
  dealCases(current);
  activityCases(current);
  fieldCases(current);
  pageCases(current);
  eventCases(current);
  faultCases(current);
}
