/** Columns of a file that hold further addresses of a person. */
import { LEAD_COLUMNS } from '../../core/lead_columns.ts';
import { ADDRESS_KIND_VALUES, type AddressKind } from '../../schema.gen.ts';

/** The name of these columns in a mapping and in JSON. */
export const ADDRESSES = 'addresses';

/** One column that is read. Without a kind, each value says what it is. */
export type AddressColumn = { kind: AddressKind | null; header: string; place: number };

/** The field of a lead that has the primary address of a kind. */
export const ADDRESS_FIELDS = { email: 'email', linkedin: 'linkedin_url', phone: 'phone' } as const;
const WHICH =
  'secondary|second|2nd|third|3rd|other|additional|alternate|alternative|alt|further|personal|private';
const WHERE = 'home|work|business|mobile|cell|direct';
const QUALIFIERS = new RegExp(`^((${WHICH}|${WHERE})_)+|(_?\\(?\\d\\)?|_(${WHICH}|${WHERE}))+$`, 'g');

/** The kind of address that a normalized header names, null if its values say; undefined for any other header. */
export function addressKindOf(name: string): AddressKind | null | undefined {
  const bare = name.replaceAll(QUALIFIERS, '');
  const names = [name, bare, bare.replace(/s$/, ''), bare.replace(/es$/, '')];
  if (names.includes('address') && bare !== 'address') return null;
  return ADDRESS_KIND_VALUES.find((kind) => {
    const field = ADDRESS_FIELDS[kind];
    return names.some(
      (one) => one === field || (LEAD_COLUMNS[field].synonyms as readonly string[]).includes(one),
    );
  });
}
