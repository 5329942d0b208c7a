/** The placeholder of an organization's details. The database has the same (`organizations_own_address`). */

export const SAMPLE_POSTAL_ADDRESS = '100 Sample Street, Sampleton, NY 10001, USA';
export const UNSET_POSTAL_ADDRESS = '(postal address not set)';

export const SAMPLE_NAME = 'RedKey';
export const UNSET_NAME = 'My organization';

/** Whether the postal address is real, however a placeholder is spaced or broken into lines. */
export function isOwnAddress(postal_address: string): boolean {
  return ![SAMPLE_POSTAL_ADDRESS, UNSET_POSTAL_ADDRESS].includes(withoutSpace(postal_address));
}

/** White space as `is_own_address` in `db/routines/organizations.sql` treats it. */
function withoutSpace(text: string): string {
  return text.replaceAll(/[\s\u0085\u200b]+/g, ' ').trim();
}

export function isOwnName(name: string): boolean {
  return ![SAMPLE_NAME, UNSET_NAME].includes(name);
}
