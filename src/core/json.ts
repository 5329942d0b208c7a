import type { Json } from '../schema.gen.ts';

/** Whether a value is an object with named members: neither null nor a list. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A text field of a stored detail; null without it. */
export function textOf(detail: Json | null, key: string): string | null {
  const value = isRecord(detail) ? detail[key] : null;
  return typeof value === 'string' && value !== '' ? value : null;
}
