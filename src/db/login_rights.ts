import { AppError } from '../errors.ts';
import { sqlState } from './errors.ts';
import type { Statements } from './pool.ts';
import { APP_ROLE } from './roles.ts';

/** PostgreSQL grants nothing by default, which is what the role needs. */
const CREATE_ROLE = `CREATE ROLE ${APP_ROLE}`;
/** From this version, a grant states whether its member may SET ROLE; before, every member may. */
const GRANTS_HAVE_OPTIONS = 160_000;

/** The login may not, or another database of the server was faster: only the result counts. */
const SETTLED_ELSEWHERE = ['42501', '0LP01', '42704', '42710', '23505'];

type Rights = {
  version: number;
  /** Both quoted for SQL. */
  login: string;
  database: string;
  has_role: boolean;
  /** Roles besides superusers that may grant the role; null: none. */
  role_granters: string | null;
  may_set_role: boolean;
  /** The owner of the product's tables, if this login may not act as that role; null without tables. */
  other_owner: string | null;
  may_create_tables: boolean;
  may_create_schema: boolean;
  role_may_use_schema: boolean;
};

/**
 * Creates the role as which the product works, and lets this login act as it, as far as the login's rights allow:
 * CREATEROLE or superuser. Runs before anything grants the role something. Roles belong to the server, so another database
 * or an administrator may have created it already.
 */
export async function makeAppRole(db: Statements): Promise<void> {
  const rights = await readRights(db);
  if (!rights.has_role) await attempt(db, CREATE_ROLE);
  if (!rights.may_set_role) await attempt(db, grantRole(rights));
}

/**
 * Throws `database_rights_missing` (503) with the statements that give this login the missing rights to work as the
 * product's role and, unless another login owns the tables, to create the schema.
 */
export async function refuseMissingRights(db: Statements): Promise<void> {
  const rights = await readRights(db);
  const statements = missingStatements(rights);
  if (statements.length === 0) return;
  const { login, database } = rights;
  const run = `Connect to that database as a superuser, or as your provider's administrator, and run:\n${statements.join('\n')}`;
  throw new AppError(
    'database_rights_missing',
    `The login ${login} lacks rights in the database ${database}.`,
    { hint: `${run}\n${granters(rights)}Then run this command again.` },
  );
}

/** Roles belong to the server, so an administrator of one database may lack the right to grant this role. */
function granters({ version, has_role, may_set_role, role_granters }: Rights): string {
  if (!has_role || may_set_role || version < GRANTS_HAVE_OPTIONS) return '';
  const others = role_granters === null ? '' : ` or ${role_granters}`;
  return `${APP_ROLE} is shared by all databases of this server: only a superuser${others} may grant it.\n`;
}

/** Throws `database_owner_differs` (503) if another login owns the tables, so this one cannot change them. */
export async function refuseOtherOwner(db: Statements): Promise<void> {
  const { other_owner } = await readRights(db);
  if (other_owner === null) return;
  throw new AppError(
    'database_owner_differs',
    `The schema is not the one of this version of Touchline, and its tables belong to ${other_owner}.`,
    {
      hint: `Run touchline migrate with a DATABASE_URL that logs in as ${other_owner}. Then this login is enough.`,
    },
  );
}

async function readRights(db: Statements): Promise<Rights> {
  const { rows } = await db.query<Rights>(
    `select s.version, quote_ident(session_user) as login, quote_ident(current_database()) as database,
            s.role is not null as has_role,
            (select string_agg(distinct quote_ident(pg_get_userbyid(m.member)), ' or ') from pg_auth_members m
             where m.roleid = s.role and m.admin_option) as role_granters,
            coalesce(pg_has_role(session_user, s.role,
                                 case when s.version >= ${GRANTS_HAVE_OPTIONS} then 'SET' else 'MEMBER' end), false)
              as may_set_role,
            (select quote_ident(pg_get_userbyid(c.relowner)) from pg_class c
             where c.relname = 'schema_migrations' and c.relnamespace = s.schema
             and not pg_has_role(c.relowner, 'USAGE'))
              as other_owner,
            coalesce(has_schema_privilege(s.schema, 'CREATE') and has_schema_privilege(s.schema, 'USAGE'), false)
              as may_create_tables,
            has_database_privilege(current_database(), 'CREATE') or to_regnamespace('pgboss') is not null
              as may_create_schema,
            coalesce(has_schema_privilege(s.role, s.schema, 'USAGE'), false)
              or coalesce(has_schema_privilege(s.schema, 'USAGE WITH GRANT OPTION'), false) as role_may_use_schema
     from (select current_setting('server_version_num')::int as version, to_regrole('${APP_ROLE}')::oid as role,
                  to_regnamespace('public')::oid as schema) as s`,
  );
  return rows[0]!;
}

function missingStatements(rights: Rights): string[] {
  const { login, database, other_owner } = rights;
  // A login that works on another login's tables creates nothing.
  const is_maker = other_owner === null;
  const needed: [is_missing: boolean, statement: string][] = [
    [!rights.has_role, CREATE_ROLE],
    [!rights.may_set_role, grantRole(rights)],
    [is_maker && !rights.may_create_tables, `GRANT USAGE, CREATE ON SCHEMA public TO ${login}`],
    [is_maker && !rights.role_may_use_schema, `GRANT USAGE ON SCHEMA public TO ${APP_ROLE}`],
    [is_maker && !rights.may_create_schema, `GRANT CREATE ON DATABASE ${database} TO ${login}`],
  ];
  return needed.filter(([is_missing]) => is_missing).map(([, statement]) => `${statement};`);
}

/**
 * Names the options, because the creator of a role already has a grant of it that only lets it grant the role to others.
 */
function grantRole({ version, login }: Rights): string {
  return `GRANT ${APP_ROLE} TO ${login}${version >= GRANTS_HAVE_OPTIONS ? ' WITH SET TRUE' : ''}`;
}

async function attempt(db: Statements, statement: string): Promise<void> {
  try {
    await db.query(statement);
  } catch (error) {
    if (!SETTLED_ELSEWHERE.includes(sqlState(error) ?? '')) throw error;
  }
}
