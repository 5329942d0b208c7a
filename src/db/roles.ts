import { AppError } from '../errors.ts';
import { openConnections, type PoolOptions } from './open.ts';
import type { Pool, Statements } from './pool.ts';

/** The role as which the product works, whatever its login. `makeAppRole` creates it. */
export const APP_ROLE = 'touchline_app';

/** A setting that a connection string alone lacks: for libraries with their own connections. */
export const AS_APP_ROLE = `-c role=${APP_ROLE}`;

/**
 * A pool that works as the application's role. Throws `database_role_unsafe` (503) if row-level security does not bind that
 * role or does not guard every table.
 */
export async function openAppPool(options: Omit<PoolOptions, 'role'>): Promise<Pool> {
  const { connections, statements } = await openConnections({ ...options, role: APP_ROLE });
  try {
    await refuseBypass(statements);
    return { ...connections, actor: null };
  } catch (error) {
    await connections.close();
    throw error;
  }
}

async function refuseBypass(on: Statements): Promise<void> {
  const { rows } = await on.query<{
    role: string;
    bypasses: boolean;
    owns: string | null;
    open: string | null;
  }>(
    `select current_user as role, r.rolsuper or r.rolbypassrls as bypasses,
            (select c.relname from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v')
             and pg_has_role(c.relowner, 'member') limit 1) as owns,
            (select c.relname from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'org_id'
             where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
             and not (c.relrowsecurity and c.relforcerowsecurity) limit 1) as open
     from pg_roles r where r.rolname = current_user`,
  );
  const { role, bypasses, owns, open } = rows[0]!;
  const why = bypasses
    ? `The database role ${role} bypasses row-level security.`
    : owns !== null
      ? `The database role ${role} may act as the owner of ${owns}, who can switch row-level security off.`
      : open !== null
        ? `The table ${open} has no forced row-level security.`
        : null;
  if (why === null) return;
  throw new AppError('database_role_unsafe', why, {
    hint: `${APP_ROLE} must be NOSUPERUSER NOBYPASSRLS, own nothing and belong to no owner; touchline migrate guards every table.`,
  });
}
