import type { Crm, CrmDelivery, CrmOutcome, CrmPlace, CrmReadAs } from '../../../src/connectors/crm/port.ts';
import type { CrmObject } from '../../../src/connectors/crm/records.ts';
import type { Delivery } from './double_queue.ts';

/** A CRM for tests, with everything that happens in it besides the connector's calls. */
export type CrmBench = {
  crm: Crm;
  /** Another connector to the same CRM. */
  connect(api_key?: string, fields?: readonly CrmPlace[]): Crm;
  /** Adds an attribute of the users' own. */
  addAttribute(place: CrmPlace, reads_as: CrmReadAs): void;
  /** The id of an active user of the CRM. */
  user_id: string;
  now(): string;
  advance(ms: number): void;
  /** Percent of requests. */
  setFaults(faults: { limited?: number; dropped?: number; failed?: number }): void;
  /** Takes a scope from the key. */
  dropScope(scope: string): void;
  /** A scope that the port needs, in the CRM's words. */
  needed_scope: string;
  /** Writes that the CRM accepted from the connector. */
  writes(): number;
  /** Occupies the reference's slug with an attribute that does not fit. */
  spoilReference(): void;
  /** Changes by a user of the CRM. */
  user: {
    createPerson(email_address: string, job_title?: string): string;
    createCompany(name: string, domain: string): string;
    createDeal(name: string): string;
    addEmailAddress(person_id: string, email_address: string): void;
    addPhoneNumber(person_id: string, phone_number: string): void;
    setField(place: CrmPlace, record_id: string, value: string): void;
    addDomain(company_id: string, domain: string): void;
    linkPerson(deal_id: string, person_id: string): void;
    moveDeal(deal_id: string, stage_id: string): void;
    deleteRecord(object: CrmObject, record_id: string): void;
    /** The id of the record that has the values of both. */
    merge(object: CrmObject, primary: string, secondary: string): string;
  };
  /** Deliveries since the last call; percent of each fault. */
  takeDeliveries(faults?: { double?: number; shuffle?: number; lose?: number }): CrmDelivery[];
  /** Stops the CRM. */
  stop(): Promise<void>;
};

const START_MS = Date.UTC(2027, 0, 11, 9);

/** A clock that moves only by `advance`. */
export function benchClock() {
  let now_ms = START_MS;
  return {
    now_ms: () => now_ms,
    now: () => new Date(now_ms).toISOString(),
    advance: (ms: number) => {
      now_ms += ms;
    },
  };
}

export const deliveriesOf = (deliveries: readonly Delivery[]): CrmDelivery[] =>
  deliveries.map(({ target_url, headers, body }) => ({
    method: 'POST',
    url: target_url,
    headers,
    raw_body: Buffer.from(body),
  }));

const TRIES_MAX = 500;

/**
 * A caller as the port describes it: waits as told, retries what was not written, and looks before it writes again. Without
 * `look`, the call is safe to repeat.
 */
export async function patiently<T>(
  bench: CrmBench,
  call: () => Promise<CrmOutcome<T>>,
  look?: () => Promise<CrmOutcome<T | null>>,
): Promise<CrmOutcome<T>> {
  for (let tries = 0; tries < TRIES_MAX; tries += 1) {
    const outcome = await call();
    if (outcome.kind === 'limited') {
      const until_ms = outcome.until === null ? Number.NaN : Date.parse(outcome.until);
      const wait_ms = until_ms - Date.parse(bench.now());
      bench.advance(Number.isNaN(wait_ms) ? 1_000 : Math.max(1, wait_ms));
    } else if (outcome.kind === 'lost' && look !== undefined) {
      const found = await patiently(bench, look);
      if (found.kind !== 'ok' || found.value !== null) return found as CrmOutcome<T>;
    } else if (outcome.kind !== 'unreachable' && outcome.kind !== 'lost') return outcome;
  }
  throw new Error(`No outcome after ${TRIES_MAX} tries.`);
}

/** The value of a call that must succeed in the end. */
export async function done<T>(
  bench: CrmBench,
  call: () => Promise<CrmOutcome<T>>,
  look?: () => Promise<CrmOutcome<T | null>>,
): Promise<T> {
  const outcome = await patiently(bench, call, look);
  if (outcome.kind !== 'ok') throw new Error(JSON.stringify(outcome));
  return outcome.value;
}

/** Waits until the CRM's search knows what was written. */
export const settled = (bench: CrmBench) => bench.advance(bench.crm.search_lag_ms);

/** Creates what Touchline needs in the CRM, and returns its description. */
export async function prepared(bench: CrmBench) {
  const { crm } = bench;
  for (const planned of await done(bench, () => crm.planAttributes()))
    await done(bench, () => crm.createAttribute(planned));
  const { stages, owners, deal_currency } = await done(bench, () => crm.describe());
  const stageOf = (end: 'won' | 'lost' | 'open') => stages.find((stage) => stage.end === end)!.stage_id;
  const owner_id = owners.find(({ is_active }) => is_active)!.owner_id;
  return { stageOf, owner_id, currency: deal_currency ?? 'USD' };
}
