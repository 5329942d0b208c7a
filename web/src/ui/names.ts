/**
 * What a person is called, or null. Marks that turn the direction of writing are left out: in a sentence they would turn the
 * product's own words round, too. What is stored keeps them, and the form that edits it shows them.
 */
export function fullName(first: string | null, last: string | null): string | null {
  const name = [first, last].filter(Boolean).join(' ');
  return name.replaceAll(/[\u202a-\u202e\u2066-\u2069]/g, '') || null;
}
