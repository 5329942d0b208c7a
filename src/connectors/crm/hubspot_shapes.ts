import { z } from 'zod';

/* Shapes that several of HubSpot's calls share. */

/** Values are text; null or empty if the record has none. */
const values = z.record(z.string(), z.string().nullable());

const linked = z.object({
  results: z.array(z.object({ id: z.string(), type: z.string() })),
  paging: z.object({ next: z.object({ after: z.string() }).optional() }).optional(),
});

export const found = z.object({
  id: z.string(),
  createdAt: z.string(),
  properties: values,
  associations: z.record(z.string(), linked).optional(),
});

/** Batches and searches have no links. */
export const plain = found.omit({ associations: true });

export type HubspotObject = z.output<typeof found>;

export const created = z.object({ id: z.string() });

export const association = z.object({
  toObjectId: z.string(),
  associationTypes: z.array(z.object({ typeId: z.int() })),
});

export const property = z.object({
  name: z.string(),
  label: z.string(),
  type: z.string(),
  fieldType: z.string(),
  archived: z.boolean().optional(),
  hasUniqueValue: z.boolean().optional(),
  modificationMetadata: z.object({ readOnlyValue: z.boolean() }).optional(),
});

export const pipeline = z.object({
  id: z.string(),
  archived: z.boolean(),
  displayOrder: z.int(),
  stages: z.array(
    z.object({
      id: z.string(),
      label: z.string(),
      archived: z.boolean(),
      displayOrder: z.int(),
      metadata: z.record(z.string(), z.string()),
    }),
  ),
});

export const owner = z.object({
  id: z.string(),
  email: z.string().optional(),
  firstName: z.string().optional(),
  lastName: z.string().optional(),
  archived: z.boolean(),
});

export const subscription = z.object({
  id: z.string(),
  active: z.boolean(),
  eventType: z.string(),
  propertyName: z.string().optional(),
});

/** Limits are refused with `policyName`; other refusals have a category and the names of faulty properties. */
export const refusal = z.object({
  message: z.string(),
  category: z.string().optional(),
  errorType: z.string().optional(),
  policyName: z.string().optional(),
  errors: z
    .array(
      z.object({
        message: z.string(),
        in: z.string().optional(),
        context: z.record(z.string(), z.array(z.string())).optional(),
      }),
    )
    .optional()
    .catch(undefined),
});

/** The body of a webhook delivery. HubSpot does not describe events in these files. */
export const delivery = z.array(
  z.object({
    eventId: z.number(),
    subscriptionId: z.number(),
    portalId: z.number(),
    occurredAt: z.number(),
    subscriptionType: z.string(),
    objectId: z.number().optional(),
    propertyName: z.string().optional(),
    changeSource: z.string().optional(),
    sourceId: z.string().optional(),
    primaryObjectId: z.number().optional(),
    mergedObjectIds: z.array(z.number()).optional(),
    newObjectId: z.number().nullish(),
    fromObjectId: z.number().optional(),
  }),
);
