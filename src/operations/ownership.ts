import { z } from 'zod';
import type { Principal } from '../principal.ts';

/** A filter of lists about leads. */
export const scope = z
  .enum(['mine', 'all'])
  .optional()
  .describe('mine: only of leads that the caller owns; agents own no leads');

type Scope = z.output<typeof scope>;

/** The owner whose leads a list shows: null for all leads, 'none' for an agent, which owns no leads. */
export function ownerOf(asked: Scope | null, principal: Principal): { user_id: string } | 'none' | null {
  if (asked !== 'mine') return null;
  return principal.kind === 'human' ? { user_id: principal.user_id } : 'none';
}
