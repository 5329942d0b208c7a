import type pg from 'pg';
import { AppError } from '../errors.ts';
import { REFERENCES } from './references.gen.ts';

/** `field`: the message for each column that the server names. */
type Meaning = { code: string; detail?: string; field?: string };

/**
 * Every refusal of the database and its public code. Class TL is ours: routines in db/routines raise it with a sentence for
 * people as the message. The others are the server's own codes,
 * https://www.postgresql.org/docs/current/errcodes-appendix.html, whole or as a prefix; the longest match counts. A code
 * that is not here is a bug, and stays one.
 */
export const MEANINGS: Readonly<Record<string, Meaning>> = {
  TL001: { code: 'illegal_status_move' },
  TL002: { code: 'not_approved' },
  TL003: { code: 'append_only' },
  TL004: { code: 'coordinator_only' },
  TL005: { code: 'not_human' },
  TL006: { code: 'draft_immutable' },
  TL007: { code: 'opt_out_kept' },
  TL009: { code: 'draft_changed' },
  TL010: { code: 'four_eyes' },
  TL011: { code: 'touch_not_recorded' },
  TL012: { code: 'identity_immutable' },
  TL013: { code: 'mailbox_paused' },
  TL014: { code: 'already_leaving' },
  TL016: { code: 'touch_stopped' },
  TL017: { code: 'already_enrolled' },
  TL018: { code: 'last_admin' },
  TL019: { code: 'admin_only' },
  TL020: { code: 'person_inactive', field: 'is deactivated' },
  TL021: { code: 'chain_broken' },
  TL022: { code: 'role_required' },
  TL023: { code: 'brain_only' },
  TL024: { code: 'play_locked' },
  TL025: { code: 'two_people_needed' },
  TL026: { code: 'play_cap_reached' },
  TL027: { code: 'account_play_active' },
  TL028: { code: 'play_campaign_fixed' },
  TL029: { code: 'play_not_active' },
  TL030: { code: 'play_incomplete' },
  TL031: { code: 'clock_differs' },
  TL032: { code: 'other_actor' },
  TL034: { code: 'task_of_other_role' },
  TL035: { code: 'task_lease_lost' },
  TL036: { code: 'on_exit_loop' },
  TL037: { code: 'mailbox_fixed' },
  TL038: { code: 'mailbox_retired' },
  TL040: { code: 'lead_erased' },
  TL041: { code: 'work_open' },
  TL042: { code: 'outcome_unknown' },
  TL044: { code: 'intent_said' },
  TL045: { code: 'cursor_behind' },
  TL048: { code: 'model_budget_spent' },
  TL049: { code: 'template_required' },
  TL050: { code: 'mail_host_refused', field: 'is not a mail server of this provider' },
  TL051: { code: 'already_leaving' },
  TL052: { code: 'password_missing', field: 'is required for this user and server' },
  TL060: { code: 'written_by_person' },
  TL061: { code: 'signal_kept' },
  TL062: { code: 'signal_in_future', field: 'is in the future' },
  TL063: {
    code: 'header_text_invalid',
    field: 'must be one line of visible text that a mail header can hold',
  },
  TL064: { code: 'field_forbidden', field: 'is not allowed for agents of this kind' },
  TL071: { code: 'organization_not_set' },
  TL080: { code: 'lead_merged' },
  TL081: { code: 'entry_restricted' },
  TL082: { code: 'manager_cycle', field: 'reports to this user' },
  TL083: { code: 'not_approver' },
  TL084: { code: 'not_assigned' },

  '23505': { code: 'conflict', detail: 'This already exists.', field: 'is taken' },
  '23503': {
    code: 'unknown_reference',
    detail: 'This refers to something that does not exist.',
    field: 'refers to nothing that exists here',
  },
  '23001': { code: 'still_referenced', detail: 'Something else still refers to this.' },
  '23514': { code: 'invalid_value', detail: 'A value is outside what is allowed.' },
  '23502': { code: 'invalid_value', detail: 'A required value is missing.', field: 'is required' },
  '23P01': { code: 'conflict', detail: 'This overlaps with an existing entry.' },
  '22': { code: 'invalid_value', detail: 'A value has the wrong form or size.' },
  '42501': { code: 'forbidden', detail: 'The database does not allow this.' },

  '40001': { code: 'busy', detail: 'Concurrent update. Retry the request.' },
  '40P01': { code: 'busy', detail: 'Concurrent update. Retry the request.' },
  '55P03': { code: 'busy', detail: 'Another request is changing this. Try again.' },
  '57014': { code: 'timeout', detail: 'The database took too long.' },
  '25P03': { code: 'timeout', detail: 'The transaction was idle for too long.' },
  '25006': { code: 'unavailable', detail: 'The database is currently read-only.' },
  '53': { code: 'unavailable', detail: 'The database is out of connections, memory, or disk space.' },
  '28': { code: 'database_refused', detail: 'The database rejected the user or password.' },
  '3D000': { code: 'database_refused', detail: 'The server has no database with this name.' },
  '57P': { code: 'unavailable', detail: 'The database is starting or stopping.' },
  '08': { code: 'unavailable', detail: 'The database connection was lost.' },
};

const NETWORK_CODE =
  /^(ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH)$/;

/** The driver gives these no code. */
const BROKEN_CONNECTION =
  /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|The server does not support SSL|SASL: )/;

type DatabaseError = Error & Partial<Omit<pg.DatabaseError, keyof Error>>;

/**
 * The refusal behind a database error, with the columns in `errors`. Names of constraints mean nothing to readers.
 * Undefined for an error that is no refusal, hence a bug. Returns an AppError unchanged.
 */
export function toAppError(error: unknown): AppError | undefined {
  if (error instanceof AppError) return error;
  if (!(error instanceof Error)) return undefined;
  const state = sqlState(error);
  const meaning = state === undefined ? networkMeaning(error) : meaningOf(state);
  if (meaning === undefined) return undefined;
  const given = error as DatabaseError;
  const own = state?.startsWith('TL') ?? false;
  const fields = ownFields(given);
  const message = meaning.field ?? 'has a value that is not allowed';
  return new AppError(meaning.code, own ? sentence(given.message) : (meaning.detail ?? given.message), {
    cause: error,
    hint: given.hint,
    errors: fields.length === 0 ? undefined : fields.map((path) => ({ path, message })),
    // The DETAIL of our routines is for the caller; the server's own may contain stored values.
    extra: own && given.detail !== undefined ? { reason: given.detail } : undefined,
  });
}

/** Whether the request was valid and may succeed shortly, once the database is available, has space, or is less busy. */
export function isTransient(error: unknown): boolean {
  return toAppError(error)?.status === 503;
}

/** The five-letter SQLSTATE of an error from the server; undefined for any other error. */
export function sqlState(error: unknown): string | undefined {
  const { code, severity } = error as DatabaseError;
  return severity !== undefined && code?.length === 5 ? code : undefined;
}

function meaningOf(state: string): Meaning | undefined {
  return MEANINGS[state] ?? MEANINGS[state.slice(0, 3)] ?? MEANINGS[state.slice(0, 2)];
}

function networkMeaning(error: DatabaseError): Meaning | undefined {
  const broken = NETWORK_CODE.test(error.code ?? '') || BROKEN_CONNECTION.test(error.message);
  return broken ? MEANINGS['08'] : undefined;
}

/** Our routines write the text after `ERROR:`; people read it as a sentence. */
function sentence(message: string): string {
  const words = message.charAt(0).toUpperCase() + message.slice(1);
  return /[.!?]$/.test(words) ? words : `${words}.`;
}

/** Columns only: the server's detail also contains values, which may be personal data. */
function ownFields({ column, constraint, detail }: DatabaseError): readonly string[] {
  if (column !== undefined) return [column];
  const key = /^Key \(([^)]*)\)=/.exec(detail ?? '')?.[1];
  // Row-level security keeps the server from naming the key of a missing row.
  if (key === undefined) return REFERENCES[constraint ?? ''] ?? [];
  return key
    .split(', ')
    .map((name) => name.replaceAll('"', ''))
    .filter((name) => name !== '' && name !== 'org_id');
}
