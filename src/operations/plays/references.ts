/** References of a play, and refusals of unknown ones. */
import { sqlState } from '../../db/errors.ts';
import type { ActingDb, Queryable } from '../../db/pool.ts';
import { getAccount } from '../../db/queries/accounts.gen.ts';
import { listClients } from '../../db/queries/clients.gen.ts';
import { findProposal, listSegments } from '../../db/queries/plays.gen.ts';
import { AppError, type FieldError } from '../../errors.ts';

type Reference = 'segment' | 'account_id' | 'client_id' | 'originating_proposal_id';
type References = { [Key in Reference]?: string | null | undefined };

/** Enough to show the form of such names. */
const NAMED_MAX = 5;
const LISTED_MAX = 1_000;

/**
 * Names the unknown references of a refused play, and valid ones. Reads them after the refusal has rolled back. Another
 * organization's rows count as missing.
 */
export async function explainReferences<T>(
  db: ActingDb,
  about: { org_id: string; agent_id?: string },
  given: References,
  run: () => Promise<T>,
): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (sqlState(error) !== '23503') throw error;
    const faults = await unknownOf(db, about, given);
    throw new AppError(
      'unknown_reference',
      'The play refers to something that does not exist in your organization.',
      {
        cause: error,
        ...(faults.length === 0 ? {} : { errors: faults.map(({ path, message }) => ({ path, message })) }),
        ...(faults[0] === undefined ? {} : { hint: faults.map(({ hint }) => hint).join(' ') }),
      },
    );
  }
}

type Fault = FieldError & { hint: string };

async function unknownOf(
  db: ActingDb,
  { org_id, agent_id }: { org_id: string; agent_id?: string },
  { segment, account_id, client_id, originating_proposal_id }: References,
): Promise<Fault[]> {
  const faults: Fault[] = [];
  if (segment) {
    const rows = await listSegments.run({ org_id, after_segment: null, limit: LISTED_MAX }, db);
    const names = rows.map((row) => row.segment);
    const hint = names.length === 0 ? SEGMENTS_MISSING : named('Segments', names, 'segments');
    if (!names.includes(segment))
      faults.push({ path: 'segment', message: 'is not a segment of the taxonomy', hint });
  }
  if (client_id) {
    const names = await clientIds(db, org_id);
    const hint = named('Brands', names, 'clients');
    if (!names.includes(client_id))
      faults.push({ path: 'client_id', message: 'is not a brand of the organization', hint });
  }
  if (account_id && (await getAccount.one({ org_id, id: account_id }, db)) === undefined)
    faults.push({
      path: 'account_id',
      message: 'is not an account of the organization',
      hint: 'touchline accounts lists accounts; each lead also names its account_id.',
    });
  const anchor = { org_id, proposal_id: originating_proposal_id ?? '', agent_id: agent_id ?? '' };
  if (originating_proposal_id && agent_id && (await findProposal.one(anchor, db)) === undefined)
    faults.push({
      path: 'originating_proposal_id',
      message: 'is not a proposal of yours',
      hint: 'Include the analysis as `proposal`, or give the originating_proposal_id of one of your plays.',
    });
  return faults;
}

const SEGMENTS_MISSING = 'No segments. RevOps adds one: touchline plays config segment SEGMENT.';

export async function clientIds(db: Queryable, org_id: string): Promise<string[]> {
  const rows = await listClients.run({ org_id, after_client_id: null, limit: LISTED_MAX }, db);
  return rows.map((row) => row.client_id);
}

function named(noun: string, names: readonly string[], list: string): string {
  const more = names.length > NAMED_MAX ? `, and ${names.length - NAMED_MAX} more` : '';
  const shown = names.slice(0, NAMED_MAX).join(', ');
  return `${noun}: ${shown}${more}. touchline ${list}, or the tool list_${list}, lists them.`;
}
