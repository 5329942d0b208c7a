/**
 * The port of a CRM. Types only. A connector has no clock, never sleeps, and never retries: its caller owns the limiter, the
 * retries, and the order of calls. Writes and subscriptions need the planned attributes. All times are ISO 8601 in UTC.
 */

import type { CrmName } from '../../schema.gen.ts';
import type {
  CrmActivity,
  CrmCompany,
  CrmDeal,
  CrmDealChanges,
  CrmObject,
  CrmPerson,
  CrmRecord,
  CrmRecordId,
  CrmTask,
  CrmWritten,
} from './records.ts';

/**
 * The outcome of one call. Exactly one of these; only `lost` is uncertain:
 * - `ok`: the CRM did it.
 * - `limited`: the CRM counted too many calls and did nothing. `until` is its instant for the next try, by its own clock, or
 *   null; `per` is the limit: one of seconds, or one of a day. Not an attempt.
 * - `unreachable`: no connection, or a read without an answer. Nothing was written; a retry is safe.
 * - `lost`: a write without a readable answer, or a 5xx. It may have been written: look before writing again.
 * - `refused`: the CRM, or the connector before any request (`status` null), does not accept this call. `path` is the faulty
 *   field in the words of the side that refuses, with dots between its parts, or null. The same call is refused again until
 *   data or settings change.
 * - `missing`: a record that the call names does not exist, or no longer. Nothing was written.
 *
 * A call that is safe to repeat may make several requests: an outcome other than `ok` is that of the first request that
 * failed, and earlier ones stay.
 *
 * `response` and `message` are the CRM's text, or ours in plain English: one line of at most 1,000 characters, without the
 * key. They may repeat personal data.
 */
export type CrmOutcome<T> =
  | { kind: 'ok'; value: T }
  | { kind: 'limited'; until: string | null; per: 'burst' | 'day'; response: string }
  | { kind: 'unreachable'; response: string }
  | { kind: 'lost'; response: string }
  | { kind: 'refused'; status: number | null; code: string; path: string | null; message: string }
  | { kind: 'missing'; message: string };

/** At most `count` calls of this kind in any window of this length. */
type CrmLimit = { calls: 'read' | 'write' | 'all'; count: number; window_ms: number };

type CrmConnection = {
  /** The CRM's account: two connections to the same one have the same id. */
  workspace_id: string;
  workspace_name: string;
  /** Scopes of the key, in the CRM's words. */
  scopes: string[];
  /** Scopes that this port needs and the key lacks, in the CRM's words. */
  missing_scopes: string[];
};

/** `text`; `boolean`: `true` or `false`; `owner`: the id of a user of the CRM. */
export type CrmReadAs = 'text' | 'boolean' | 'owner';

/** An attribute of the CRM. */
export type CrmPlace = { object: 'person' | 'company'; slug: string };

export type CrmAttribute = {
  object: CrmObject;
  /** The name for the API, unique in its object. */
  slug: string;
  title: string;
  /** In the CRM's words. */
  type: string;
  /** How `fields` of a record have its values; null: not at all. */
  reads_as: CrmReadAs | null;
  is_required: boolean;
  is_unique: boolean;
  is_multiple: boolean;
  is_writable: boolean;
};

export type CrmStage = {
  stage_id: string;
  title: string;
  /** The CRM's groups of stages; null if it has none. */
  pipeline_id: string | null;
  end: 'won' | 'lost' | 'open';
  /** False if `end` is derived from the title, so a person must confirm it. */
  is_end_certain: boolean;
};

type CrmOwner = { owner_id: string; email_address: string; name: string; is_active: boolean };

export type CrmDescription = {
  attributes: CrmAttribute[];
  /** Stages of deals, in the CRM's order, without archived ones. */
  stages: CrmStage[];
  owners: CrmOwner[];
  /** The currency of every deal's amount, if the CRM has only one; null otherwise. */
  deal_currency: string | null;
};

/**
 * An attribute that Touchline needs. `state`: `present` as needed, `absent` and can be created, or `unfit`: another attribute
 * has its slug. `fault` says why, and `path` is its place in the CRM.
 */
export type CrmPlannedAttribute = {
  object: CrmObject;
  slug: string;
  title: string;
  type: string;
  is_unique: boolean;
  state: 'present' | 'absent' | 'unfit';
  path: string;
  fault: string | null;
};

/** `next_cursor` is null after the last page. A cursor has at most 32 KB and stays valid for a day. */
export type CrmPage = { records: CrmRecord[]; next_cursor: string | null };

/** To be stored, encrypted: some CRMs show the secret only once. */
export type CrmSubscription = {
  subscription_id: string;
  target_url: string;
  secret: string;
  /** The CRM's ids of objects in events, where they differ from the names here. */
  object_ids: Partial<Record<CrmObject, string>>;
};

/** An incoming request as received. Names of headers are in lower case; `raw_body` is not decoded. */
export type CrmDelivery = {
  method: string;
  /** The full URL as the CRM sees it; some CRMs sign it. */
  url: string;
  headers: Readonly<Record<string, string | undefined>>;
  raw_body: Buffer;
};

/**
 * A change in the CRM. It names only the record: read the record before acting. Events arrive twice, late, and out of order.
 * `merged`: `record_id` no longer exists, and its values are in `merged_into`.
 */
export type CrmEvent = {
  /** The same for every delivery of this event. */
  event_id: string;
  object: CrmObject;
  record_id: string;
  action: 'created' | 'updated' | 'deleted' | 'merged';
  merged_into?: string;
  /** When it happened; null if the CRM does not say. */
  at: string | null;
  /** Whether the author is one of our own actors; absent if the CRM does not name an author. */
  is_ours?: boolean;
};

export type CrmHooks = {
  /**
   * Called before each request, of which one call of the port may make several: here the caller's limiter waits. A throw
   * ends the call and is thrown by it; earlier requests of the call may have written.
   */
  beforeRequest?: (kind: 'read' | 'write') => Promise<void>;
};

export type Crm = {
  readonly name: CrmName;
  readonly limits: readonly CrmLimit[];
  /** How long a change may be hidden from `upsertCompany`, where it depends on the CRM's search; 0 if the CRM finds it at once. */
  readonly search_lag_ms: number;
  /** The line of a note that contains the reference. */
  referenceLine(reference: string): string;

  /** Identifies the key. A wrong key is refused. */
  check(): Promise<CrmOutcome<CrmConnection>>;
  describe(): Promise<CrmOutcome<CrmDescription>>;
  /** Compares the attributes that Touchline needs with the CRM. Writes nothing. */
  planAttributes(): Promise<CrmOutcome<CrmPlannedAttribute[]>>;
  /** Creates one planned attribute. Creating an attribute that already exists as needed is `ok`. */
  createAttribute(planned: Pick<CrmPlannedAttribute, 'object' | 'slug'>): Promise<CrmOutcome<null>>;

  /**
   * Safe to repeat after `lost`. Refused if the domains belong to several companies. A company is always found by the first
   * domain that an earlier call gave; by others, and if a user wrote it, it is found after `search_lag_ms`.
   */
  upsertCompany(company: CrmCompany): Promise<CrmOutcome<CrmWritten>>;
  /** Safe to repeat after `lost`. Refused if the addresses belong to several people. */
  upsertPerson(person: CrmPerson): Promise<CrmOutcome<CrmWritten>>;
  /** Creates the deal unless one has the reference; an existing deal stays as it is. Safe to repeat after `lost`. */
  ensureDeal(deal: CrmDeal): Promise<CrmOutcome<CrmWritten>>;
  /** Safe to repeat after `lost`. */
  changeDeal(record_id: string, changes: CrmDealChanges): Promise<CrmOutcome<CrmWritten>>;
  /** Marks a person as do not contact, or removes the mark. Safe to repeat after `lost`. */
  setOptOut(person_id: string, is_opted_out: boolean): Promise<CrmOutcome<CrmWritten>>;

  /** Not safe to repeat after `lost`: find the activity first. */
  createActivity(activity: CrmActivity): Promise<CrmOutcome<CrmWritten>>;
  /** Finds the note with the reference on a person; null if there is none. */
  findActivity(person_id: string, reference: string): Promise<CrmOutcome<CrmWritten | null>>;
  deleteActivity(record_id: string): Promise<CrmOutcome<null>>;
  /** Not safe to repeat after `lost`: find the task first. */
  createTask(task: CrmTask): Promise<CrmOutcome<CrmWritten>>;
  /** Finds the task with the reference among those of a record; null if there is none. */
  findTask(link: CrmRecordId, reference: string): Promise<CrmOutcome<CrmWritten | null>>;

  /** Deletes a record, for good if the CRM can. `missing` if it was gone already. Confirm with `readRecord`. */
  deleteRecord(object: CrmObject, record_id: string): Promise<CrmOutcome<null>>;
  /**
   * Reads a record. `merged`: another record has its values. A CRM that does not keep this answers `missing` and reports
   * the merge only as an event.
   */
  readRecord(
    object: CrmObject,
    record_id: string,
  ): Promise<CrmOutcome<CrmRecord> | { kind: 'merged'; merged_into: string }>;
  /**
   * The records of an object in the order of the CRM, oldest first if it keeps that, from a cursor or the start. Each record that exists during the whole run is on
   * exactly one page, also if others create or delete records. Records that no run contains are deleted or merged.
   */
  pageRecords(object: CrmObject, cursor: string | null, limit: number): Promise<CrmOutcome<CrmPage>>;

  /**
   * Subscribes `target_url` to changes of people, companies, and deals. `known` is the stored subscription: it is kept if it
   * still works. Others with this URL are removed, since their secrets are lost; a CRM with one URL per app moves it here.
   * Safe to repeat after `lost`.
   */
  ensureSubscription(target_url: string, known: CrmSubscription | null): Promise<CrmOutcome<CrmSubscription>>;
  /** Whether the CRM signed this delivery for this subscription. `now` bounds the age, where the CRM signs a time. */
  isAuthentic(delivery: CrmDelivery, subscription: CrmSubscription, now: string): boolean;
  /**
   * The events of an authentic delivery, without those of other objects; null if the body cannot be read. `own_actor_ids`
   * are those of our earlier writes.
   */
  readEvents(
    delivery: CrmDelivery,
    subscription: CrmSubscription,
    own_actor_ids: readonly string[],
  ): CrmEvent[] | null;

  close(): Promise<void>;
};

/** The app behind a key, of a CRM that needs to know it. */
export type CrmApp = {
  /** The number of the app: the author of writes in events, and the owner of webhooks. */
  app_id: string;
  /** The CRM signs webhooks with it and answers it to no call. */
  client_secret: string;
};

export type CrmOptions = CrmHooks &
  Partial<CrmApp> & {
    api_key: string;
    /** The CRM itself by default, or a server on this machine. */
    base_url?: string;
    /** Attributes that records are read with, besides those of the port. */
    fields?: readonly CrmPlace[];
  };

/**
 * Opens a connection to a CRM. Throws `crm_url_refused`, `crm_key_invalid`, and `crm_app_invalid`, with the path of the
 * setting.
 */
export type CrmConnector = (crm: CrmName, options: CrmOptions) => Crm;
