import type { Actor } from './db/pool.ts';
import type { AgentKind, UserRole } from './schema.gen.ts';

type Role = UserRole;

/** The key that a request presented; absent for a session. */
export type ShownKey = {
  id: string;
  /** The part of its principal's permissions that it grants; null: all of them. */
  scopes: readonly string[] | null;
  /** Made by the machine at its start, for its command line or as TOUCHLINE_ADMIN_KEY, not by a person. */
  is_machine: boolean;
};

/** The caller. Every transaction names it to the database, which distinguishes users from agents. */
export type Principal =
  | {
      kind: 'human';
      org_id: string;
      user_id: string;
      email: string;
      name: string;
      roles: readonly Role[];
      /** Present when signed in by cookie, absent for a key that acts for this user. */
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

/** The principal as the database receives it. */
export function actorOf(principal: Principal): Actor {
  return principal.kind === 'human'
    ? { org_id: principal.org_id, kind: 'human', id: principal.user_id }
    : { org_id: principal.org_id, kind: 'agent', id: principal.agent_id };
}
