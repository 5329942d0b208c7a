import { z } from 'zod';
import type { Scope } from '../../coordinator/gate/scope.ts';
import * as assignments from '../../db/queries/assignments.gen.ts';
import { lockLeads } from '../../db/queries/facts.gen.ts';
import { AppError, type FieldError } from '../../errors.ts';
import { newId } from '../../ids.ts';
import { id, noun } from '../fields.ts';
import { leadKey, leadsNamed } from '../lead_keys.ts';
import { operation, transact } from '../operation.ts';
import { userKey } from '../user_keys.ts';

/** One page of a list. Its rows are locked together briefly. */
export const ASSIGNED_MAX = 200;
const USERS_MAX = 100;

/** The input that names new owners: one of the two, as `isOneChoice` checks. */
export const ownerChoice = {
  owner_user_id: userKey.nullable().optional().describe('null: no owner'),
  round_robin: z
    .array(userKey)
    .min(1)
    .max(USERS_MAX)
    .refine((ids) => new Set(ids).size === ids.length, 'duplicate entry')
    .optional()
    .describe('users who take turns, in the order given; instead of owner_user_id'),
};
type OwnerChoice = z.output<z.ZodObject<typeof ownerChoice>>;

export const isOneChoice = ({ owner_user_id, round_robin }: OwnerChoice) =>
  (owner_user_id === undefined) !== (round_robin === undefined);
export const NOT_ONE_CHOICE = {
  path: ['owner_user_id'],
  message: 'give either owner_user_id or round_robin',
};

const outcome = z.enum(['assigned', 'unchanged', 'erased', 'unknown_lead']).meta({ id: 'AssignmentOutcome' });

const assign = operation({
  name: 'assign_leads',
  summary: 'Assign up to 200 leads to one user, to several users in turn, or to none.',
  http: { method: 'POST', path: '/leads/assign' },
  cli: {
    command: 'assign leads',
    no: { if: 'no lead is known', isNo: (answer) => (answer as Answer).items.every(isUnknown) },
  },
  input: z
    .object({
      leads: z.array(leadKey).min(1).max(ASSIGNED_MAX).describe('a lead named twice counts once'),
      ...ownerChoice,
    })
    .refine(isOneChoice, NOT_ONE_CHOICE),
  output: z.object({
    counts: z.partialRecord(outcome, z.int()).describe('leads by outcome'),
    items: z.array(
      noun('AssignedLead', {
        lead: z.string().describe('as given'),
        lead_id: id.nullable(),
        outcome,
        owner_user_id: id.nullable(),
      }),
    ),
  }),
  errors: 'unknown_reference person_inactive',
  run: ({ context, principal, input: { leads, ...choice } }) =>
    transact({ context, principal }, async (scope) => {
      const { tx, org_id, now } = scope;
      const owner_user_ids = await chosenOwners(scope, choice);
      const known = await leadsNamed(tx, org_id, leads);
      const lead_ids = [...new Set(leads.flatMap((lead) => known.get(lead)?.id ?? []))];
      await lockLeads.run({ org_id, lead_ids }, tx);
      const rows = await assignments.assignLeads.run({ org_id, lead_ids, owner_user_ids, now }, tx);
      const changed = rows.map((row) => row.id);
      await notifyAssigned(scope, changed, now);
      const owners = await assignments.ownersOfLeads.run({ org_id, lead_ids }, tx);
      return answered(leads, known, new Set(changed), new Map(owners.map((row) => [row.id, row])));
    }),
  text: ({ counts, items }) => {
    const unknown = items.filter(isUnknown).map(({ lead }) => lead);
    return [
      ...Object.entries(counts).map(([outcome, count]) => `${outcome}: ${count}`),
      ...(unknown.length === 0 ? [] : [`No lead has the key: ${unknown.join(', ')}`]),
    ].join('\n');
  },
});

type Answer = { items: { outcome: string }[] };
const isUnknown = ({ outcome }: { outcome: string }) => outcome === 'unknown_lead';

export const assignmentOperations = [assign] as const;

/** The new owners in turn; none for no owner. Throws like `requireActive`. */
export async function chosenOwners(
  scope: Scope,
  { owner_user_id, round_robin }: OwnerChoice,
): Promise<string[]> {
  const ids = round_robin ?? [owner_user_id].flatMap((one) => one ?? []);
  const pathOf = (at: number) => (round_robin === undefined ? 'owner_user_id' : `round_robin[${at}]`);
  await requireActive(
    scope,
    ids.map((user_id, at) => ({ user_id, path: pathOf(at) })),
  );
  return ids;
}

/** Notifies the new owners, except the caller. One call is one act. */
export async function notifyAssigned(
  { tx, org_id, clock }: Scope,
  lead_ids: string[],
  now: Date,
  act_id = newId(clock),
): Promise<void> {
  if (lead_ids.length === 0) return;
  await assignments.notifyAssigned.run({ org_id, act_id, lead_ids, now }, tx);
}

type Named = { user_id: string; path: string };

/** Throws `unknown_reference` or `person_inactive`, with the path of each user who cannot own leads. */
export async function requireActive({ tx, org_id }: Scope, named: readonly Named[]): Promise<void> {
  const ids = [...new Set(named.map(({ user_id }) => user_id))];
  const rows = await assignments.usersById.run({ org_id, ids }, tx);
  const users = new Map(rows.map((row) => [row.id, row]));
  const unknown = named.filter(({ user_id }) => !users.has(user_id));
  if (unknown.length > 0) throw refusal('unknown_reference', 'A user does not exist.', unknown);
  const inactive = named.filter(({ user_id }) => !users.get(user_id)!.is_active);
  if (inactive.length === 0) return;
  throw refusal('person_inactive', 'A deactivated user cannot own leads.', inactive);
}

function refusal(code: string, detail: string, named: readonly Named[]): AppError {
  const message = code === 'person_inactive' ? 'is deactivated' : 'refers to nothing that exists here';
  const errors = named.map(({ path }): FieldError => ({ path, message }));
  return new AppError(code, detail, { errors, hint: 'Choose active users: touchline people' });
}

type Known = Awaited<ReturnType<typeof leadsNamed>>;
type Owners = ReadonlyMap<string, assignments.OwnersOfLeadsResult>;

function answered(leads: readonly string[], known: Known, changed: ReadonlySet<string>, owners: Owners) {
  const outcomeOf = (lead_id: string | null): z.output<typeof outcome> => {
    if (lead_id === null) return 'unknown_lead';
    if (owners.get(lead_id)?.is_erased) return 'erased';
    return changed.has(lead_id) ? 'assigned' : 'unchanged';
  };
  const items = leads.map((lead) => {
    const lead_id = known.get(lead)?.id ?? null;
    const owner_user_id = owners.get(lead_id ?? '')?.owner_user_id ?? null;
    return { lead, lead_id, outcome: outcomeOf(lead_id), owner_user_id };
  });
  const counts: Partial<Record<z.output<typeof outcome>, number>> = {};
  const leads_once = new Map(items.map((item) => [item.lead_id ?? item.lead.toLowerCase(), item.outcome]));
  for (const one of leads_once.values()) counts[one] = (counts[one] ?? 0) + 1;
  return { counts, items };
}
