import type { Actor } from './db/pool.ts';
import type { AgentKind, UserRole } from './schema.gen.ts';

export type Role = UserRole;

/** The key that a request showed; absent for a session. */
export type ShownKey = {
  id: string;
  /** What it may do of what its principal may; null: all of it. */
  scopes: readonly string[] | null;
  /** Made by the machine itself at its start, for its command line or as TOUCHLINE_ADMIN_KEY, not by a person. */
  is_machine: boolean;
};

/** Who is asking. The database is told in every transaction, and knows a person from an agent. */
export type Principal =
  | {
      kind: 'human';
      org_id: string;
      user_id: string;
      email: string;
      name: string;
      roles: readonly Role[];
      /** Present when signed in by cookie, absent for a key that acts for this person. */
      session_id?: string;
      key?: ShownKey;
    }
  | {
      kind: 'agent';
      org_id: string;
      agent_id: string;
      agent_kind: AgentKind;
      name: string;
      key?: ShownKey;
    };

/** The principal as the database hears of it. */
export function actorOf(principal: Principal): Actor {
  return principal.kind === 'human'
    ? { org_id: principal.org_id, kind: 'human', id: principal.user_id }
    : { org_id: principal.org_id, kind: 'agent', id: principal.agent_id };
}
