import type { Actor } from './db/pool.ts';
import type { AgentKind, UserRole } from './schema.gen.ts';

export type Role = UserRole;

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
    }
  | { kind: 'agent'; org_id: string; agent_id: string; agent_kind: AgentKind; name: string };

/** The principal as the database hears of it. */
export function actorOf(principal: Principal): Actor {
  return principal.kind === 'human'
    ? { org_id: principal.org_id, kind: 'human', id: principal.user_id }
    : { org_id: principal.org_id, kind: 'agent', id: principal.agent_id };
}
