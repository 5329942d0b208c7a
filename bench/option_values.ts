import { AppError } from '../src/errors.ts';

/** A whole number from `min` to `max`; otherwise throws `bench_option`. */
export function whole(name: string, text: string, min: number, max = Number.MAX_SAFE_INTEGER): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= min && value <= max) return value;
  throw wrongOption(name, `a whole number from ${min}${max < Number.MAX_SAFE_INTEGER ? ` to ${max}` : ''}`);
}

export function positive(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw wrongOption(name, 'a number above 0');
  return value;
}

/** `bench_option` with the option and its valid values. */
export function wrongOption(name: string, expected: string): AppError {
  return new AppError('bench_option', `--${name} takes: ${expected}.`);
}
