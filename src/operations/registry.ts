import { definitions } from './definitions.ts';
import type { Operation } from './operation.ts';
import { PERMISSIONS } from './permissions.ts';
import { scopesOf } from './scopes.ts';

/** Every verb of the product and who may. The surfaces are made from this list and from nothing else. */
export const registry = definitions.map((definition) => ({
  ...definition,
  permission: { ...PERMISSIONS[definition.name], scopes: scopesOf(definition) },
})) as unknown as readonly Operation[];
