import parsePhoneNumber from 'libphonenumber-js/min';

export const PHONE_EXPECTED = 'expected a phone number with its country code, such as +1 202 555 0123';

/**
 * A number with its country code, in any spelling, as E.164; null for anything else, and for one with an extension. Only the form is
 * checked: which numbers are assigned changes faster than any library.
 */
export function e164(text: string): string | null {
  const number = parsePhoneNumber(text.trim().replace(/^00(?=[1-9])/, '+'));
  return number?.isPossible() && number.ext === undefined ? number.number : null;
}
