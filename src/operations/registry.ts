import { definitions, type OperationName } from './definitions.ts';
import type { Operation, Permission } from './operation.ts';
import { PERMISSIONS } from './permissions.ts';
import { scopesOf } from './scopes.ts';

/** All operations with their permissions: the only source of the surfaces. */
export const registry = definitions.map((definition) => ({
  ...definition,
  permission: { ...permissionOf(definition.name), scopes: scopesOf(definition) },
})) as unknown as readonly Operation[];

function permissionOf(name: OperationName): Permission {
  const permission: Permission | undefined = PERMISSIONS[name];
  if (permission === undefined) throw new Error(`src/operations/permissions.ts has no row for ${name}`);
  return permission;
}
