import { getTypes, type IQueryTypes, startup } from '@pgtyped/query';
import { AsyncQueue } from '@pgtyped/wire';
import type { OwnerPool } from '../src/db/pool.ts';
import type { ParameterKind } from '../src/db/statement.ts';
import { COLUMN_SETS } from './emit_columns.ts';
import { MARK } from './mark.ts';
import { nullableOutputs } from './outer_joins.ts';
import { type NamedStatement, parseSqlFile } from './sql_file.ts';
import { parameterTypeOf, pascalCase, type TypeNames, typeOf } from './types.ts';

/** Reads the types of statements from a server. */
export type Describer = { db: OwnerPool; queue: AsyncQueue; catalog: TypeNames };

type Field = { name: string; type: string; nullable: boolean };
type Described = NamedStatement & { parameter_types: string[]; columns: Field[] };

/** `as "count!"` means never null, `as "email?"` possibly null; the mark is not part of the name. */
const HINTED_NAME = /"([a-z_][a-z0-9_]*)[!?]"/g;

/** Connects PgTyped's describer to the database at `url`. */
export async function startDescriber(url: string, db: OwnerPool, catalog: TypeNames): Promise<Describer> {
  const { hostname, port, username, password, pathname } = new URL(url);
  const queue = new AsyncQueue();
  // Many small messages with a response each: without this, every one waits for a delayed acknowledgment.
  queue.socket.setNoDelay(true);
  await startup(
    {
      host: hostname,
      port: Number(port || 5432),
      user: decodeURIComponent(username),
      password: decodeURIComponent(password),
      dbName: pathname.slice(1),
    },
    queue,
  );
  return { db, queue, catalog };
}

/** The module `src/db/queries/<noun>.gen.ts` for `db/queries/<noun>.sql`. Throws with file, line and reason. */
export async function emitQueries(describer: Describer, noun: string, source: string): Promise<string> {
  const file = `db/queries/${noun}.sql`;
  const described: Described[] = [];
  for (const statement of parseSqlFile(file, source, COLUMN_SETS)) {
    described.push(await describe(describer, statement, file));
  }
  const body = described.map((statement) => emitStatement(noun, statement, describer.catalog)).join('\n');
  const shared = [...[...describer.catalog.enums].map(pascalCase), 'Json'];
  const used = shared.filter((name) => new RegExp(`\\b${name}\\b`).test(body));
  const enums =
    used.length === 0 ? '' : `import type { ${used.sort().join(', ')} } from '../../schema.gen.ts';\n`;
  return `${MARK}\n// Source: ${file}\n${enums}import { statement } from '../statement.ts';\n\n${body}`;
}

async function describe(describer: Describer, statement: NamedStatement, file: string): Promise<Described> {
  const answer = await getTypes({ query: statement.text, mapping: [], bindings: [] }, describer.queue);
  if ('errorCode' in answer) {
    const lines_before = statement.text.slice(0, Number(answer.position ?? 0)).split('\n').length - 1;
    throw new Error(`${file}:${statement.line + lines_before}: ${statement.name}: ${answer.message}`);
  }
  try {
    const parameter_types = answer.paramMetadata.params.map((type) => nameOf(type));
    return { ...statement, parameter_types, columns: await describeColumns(describer, statement, answer) };
  } catch (error) {
    throw new Error(`${file}:${statement.line}: ${statement.name}: ${(error as Error).message}`);
  }
}

async function describeColumns(
  { db, catalog }: Describer,
  { text, parameters }: NamedStatement,
  { returnTypes }: IQueryTypes,
): Promise<Field[]> {
  const filled_up = await nullableOutputs(db, text, parameters.length);
  const columns = returnTypes.map(({ returnName, type, nullable }, index): Field => {
    const name = returnName.replace(/^([a-z_][a-z0-9_]*)[!?]$/, '$1');
    const unhinted = (nullable ?? true) || filled_up.has(index);
    const hinted = returnName.endsWith('?');
    return { name, type: typeOf(nameOf(type), catalog), nullable: name === returnName ? unhinted : hinted };
  });
  refuseUnclear(columns.map(({ name }) => name));
  return columns;
}

function nameOf(type: string | { name: string }): string {
  return typeof type === 'string' ? type : type.name;
}

function refuseUnclear(names: string[]): void {
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new Error(`two columns are named ${twice}`);
  const nameless = names.find((name) => !/^[a-z_][a-z0-9_]*$/.test(name));
  if (nameless !== undefined) throw new Error(`column ${nameless} needs a name in snake_case`);
}

function emitStatement(noun: string, statement: Described, catalog: TypeNames): string {
  const { name, doc, text, parameters, parameter_types, columns } = statement;
  const base = pascalCase(name);
  const typed = parameters.map((parameter, index) => ({ ...parameter, type: parameter_types[index]! }));
  const fields = typed.map((each) => ({
    ...each,
    type: parameterTypeOf(each.type, catalog),
    nullable: !each.required,
  }));
  const kinds = typed.map((each) => `${each.name}: '${kindOf(each.type)}'`).join(', ');
  const sql = text.replaceAll(HINTED_NAME, '"$1"').replaceAll(/[\\`]|\$\{/g, (special) => `\\${special}`);
  return [
    emitType(`${base}Params`, fields),
    emitType(`${base}Result`, columns),
    ...(doc === '' ? [] : [`/** ${doc.replaceAll('\n', '\n * ')} */`]),
    `export const ${name} = statement<${base}Params, ${base}Result>('${noun}.${name}', { ${kinds} }, \``,
    `${sql}\`${statement.prepared ? ', { prepared: true }' : ''});\n`,
  ].join('\n');
}

function kindOf(type: string): ParameterKind {
  if (/^_jsonb?$/.test(type)) return 'json[]';
  return /^jsonb?$/.test(type) ? 'json' : 'plain';
}

function emitType(name: string, fields: readonly Field[]): string {
  if (fields.length === 0) return `export type ${name} = Record<never, never>;\n`;
  const lines = fields.map(
    (field) => `  ${field.name}: ${field.type}${isNullable(field) ? ' | null' : ''};\n`,
  );
  return `export type ${name} = {\n${lines.join('')}};\n`;
}

function isNullable({ type, nullable }: Field): boolean {
  return nullable && type !== 'unknown';
}
