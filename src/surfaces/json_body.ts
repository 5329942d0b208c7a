import { AppError } from '../errors.ts';

/** Deeper than any accepted document, and shallow enough for every recursive reader. */
export const JSON_DEPTH_MAX = 64;
/**
 * Objects, lists, and other values. A play with every list full has under 3,000, a campaign of a hundred steps 1,300, and a
 * policy 1,500. Each value costs about a microsecond before its schema can refuse it.
 */
const JSON_VALUES_MAX = 5_000;
/** Per object. Fields are few, and free-form documents, for example a play's evidence, have several hundred keys. */
const JSON_KEYS_MAX = 1_000;

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const LIST = 0x5b;
const LIST_END = 0x5d;
const OBJECT = 0x7b;
const OBJECT_END = 0x7d;

/**
 * Parses a JSON body; an empty one is undefined. Throws `json_too_deep` and `json_too_many_values` before parsing, and
 * `json_invalid` (all 400).
 */
export function parseJson(body: Uint8Array): unknown {
  if (body.length === 0) return undefined;
  checkSize(body);
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
    refuseProto(value);
    return value;
  } catch (error) {
    throw jsonInvalid(error);
  }
}

export function jsonInvalid(cause: unknown): AppError {
  return new AppError('json_invalid', 'The body is not valid JSON in UTF-8.', {
    cause,
    hint: 'Send one object with names and texts in double quotes, for example {"reason": "asked by phone"}.',
  });
}

/** One pass over the bytes. The count is exact, except that empty lists and objects count as having one value. */
function checkSize(body: Uint8Array): void {
  // Keys of each object around the current place; null for a list, which the total bounds.
  const keys: (number | null)[] = [];
  let values = 1;
  for (let at = 0; at < body.length; at += 1) {
    const byte = body[at];
    if (byte === QUOTE) at = endOfText(body, at + 1);
    else if (byte === LIST_END || byte === OBJECT_END) keys.pop();
    else if (byte === LIST || byte === OBJECT || byte === COMMA) {
      values += 1;
      if (values > JSON_VALUES_MAX) throw tooMany(`The JSON has more than ${JSON_VALUES_MAX} values.`);
      if (byte !== COMMA) keys.push(byte === OBJECT ? 1 : null);
      else if (typeof keys.at(-1) === 'number') keys[keys.length - 1]! += 1;
      if (keys.length > JSON_DEPTH_MAX) throw tooDeep();
      if ((keys.at(-1) ?? 0) > JSON_KEYS_MAX)
        throw tooMany(`An object of the JSON has more than ${JSON_KEYS_MAX} keys.`);
    }
  }
}

/** The position of the closing quote, or the end of a body without one. */
function endOfText(body: Uint8Array, from: number): number {
  const first = body.indexOf(QUOTE, from);
  if (first === -1 || body[first - 1] !== BACKSLASH) return first === -1 ? body.length : first;
  let at = from;
  while (at < body.length && body[at] !== QUOTE) at += body[at] === BACKSLASH ? 2 : 1;
  return at;
}

/** A key of this name is never data, and a careless merge with it would change every object. */
function refuseProto(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  if (Object.hasOwn(value, '__proto__')) throw new SyntaxError('__proto__ is not a field');
  if (Array.isArray(value)) for (const part of value) refuseProto(part);
  else for (const key in value) refuseProto((value as Record<string, unknown>)[key]);
}

function tooDeep(): AppError {
  return new AppError('json_too_deep', `The JSON is nested more than ${JSON_DEPTH_MAX} levels deep.`, {
    hint: 'Send a flatter document.',
  });
}

function tooMany(detail: string): AppError {
  return new AppError('json_too_many_values', detail, {
    hint: 'Send less in one request. Import leads as a CSV or JSON file with POST /leads/import.',
  });
}
