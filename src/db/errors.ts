import { AppError } from '../errors.ts';

/** `field`: what is said of each column that the server names. */
type Meaning = { code: string; status: number; detail?: string; field?: string };

/**
 * Every refusal of the database and the code that carries it outwards. Class TL is ours: the routines in
 * db/routines raise it with a sentence for people as the message. The rest are the server's own codes,
 * https://www.postgresql.org/docs/current/errcodes-appendix.html, of which three letters' worth or the
 * whole code may be given; the longest match counts. A code that is not here is a bug, and stays one.
 */
const MEANINGS: Readonly<Record<string, Meaning>> = {
  TL001: { code: 'illegal_status_move', status: 409 },
  TL002: { code: 'not_approved', status: 409 },
  TL003: { code: 'append_only', status: 403 },
  TL004: { code: 'coordinator_only', status: 403 },
  TL005: { code: 'not_human', status: 403 },
  TL006: { code: 'draft_immutable', status: 409 },
  TL007: { code: 'opt_out_kept', status: 409 },
  TL008: { code: 'exited_enrollment', status: 409 },
  TL009: { code: 'draft_changed', status: 409 },
  TL010: { code: 'four_eyes', status: 409 },
  TL011: { code: 'touch_not_recorded', status: 409 },
  TL012: { code: 'identity_immutable', status: 409 },
  TL013: { code: 'mailbox_paused', status: 409 },
  TL014: { code: 'already_leaving', status: 409 },
  TL016: { code: 'touch_stopped', status: 409 },
  TL017: { code: 'already_enrolled', status: 409 },
  TL018: { code: 'last_admin', status: 409 },
  TL019: { code: 'admin_only', status: 403 },
  TL020: { code: 'person_inactive', status: 409 },
  TL021: { code: 'chain_broken', status: 409 },
  TL022: { code: 'role_required', status: 403 },
  TL023: { code: 'brain_only', status: 403 },
  TL024: { code: 'play_locked', status: 409 },
  TL025: { code: 'two_people_needed', status: 409 },
  TL026: { code: 'play_cap_reached', status: 409 },
  TL027: { code: 'account_play_active', status: 409 },
  TL028: { code: 'play_campaign_fixed', status: 409 },
  TL029: { code: 'play_not_active', status: 409 },
  TL030: { code: 'play_incomplete', status: 409 },
  TL031: { code: 'clock_differs', status: 503 },
  TL032: { code: 'other_actor', status: 403 },
  TL034: { code: 'task_of_other_role', status: 403 },
  TL035: { code: 'task_lease_lost', status: 409 },
  TL036: { code: 'on_exit_loop', status: 422 },
  TL037: { code: 'mailbox_fixed', status: 409 },
  TL038: { code: 'mailbox_retired', status: 409 },
  TL040: { code: 'lead_erased', status: 409 },
  TL041: { code: 'work_open', status: 409 },
  TL042: { code: 'outcome_unknown', status: 409 },
  TL044: { code: 'intent_said', status: 409 },
  TL045: { code: 'cursor_behind', status: 409 },
  TL048: { code: 'model_budget_spent', status: 409 },
  TL049: { code: 'template_required', status: 409 },
  TL050: { code: 'mail_host_refused', status: 422, field: 'is no mail server of this provider' },
  TL051: { code: 'already_leaving', status: 409 },
  TL052: { code: 'password_missing', status: 422, field: 'is required for this user and server' },
  TL060: { code: 'written_by_person', status: 409 },
  TL061: { code: 'signal_kept', status: 409 },
  TL062: { code: 'signal_in_future', status: 422, field: 'lies in the future' },
  TL063: {
    code: 'header_text_invalid',
    status: 422,
    field: 'must be one line of visible text that a mail header can hold',
  },
  TL064: { code: 'field_forbidden', status: 403, field: 'is not for agents of this kind' },
  TL071: { code: 'organization_not_set', status: 409 },

  '23505': { code: 'conflict', status: 409, detail: 'This exists already.', field: 'is taken' },
  '23503': {
    code: 'unknown_reference',
    status: 422,
    detail: 'This refers to something that does not exist.',
    field: 'is of nothing that exists here',
  },
  '23001': { code: 'still_referenced', status: 409, detail: 'Something else still refers to this.' },
  '23514': { code: 'invalid_value', status: 422, detail: 'A value is outside what is allowed.' },
  '23502': {
    code: 'invalid_value',
    status: 422,
    detail: 'A required value is missing.',
    field: 'is required',
  },
  '23P01': { code: 'conflict', status: 409, detail: 'This overlaps with something that exists.' },
  '22': { code: 'invalid_value', status: 422, detail: 'A value has the wrong form or size.' },
  '42501': { code: 'forbidden', status: 403, detail: 'The database does not allow this.' },

  '40001': { code: 'busy', status: 503, detail: 'Others change the same rows. Try again.' },
  '40P01': { code: 'busy', status: 503, detail: 'Others change the same rows. Try again.' },
  '55P03': { code: 'busy', status: 503, detail: 'Someone else is working on this. Try again.' },
  '57014': { code: 'timeout', status: 503, detail: 'The database took too long.' },
  '25P03': { code: 'timeout', status: 503, detail: 'The transaction stood still for too long.' },
  '25006': { code: 'unavailable', status: 503, detail: 'The database takes no changes at the moment.' },
  '53': {
    code: 'unavailable',
    status: 503,
    detail: 'The database has no room left: connections, memory or disk.',
  },
  '28': {
    code: 'database_refused',
    status: 503,
    detail: 'The database does not let this user in with this password.',
  },
  '3D000': { code: 'database_refused', status: 503, detail: 'The server has no database of this name.' },
  '57P': { code: 'unavailable', status: 503, detail: 'The database is starting or stopping.' },
  '08': { code: 'unavailable', status: 503, detail: 'The connection to the database broke.' },
};

const NETWORK_CODES = [
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
];

/** The driver gives these no code. */
const BROKEN_CONNECTION =
  /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|The server does not support SSL|SASL: )/;

type DatabaseError = Error & {
  code?: string;
  severity?: string;
  detail?: string;
  hint?: string;
  column?: string;
};

/**
 * The refusal that a database error means, with the columns in `errors`. The name of a constraint is nothing to its reader.
 * Undefined when it means none, which makes it a bug. An AppError is returned as it is.
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
  return new AppError(meaning.code, own ? sentence(given.message) : (meaning.detail ?? given.message), {
    status: meaning.status,
    cause: error,
    ...(given.hint === undefined ? {} : { hint: given.hint }),
    ...(fields.length === 0
      ? {}
      : {
          errors: fields.map((path) => ({
            path,
            message: meaning.field ?? 'has a value that is not allowed',
          })),
        }),
    ...extraOf(given, own),
  });
}

/**
 * Whether an error says that nothing was wrong with what was asked: the same may succeed in a moment, once the
 * database is back, has room or is less busy.
 */
export function isTransient(error: unknown): boolean {
  return toAppError(error)?.status === 503;
}

/** The five-letter SQLSTATE of an error that the server sent; undefined for any other error. */
export function sqlState(error: unknown): string | undefined {
  const { code, severity } = error as DatabaseError;
  return severity !== undefined && code?.length === 5 ? code : undefined;
}

function meaningOf(state: string): Meaning | undefined {
  return MEANINGS[state] ?? MEANINGS[state.slice(0, 3)] ?? MEANINGS[state.slice(0, 2)];
}

function networkMeaning(error: DatabaseError): Meaning | undefined {
  const broken = NETWORK_CODES.includes(error.code ?? '') || BROKEN_CONNECTION.test(error.message);
  return broken ? MEANINGS['08'] : undefined;
}

/** Our routines write what follows `ERROR:`; to people it is a sentence. */
function sentence(message: string): string {
  const words = message.charAt(0).toUpperCase() + message.slice(1);
  return /[.!?]$/.test(words) ? words : `${words}.`;
}

/** Columns only: the server's detail also holds the values, which may be someone's address. */
function ownFields({ column, detail }: DatabaseError): string[] {
  if (column !== undefined) return [column];
  const key = /^Key \(([^)]*)\)=/.exec(detail ?? '')?.[1];
  return (key ?? '')
    .split(', ')
    .map((name) => name.replaceAll('"', ''))
    .filter((name) => name !== '' && name !== 'org_id');
}

/** What our routines write as DETAIL is meant for the caller; the server's own may hold stored values. */
function extraOf({ detail }: DatabaseError, own: boolean): { extra?: Record<string, unknown> } {
  return own && detail !== undefined ? { extra: { reason: detail } } : {};
}
