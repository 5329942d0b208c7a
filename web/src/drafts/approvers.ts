import type { Draft, DraftDetail, Entry } from './entries.ts';

/** Why the user may not approve or reject a draft, and why the user may not record a manual send; null: may. */
export type Hindrance = { deciding: string | null; sending: string | null };

export function hindranceOf(entry: Entry, draft: Draft | DraftDetail, user_id: string | null): Hindrance {
  const { may_decide, approver_names, assigned_to_user_id, assigned_to_name } = draft;
  const deciding = may_decide ? null : `Only ${namesOf(approver_names)} may approve this draft.`;
  const is_others = assigned_to_user_id !== null && assigned_to_user_id !== user_id;
  const needs_approval = entry.status === 'approved' ? null : deciding;
  return { deciding, sending: is_others ? `Only ${assigned_to_name} sends this.` : needs_approval };
}

function namesOf(names: readonly string[]): string {
  if (names.length === 0) return 'users who work';
  return new Intl.ListFormat('en-US', { type: 'disjunction' }).format(names);
}
