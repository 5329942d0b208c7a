import { readdir, readFile } from 'node:fs/promises';
import type { Clock } from '../clock.ts';
import { policyDocument } from '../coordinator/gate/policy_document.ts';
import { rowsJson } from '../coordinator/gate/rows.ts';
import { DAY_MS } from '../core/durations.ts';
import { systemDb } from '../db/acting.ts';
import { type Pool, transaction } from '../db/pool.ts';
import { ensureEventPartitions } from '../db/queries/events.gen.ts';
import { insertMailbox } from '../db/queries/mailboxes.gen.ts';
import { insertPolicy } from '../db/queries/policies.gen.ts';
import {
  getUserByEmail,
  insertAgents,
  insertApiKey,
  insertClient,
  insertOrganization,
  insertUser,
} from '../db/queries/principals.gen.ts';
import { getOwnPassword, setPasswordHash } from '../db/queries/users.gen.ts';
import { newId } from '../ids.ts';
import { requireAddress } from '../mail/addresses.ts';
import { hashPassword, refuseWeakPassword } from '../operations/access/passwords.ts';
import { sha256 } from '../operations/access/sessions.ts';
import { readCampaignYaml } from '../operations/campaigns/definition.ts';
import { importCampaigns } from '../operations/campaigns/writing.ts';
import { type AgentsRow, type Json, USER_ROLE_VALUES } from '../schema.gen.ts';
import { inThisThread } from '../templates/here.ts';
import { AGENTS } from './agents.ts';

export type NewOrganization = {
  slug: string;
  name: string;
  time_zone: string;
  postal_address: string;
  sender_name: string;
  sender_address: string;
  clients: readonly { client_id: string; name: string }[];
  /** Name and postal address are placeholders: until a person replaces them, no message goes to a real mail server. */
  is_placeholder?: boolean;
  /** Differences from policy/default.yaml, with their reasons. */
  policy: Record<string, unknown>;
  policy_note: string;
};

const CAMPAIGNS = new URL('../../campaigns/', import.meta.url);

/**
 * Creates an organization with everything that it needs: policy version 1, the agents of the specifications, its clients,
 * its first mailbox, and the shipped campaigns. One transaction. Returns its id. Throws `mail_address_invalid`.
 */
export async function createOrganization(db: Pool, clock: Clock, org: NewOrganization): Promise<string> {
  const org_id = newId(clock);
  const now = clock.now();
  const to_time = new Date(now.getTime() + 62 * DAY_MS);
  await ensureEventPartitions.run({ from_time: now, to_time }, systemDb(db));
  await transaction(db, { org_id, kind: 'system', id: 'setup' }, async (tx) => {
    const { clients, policy, policy_note, is_placeholder = false, ...row } = org;
    const { address } = requireAddress(row.sender_address);
    const own_since = is_placeholder ? null : now;
    await insertOrganization.run({ org_id, ...row, sender_address: address, now, own_since }, tx);
    await insertMailbox.run({ org_id, id: newId(clock), address, display_name: row.sender_name, now }, tx);
    const document = policyDocument(policy) as unknown as Json;
    const first = { org_id, version: 1, document, note: policy_note, now, created_by_user_id: null };
    await insertPolicy.run(first, tx);
    const agents = AGENTS.map((agent) => ({ ...agent, org_id, created_at: now }));
    await insertAgents.run({ rows: rowsJson<AgentsRow>(agents) }, tx);
    for (const client of clients) await insertClient.run({ org_id, ...client, now }, tx);
    await importCampaigns(tx, org_id, clock, await shippedCampaigns());
  });
  return org_id;
}

/** The admin with all roles; the existing user if the address is known. */
export async function ensureAdmin(db: Pool, clock: Clock, org_id: string, email: string): Promise<string> {
  const own = systemDb(db, org_id);
  const roles = [...USER_ROLE_VALUES];
  await insertUser.run({ org_id, id: newId(clock), email, name: 'Admin', roles, now: clock.now() }, own);
  const [user] = await getUserByEmail.run({ org_id, email }, own);
  return user!.id;
}

/** A password for a user who has none. Throws `password_weak`. */
export async function ensurePassword(
  db: Pool,
  { org_id, user_id, password }: { org_id: string; user_id: string; password: string },
): Promise<void> {
  const own = systemDb(db, org_id);
  const [row] = await getOwnPassword.run({ org_id, id: user_id }, own);
  if (row === undefined || row.password_hash !== null) return;
  refuseWeakPassword(password, row.email);
  const new_hash = await hashPassword(password);
  await setPasswordHash.run({ org_id, id: user_id, new_hash, old_hash: null }, own);
}

/** An API key that acts for a user. Known keys stay unchanged. */
export async function ensureKey(
  db: Pool,
  clock: Clock,
  key: { org_id: string; user_id: string; name: string; key: string },
): Promise<void> {
  const { key: text, ...row } = key;
  const prefix = text.slice(0, 7);
  await insertApiKey.run(
    {
      ...row,
      id: newId(clock),
      prefix,
      key_sha256: sha256(text),
      agent_id: null,
      now: clock.now(),
      expires_at: null,
    },
    systemDb(db, key.org_id),
  );
}

/** Read and checked once: the files do not change while a process runs. */
let shipped: ReturnType<typeof readCampaigns> | undefined;

function shippedCampaigns() {
  shipped ??= readCampaigns();
  return shipped;
}

async function readCampaigns() {
  const names = (await readdir(CAMPAIGNS)).filter((name) => name.endsWith('.yaml')).sort();
  const texts = await Promise.all(names.map((name) => readFile(new URL(name, CAMPAIGNS), 'utf8')));
  const checks = { templates: inThisThread, asker: 'setup' };
  return Promise.all(texts.map((text) => readCampaignYaml(checks, text)));
}
