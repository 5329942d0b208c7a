/**
 * A person's full name, or null. Removes characters that change the writing direction, since they would also reverse the
 * text around the name. Stored names keep them, and the edit form shows them.
 */
export function fullName(first: string | null, last: string | null): string | null {
  const name = [first, last].filter(Boolean).join(' ');
  return name.replaceAll(/[\u202a-\u202e\u2066-\u2069]/g, '') || null;
}
