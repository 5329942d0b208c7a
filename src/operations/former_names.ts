import type { z } from 'zod';

/**
 * An input with its former name: both are accepted, and openapi.json marks the former one as deprecated. Apply it last,
 * since wrappers such as `optional` hide it.
 */
export function formerly<Schema extends z.ZodType>(former_name: string, schema: Schema): Schema {
  return schema.meta({ former_name }) as Schema;
}

/** The same for a name in the specification that our documents do not show. */
export function alsoCalled<Schema extends z.ZodType>(unlisted_name: string, schema: Schema): Schema {
  return schema.meta({ unlisted_name }) as Schema;
}

export function formerNameOf(schema: z.ZodType): string | undefined {
  return schema.meta()?.former_name as string | undefined;
}

function otherNameOf(schema: z.ZodType): string | undefined {
  return formerNameOf(schema) ?? (schema.meta()?.unlisted_name as string | undefined);
}

/** The value under current names. A field given under both names keeps both and is refused. */
export function underCurrentNames(schema: z.ZodType, value: unknown): unknown {
  if (!hasFormerNames(schema)) return value;
  const { shape, element, inner } = partsOf(schema);
  if (inner !== undefined) return underCurrentNames(inner, value);
  if (Array.isArray(value)) {
    return element === undefined ? value : value.map((part) => underCurrentNames(element, part));
  }
  if (shape === undefined || typeof value !== 'object' || value === null) return value;
  const current = new Map(Object.entries(shape).map(([name, field]) => [otherNameOf(field) ?? '', name]));
  const entries = Object.entries(value).map(([given, part]) => {
    const now = current.get(given);
    const name = now === undefined || Object.hasOwn(value, now) ? given : now;
    const field = Object.hasOwn(shape, name) ? shape[name] : undefined;
    return [name, field === undefined ? part : underCurrentNames(field, part)] as const;
  });
  return Object.fromEntries(entries);
}

type Parts = { shape?: Record<string, z.ZodType>; element?: z.ZodType; inner?: z.ZodType };

/** Nested schemas, as deep as our inputs nest. */
export function partsOf(schema: z.ZodType): Parts {
  const { shape, element, innerType } = schema.def as unknown as Parts & { innerType?: z.ZodType };
  return {
    ...(shape === undefined ? {} : { shape }),
    ...(element === undefined ? {} : { element }),
    ...(innerType === undefined ? {} : { inner: innerType }),
  };
}

const known = new WeakMap<z.ZodType, boolean>();

/** Cached per schema: requests wait for this. */
function hasFormerNames(schema: z.ZodType): boolean {
  const found = known.get(schema);
  if (found !== undefined) return found;
  const { shape = {}, element, inner } = partsOf(schema);
  const fields = Object.values(shape);
  const parts = [...fields, element, inner].filter((part) => part !== undefined);
  const has = fields.some((field) => otherNameOf(field) !== undefined) || parts.some(hasFormerNames);
  known.set(schema, has);
  return has;
}
