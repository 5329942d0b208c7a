import type { Column } from '../../core/columns.ts';
import { HOUR_MS } from '../../core/durations.ts';
import { isTimeZone } from '../../core/gate/schedule.ts';
import { isLinkedinProfile } from '../../core/gate/unreachable.ts';
import { headerFault, headerFaultWords, headerText } from '../../core/header_text.ts';
import { LEAD_COLUMNS } from '../../core/lead_columns.ts';
import { hasWords } from '../../core/words.ts';
import { parseAddress } from '../../mail/addresses.ts';
import { e164, PHONE_EXPECTED } from '../../phone_number.ts';
import type { IcpTier } from '../../schema.gen.ts';
import { intentSignals, NOT_LINKEDIN, PROFILE_CHARS_MAX } from './fields.ts';
import type { ImportField } from './import_columns.ts';

export type CellFault = { code: string; message: string };
export type Cell = { value: string | string[] | boolean | Date | null } | CellFault;
/** Email address, name, or id of a user, by `ownerKey` -> the answer for a cell that names that user. */
export type Owners = ReadonlyMap<string, Cell>;
/** Times after `now_ms` are refused, and so are users not among the owners. */
export type Known = { now_ms: number; owners: Owners };

const TIERS: Readonly<Record<string, IcpTier>> = { '1': 'T1', '2': 'T2', '3': 'T3' };
const TRUE = ['true', 'yes', 'y', '1'];
const FALSE = ['false', 'no', 'n', '0'];
/** Earlier signals are spreadsheet mistakes. */
const YEAR_MIN = 1970;
/** The first time zone is 14 hours ahead of UTC. */
const FIRST_ZONE_MS = 14 * HOUR_MS;
/** Files repeat a few zones, and validating a zone is slow. */
const known_zones = new Map<string, string>();
const KNOWN_ZONES_MAX = 1_000;

/**
 * Reads one cell; empty is null, and runs of white space become one space. Errors are values with a stable code and a
 * sentence for people.
 */
export function readCell(field: ImportField, cell: unknown, known: Known): Cell {
  if (cell === null || cell === undefined) return { value: null };
  // A list in JSON is the same as separated words in CSV; no other field takes one.
  const column = LEAD_COLUMNS[field];
  if (column.kind === 'words' && Array.isArray(cell)) return readSignals(cell);
  if (!['string', 'number', 'boolean'].includes(typeof cell)) {
    return { code: 'not_text', message: 'expected text, a number, or a boolean' };
  }
  // Line breaks in a cell mean nothing; any other character must be allowed in a message.
  const text = headerText(String(cell).replaceAll(/[\n\v\f\r\u2028\u2029\ufeff]/g, ' '));
  if (!hasWords(text)) return { value: null };
  const fault = headerFault(text);
  if (fault !== null) return { code: 'character_invalid', message: headerFaultWords(fault) };
  return READERS[column.kind](text, column, known);
}

type ReadKind = (typeof LEAD_COLUMNS)[ImportField]['kind'];

const READERS: Readonly<Record<ReadKind, (text: string, column: Column, known: Known) => Cell>> = {
  email: readEmail,
  domain: readDomain,
  text: readText,
  tier: readTier,
  time_zone: readTimeZone,
  linkedin: readLinkedin,
  phone: readPhone,
  flag: readBoolean,
  reference: (text, _, { owners }) => readOwner(text, owners),
  instant: (text, _, { now_ms }) => readInstant(text, now_ms),
  words: (text) => readSignals(text.split(/[;,]/)),
};

const UNKNOWN_OWNER: Cell = { code: 'owner_unknown', message: 'no user has this email address or name' };

function readOwner(text: string, owners: Owners): Cell {
  return owners.get(ownerKey(text)) ?? UNKNOWN_OWNER;
}

/** An email address or a name, regardless of case and spaces. */
export function ownerKey(text: string): string {
  return text.trim().replaceAll(/\s+/g, ' ').toLowerCase();
}

function readText(text: string, { chars_max = 0 }: Column): Cell {
  if (text.length <= chars_max) return { value: text };
  return { code: 'too_long', message: `longer than ${chars_max} characters` };
}

/** Short, unique words; `pricing_page; demo_request` in CSV. */
function readSignals(list: readonly unknown[]): Cell {
  if (!list.every((word) => typeof word === 'string')) {
    return { code: 'signals_invalid', message: 'expected a list of words' };
  }
  const words = [...new Set(list.map((word) => headerText(word)))].filter(Boolean);
  if (words.length === 0) return { value: null };
  const { success, error } = intentSignals.safeParse(words);
  return success ? { value: words } : { code: 'signals_invalid', message: error.issues[0]!.message };
}

function readPhone(text: string): Cell {
  const number = e164(text);
  return number === null ? { code: 'phone_invalid', message: PHONE_EXPECTED } : { value: number };
}

function readEmail(text: string): Cell {
  const parsed = parseAddress(text);
  return 'error' in parsed ? { code: 'email_invalid', message: parsed.error } : { value: parsed.address };
}

/** `https://www.Acme.com/about` and `acme.com` name the same account. */
function readDomain(text: string): Cell {
  const host = text
    .replace(/^[a-z]+:\/\//i, '')
    .replace(/[/?#:].*$/, '')
    .replace(/^www\./i, '');
  const parsed = parseAddress(`x@${host}`);
  if ('error' in parsed) return { code: 'domain_invalid', message: 'expected a domain such as acme.com' };
  return { value: parsed.domain };
}

function readTier(text: string): Cell {
  const digit = /^(?:t|tier)?[ _-]?([123])$/i.exec(text)?.[1];
  return digit === undefined
    ? { code: 'tier_invalid', message: 'expected T1, T2, or T3' }
    : { value: TIERS[digit]! };
}

function readBoolean(text: string): Cell {
  const word = text.toLowerCase();
  if (TRUE.includes(word)) return { value: true };
  if (FALSE.includes(word)) return { value: false };
  return { code: 'boolean_invalid', message: 'expected true or false, yes or no, or 1 or 0' };
}

function readTimeZone(text: string): Cell {
  const known = known_zones.get(text);
  if (known !== undefined) return { value: known };
  if (!isTimeZone(text)) {
    return { code: 'time_zone_invalid', message: 'expected an IANA name (Europe/Berlin)' };
  }
  const zone = Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(text).timeZoneId;
  if (known_zones.size >= KNOWN_ZONES_MAX) known_zones.clear();
  known_zones.set(text, zone);
  return { value: zone };
}

/** Only http and https: the address becomes a link. */
function readLinkedin(text: string): Cell {
  const full = /^[a-z][a-z0-9+.-]*:/i.test(text) ? text : `https://${text}`;
  if (full.length > PROFILE_CHARS_MAX)
    return { code: 'url_invalid', message: `longer than ${PROFILE_CHARS_MAX} characters` };
  const fits = /^https?:\/\/[^\s/]+\.[^\s]+$/i.test(full) && URL.canParse(full);
  return fits && isLinkedinProfile(full) ? { value: full } : { code: 'url_invalid', message: NOT_LINKEDIN };
}

/**
 * ISO 8601 with an offset. A bare date is midnight UTC, or now if that is in the future but the day has begun somewhere.
 */
function readInstant(text: string, now_ms: number): Cell {
  const fault = {
    code: 'instant_invalid',
    message: 'expected a date (2026-11-16) or an instant with its zone (2026-11-16T09:30:00Z)',
  };
  try {
    const is_day = /^\d{4}-\d{2}-\d{2}$/.test(text);
    const iso = is_day ? `${text}T00:00:00Z` : text.replace(/^(\S{10}) /, '$1T');
    const at_ms = Temporal.Instant.from(iso).epochMilliseconds;
    if (new Date(at_ms).getUTCFullYear() < YEAR_MIN) return fault;
    const begins_ms = is_day ? at_ms - FIRST_ZONE_MS : at_ms;
    if (begins_ms > now_ms) {
      return {
        code: 'instant_in_future',
        message: 'is in the future; a signal is interest already seen',
      };
    }
    return { value: new Date(Math.min(at_ms, now_ms)) };
  } catch {
    return fault;
  }
}
