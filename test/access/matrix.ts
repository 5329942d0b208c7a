import type { OwnerPool } from '../../src/db/pool.ts';
import { makeSignInLink } from '../../src/operations/access/sessions.ts';
import type { OperationName } from '../../src/operations/definitions.ts';
import type { Permission } from '../../src/operations/operation.ts';
import { registry } from '../../src/operations/registry.ts';
import { type RoutedOperation, routed } from '../../src/surfaces/routing.ts';
import type { TestDb } from '../database.ts';
import { createWorld } from '../world.ts';
import type { Answer, Caller } from './callers.ts';
import { BODIES, type Fresh, type Given, INPUTS } from './inputs.ts';
import { openServer } from './server.ts';
import { type Subjects, subjectsOf, unknownSubjects } from './subjects.ts';

/** Signing out is last, since it ends the session. */
export const operations: readonly RoutedOperation[] = routed(registry).toSorted(
  (a, b) => Number(a.name === 'delete_session') - Number(b.name === 'delete_session'),
);

export type Matrix = Awaited<ReturnType<typeof openMatrix>>;

/** Two orgs in one database, with the product's server over both. */
export async function openMatrix(db: TestDb) {
  const own = await createWorld(db);
  const foreign = await createWorld(db);
  const own_subjects = await subjectsOf(db, own, { name: 'own', domain: 'own.example' });
  const foreign_subjects = await subjectsOf(db, foreign, { name: 'foreign', domain: 'foreign.example' });
  const unknown_subjects = unknownSubjects(foreign_subjects);
  const server = await openServer(db, own);
  const foreign_ids = await idsOf(db, foreign.org_id);
  let words = 0;
  /** Only sign-in uses a link; none is created for the thousands of other requests. */
  const fresh = async ({ name }: RoutedOperation): Promise<Fresh> => {
    words += 1;
    const word = `w${words}`;
    if (name !== ('create_session' satisfies OperationName)) return { word, link_token: word };
    const person = { org_id: own.org_id, user_id: own_subjects.user_id };
    return { word, link_token: await makeSignInLink(db.app, own.clock, person) };
  };
  const inputsOf = ({ name }: RoutedOperation, of: Subjects, made: Fresh) => ({
    csv: BODIES[name as OperationName]?.(made),
    inputs: INPUTS[name as OperationName](of, made),
  });
  return {
    own,
    foreign,
    server,
    /** Asks in the caller's own org: what the table of permissions expects, and the answer. */
    async ask(caller: Caller, operation: RoutedOperation): Promise<Answer & { input: Given['input'] }> {
      // A link is given to a user: an agent has none and can only guess.
      const is_agent = caller.who !== null && 'agent_kind' in caller.who;
      const made = await fresh(operation);
      const { csv, inputs } = inputsOf(
        operation,
        own_subjects,
        is_agent ? { ...made, link_token: made.word } : made,
      );
      const answer = await caller.ask(operation, inputs[0]!, csv);
      refuseLeak(caller, operation, answer, inputs[0]!, foreign_ids);
      return { ...answer, input: inputs[0]! };
    },
    /** Pairs of answers for ids of the foreign org and for ids of nothing, each without its input. */
    async askAbroad(caller: Caller, operation: RoutedOperation): Promise<[Answer, Answer][]> {
      const pairs: [Answer, Answer][] = [];
      const made = await fresh(operation);
      const there = inputsOf(operation, foreign_subjects, made);
      const nowhere = inputsOf(operation, unknown_subjects, made);
      for (const [at, input] of there.inputs.entries()) {
        const other = nowhere.inputs[at]!;
        if (JSON.stringify(input) === JSON.stringify(other)) continue;
        const answers = [
          await caller.ask(operation, input, there.csv),
          await caller.ask(operation, other, nowhere.csv),
        ] as const;
        refuseLeak(caller, operation, answers[0], input, foreign_ids);
        pairs.push([without(answers[0], foreign_subjects), without(answers[1], unknown_subjects)]);
      }
      return pairs;
    },
    close: () => server.close(),
  };
}

/**
 * The refusal that the table of permissions expects for a caller with this input: status and code, or null if it is
 * allowed.
 */
export function expectedRefusal(
  { people, agents, is_public, credential, fields }: Permission,
  { who, name }: Caller,
  input: Record<string, unknown>,
): { status: number; code: string } | null {
  if (is_public) return null;
  if (who === null) return { status: 401, code: 'unauthenticated' };
  if ('agent_kind' in who) {
    const given = fields === undefined ? [] : Object.keys(input).filter((field) => field !== 'id');
    const refused = given.some((field) => !fields?.[field]?.includes(who.agent_kind));
    if (agents.includes(who.agent_kind)) return refused ? { status: 403, code: 'field_forbidden' } : null;
    return { status: 403, code: agents.length === 0 ? 'not_human' : 'forbidden' };
  }
  if (!who.roles.some((role) => people.includes(role))) return { status: 403, code: 'forbidden' };
  // These keys have no creator, so they are the machine's: they work for everything except operations that need the user.
  return credential === 'session' && / by key$/.test(name) ? { status: 403, code: 'session_required' } : null;
}

/** One checksum over all rows of an org, in every table. */
export async function checksum(db: OwnerPool, org_id: string): Promise<Record<string, string>> {
  const sums: Record<string, string> = {};
  for (const table of await tables(db)) {
    const { rows } = await db.query<{ sum: string }>(
      `SELECT md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) AS sum FROM ${table} t WHERE org_id = $1`,
      [org_id],
    );
    sums[table] = rows[0]!.sum;
  }
  return sums;
}

async function tables(db: OwnerPool): Promise<string[]> {
  const { rows } = await db.query<{ name: string }>(
    `SELECT c.relname AS name FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'org_id'
     WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition ORDER BY 1`,
  );
  return rows.map(({ name }) => name);
}

/** Every uuid that only this org's rows contain. */
async function idsOf(db: OwnerPool, org_id: string): Promise<Set<string>> {
  const ids = new Set([org_id]);
  for (const table of await tables(db)) {
    const { rows } = await db.query<{ row: string }>(
      `SELECT t::text AS row FROM ${table} t WHERE org_id = $1`,
      [org_id],
    );
    for (const { row } of rows) for (const id of row.match(UUID) ?? []) ids.add(id);
  }
  return ids;
}

const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

function refuseLeak(
  caller: Caller,
  operation: RoutedOperation,
  { text }: Answer,
  input: Record<string, unknown>,
  foreign_ids: Set<string>,
): void {
  const given = JSON.stringify(input);
  const ids = (text.match(UUID) ?? []).filter((id) => foreign_ids.has(id) && !given.includes(id));
  const addresses = (text.match(/[\w.]+@foreign\.example/g) ?? []).filter((one) => !given.includes(one));
  const leaked = [...ids, ...addresses];
  if (leaked.length === 0) return;
  throw new Error(`${operation.name} leaked another org to ${caller.name}: ${leaked.slice(0, 5).join(', ')}`);
}

/** Some refusals repeat the input, which reveals nothing to the caller who sent it. */
function without(answer: Answer, subjects: Subjects): Answer {
  const values = Object.values(subjects).flatMap((value) =>
    typeof value === 'object' ? Object.values(value) : [value],
  );
  const text = values.reduce((left, value) => left.replaceAll(String(value), '*'), answer.text);
  return { ...answer, text };
}
