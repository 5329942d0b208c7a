/* Checks of the JSON that a double accepts. Written without the connectors' schemas, which the doubles test. */

export class Refusal extends Error {
  readonly status_code: number;
  readonly code: string;
  readonly path: readonly (string | number)[];
  constructor(status_code: number, code: string, message: string, path: readonly (string | number)[] = []) {
    super(message);
    this.status_code = status_code;
    this.code = code;
    this.path = path;
  }
}

export const invalid = (path: readonly (string | number)[], message: string) =>
  new Refusal(400, 'validation_type', message, path);

type Path = readonly (string | number)[];
type Check = (value: unknown, path: Path) => void;

const must = (holds: boolean, path: Path, message: string) => {
  if (!holds) throw invalid(path, message);
};

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const INSTANT = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)?)?$/;

export const isUuid = (value: unknown) => typeof value === 'string' && UUID.test(value);

export const text: Check = (value, path) => must(typeof value === 'string', path, 'Expected string.');
export const filled: Check = (value, path) =>
  must(typeof value === 'string' && value !== '', path, 'Expected a string that is not empty.');
export const bool: Check = (value, path) => must(typeof value === 'boolean', path, 'Expected boolean.');
export const number: Check = (value, path) =>
  must(typeof value === 'number' && Number.isFinite(value), path, 'Expected number.');
export const uuid: Check = (value, path) => must(isUuid(value), path, 'Expected a UUID.');
export const instantText: Check = (value, path) =>
  must(
    typeof value === 'string' && INSTANT.test(value) && !Number.isNaN(Date.parse(value)),
    path,
    'Expected an ISO 8601 instant.',
  );
export const anything: Check = () => undefined;

export const oneOf =
  (...allowed: unknown[]): Check =>
  (value, path) =>
    must(allowed.includes(value), path, `Expected one of ${allowed.join(', ')}.`);

export const nullable =
  (check: Check): Check =>
  (value, path) =>
    value === null ? undefined : check(value, path);

export const matching =
  (form: RegExp): Check =>
  (value, path) =>
    must(typeof value === 'string' && form.test(value), path, 'The value is malformed.');

export const listOf =
  (check: Check): Check =>
  (value, path) => {
    must(Array.isArray(value), path, 'Expected array.');
    (value as unknown[]).forEach((item, index) => {
      check(item, [...path, index]);
    });
  };

/** A trailing `?` marks a key that may be absent. Other keys are refused. */
export const object =
  (keys: Record<string, Check>): Check =>
  (value, path) => {
    must(isObject(value), path, 'Expected object.');
    const given = value as Record<string, unknown>;
    const names = Object.keys(keys).map((key) => key.replace('?', ''));
    for (const key of Object.keys(given)) must(names.includes(key), [...path, key], 'Unrecognized key.');
    for (const [key, check] of Object.entries(keys)) {
      const name = key.replace('?', '');
      if (name in given && given[name] !== undefined) check(given[name], [...path, name]);
      else must(key.endsWith('?'), [...path, name], 'Required.');
    }
  };

export const data = (check: Check) => object({ data: check });

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export const integer =
  (min: number, max: number): Check =>
  (value, path) =>
    must(
      Number.isInteger(value) && Number(value) >= min && Number(value) <= max,
      path,
      `Expected a whole number from ${min} to ${max}.`,
    );

/** Query parameters: each a whole number within bounds, or checked as text. */
export const whole =
  (min: number, max: number): Check =>
  (value, path) => {
    const count = /^\d{1,9}$/.test(String(value)) ? Number(value) : Number.NaN;
    must(count >= min && count <= max, path, `Expected a whole number from ${min} to ${max}.`);
  };
