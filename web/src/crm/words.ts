import type { CrmName, CrmStages, CrmWrite, CrmWriteKind, CrmWriteStatus } from '../api/schema.d.ts';
import { countWords } from '../ui/count.ts';

export const CRM_WORDS: Record<CrmName, string> = { attio: 'Attio', hubspot: 'HubSpot' };

/** The stages of an opportunity, in order. */
export const STAGES: readonly (readonly [keyof CrmStages, string])[] = [
  ['lead', 'Lead'],
  ['in_progress', 'In progress'],
  ['won', 'Won'],
  ['lost', 'Lost'],
];

export const STATUS_WORDS: Record<CrmWriteStatus, string> = {
  pending: 'Pending',
  refused: 'Refused',
  written: 'Written',
  skipped: 'Skipped',
  canceled: 'Canceled',
};

export const STATUSES = Object.entries(STATUS_WORDS) as [CrmWriteStatus, string][];

const KIND_WORDS: Record<CrmWriteKind, string> = {
  opt_out: 'Opt-out status',
  company: 'Company',
  person: 'Person',
  deal: 'Opportunity',
  touch: 'Touch',
  reply: 'Reply',
  erasure: 'Deletion of the record',
};

const PART_WORDS: Readonly<Record<string, string>> = {
  'deal lead': 'Opportunity opened',
  'deal in_progress': 'Opportunity in progress',
  'deal won': 'Opportunity won',
  'deal lost': 'Opportunity lost',
  'deal left_open': 'Task for an open opportunity',
  'touch sent': 'Touch sent',
  'touch unknown': 'Touch with unknown delivery',
  'touch settled': 'Touch with confirmed delivery',
};

/** The content of a write, as a label: “Opportunity won”. */
export function whatOf({ kind, part }: Pick<CrmWrite, 'kind' | 'part'>): string {
  return PART_WORDS[`${kind} ${part}`] ?? KIND_WORDS[kind];
}

/** The lead or account of a write; both names are gone after an erasure. */
export function subjectOf({ lead_id, lead_email, account_name }: CrmWrite): string {
  return lead_email ?? account_name ?? (lead_id === null ? 'an account' : 'a deleted lead');
}

/** Codes of Touchline; all others are the CRM’s own. */
const CODE_WORDS: Readonly<Record<string, string>> = {
  asks_admin: 'personal data was deleted here; the CRM still has the record',
  record_missing: 'the CRM no longer has the record',
  no_deal: 'the CRM has no opportunity for it',
  limited: 'rate limit of the CRM reached',
  unreachable: 'the CRM cannot be reached',
  lost: 'no response; Touchline searches the CRM before it writes again',
  unopened: 'the stored key cannot be decrypted',
  refused: 'the CRM does not accept the key',
};

/** Why a write is not written, within a sentence; null: nothing is known. */
export function causeOf({ last_code, last_message }: CrmWrite): string | null {
  return (last_code === null ? null : CODE_WORDS[last_code]) ?? last_message ?? last_code;
}

/** The CRM’s own code and field, for its support and its settings. Null: it named neither. */
export function faultOf({ last_code, last_path }: CrmWrite): string | null {
  const code = last_code === null || last_code in CODE_WORDS ? null : `Code ${last_code}`;
  const parts = [code, last_path === null ? null : `field ${last_path}`].filter((part) => part !== null);
  return parts.length === 0 ? null : capitalized(parts.join(', '));
}

/** Pending writes behind a refused one; null: none. */
export function waitingWords({ kind, waiting_count }: CrmWrite): string | null {
  if (kind === 'company') return 'Leads of this account are written after it.';
  if (waiting_count === 0) return null;
  return `${countWords(waiting_count, 'later write')} about this lead ${waiting_count === 1 ? 'waits' : 'wait'}.`;
}

/** Whether a person decides if the CRM deletes the record of a deleted lead: then a retry deletes it and a skip keeps it. */
export function asksToDelete({ last_code }: CrmWrite): boolean {
  return last_code === 'asks_admin';
}

export function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** The fields that an attribute of the CRM may fill. */
export const FIELDS = [
  ['tier', 'Tier'],
  ['segment', 'Segment'],
  ['abm_active', 'ABM'],
  ['owner', 'Owner'],
  ['imported', 'Imported people'],
] as const;
