import { definitions } from './definitions.ts';
import type { Operation } from './operation.ts';
import { PERMISSIONS } from './permissions.ts';
import { scopesOf } from './scopes.ts';

/** All operations with their permissions: the only source of the surfaces. */
export const registry = definitions.map((definition) => ({
  ...definition,
  permission: { ...PERMISSIONS[definition.name], scopes: scopesOf(definition) },
})) as unknown as readonly Operation[];
