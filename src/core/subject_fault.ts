import { HEADER_CHARS_MAX, headerFault, headerFaultWords } from './header_text.ts';
import { hasWords } from './words.ts';

type Data = Readonly<Record<string, Readonly<Record<string, string>>>>;

/**
 * Why a subject cannot be a message header, with the fields of `data` that its characters come from; or null. An empty
 * subject is no fault: the campaign's name replaces it.
 */
export function subjectFault(subject: string, data: Data): string | null {
  if (subject.length > HEADER_CHARS_MAX) return `the subject is longer than ${HEADER_CHARS_MAX} characters`;
  const fault = headerFault(subject);
  if (fault === null) return subject === '' || hasWords(subject) ? null : 'the subject has nothing to read';
  const fields = Object.entries(data).flatMap(([noun, values]) =>
    Object.entries(values).flatMap(([name, value]) =>
      headerFault(value) === null ? [] : [`${noun}.${name}`],
    ),
  );
  return `the subject ${headerFaultWords(fault)}${fields.length === 0 ? '' : `, from ${fields.join(', ')}`}`;
}
