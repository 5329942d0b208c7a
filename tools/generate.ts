import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { startTemporary } from '../src/db/embedded_temporary.ts';
import { MEANINGS } from '../src/db/errors.ts';
import { migrate } from '../src/db/migrate.ts';
import { openOwnerPool } from '../src/db/open.ts';
import type { OwnerPool } from '../src/db/pool.ts';
import { type Catalog, readCatalog } from './catalog.ts';
import { emitChannelRoutines, emitChannelsForWeb } from './emit_channels.ts';
import { emitDeclaredColumns, emitLeadFields } from './emit_columns.ts';
import { emitInvariants } from './emit_invariants.ts';
import { emitQueries, startDescriber } from './emit_queries.ts';
import { emitReferences, emitSchemaDump, emitSchemaTypes, typeNames } from './emit_schema.ts';
import { emitSpecification } from './emit_specification.ts';
import { emitStateMachines } from './emit_state_machines.ts';
import { emitTriggers, purposesOf } from './emit_triggers.ts';
import { MARK } from './mark.ts';
import { triggersOf } from './triggers.ts';

/*
 * npm run generate: writes every file derived from the migrations, the queries and the operations.
 * npm run verify:   derives the same in memory, and fails with the name of each file that differs.
 */

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const run = promisify(execFile);

/** Path from the root -> content. */
type Outputs = Map<string, string>;

async function main(): Promise<number> {
  const checking = process.argv.includes('--check');
  const faults: string[] = [];
  const expected: Outputs = new Map([
    ['db/routines/account_and_lead_columns.sql', emitDeclaredColumns()],
    ['db/routines/channels.sql', emitChannelRoutines()],
    ['web/src/channels.gen.ts', emitChannelsForWeb()],
    ['web/src/leads/lead_fields.gen.ts', emitLeadFields()],
  ]);
  // Each part reads the files of the parts before it.
  if (!checking) await write(expected);
  const described = await fromDatabase();
  if (!checking) await write(described);
  for (const [file, content] of described) expected.set(file, content);
  try {
    const api = await fromOperations();
    if (!checking) await write(api);
    for (const [file, content] of api) expected.set(file, content);
  } catch (error) {
    faults.push((error as Error).message);
  }
  const stale = await staleFiles(expected);
  if (checking) {
    faults.push(...(await differences(expected)));
    faults.push(...stale.map((file) => `${file}: no generator writes this file`));
  } else {
    for (const file of stale) await rm(join(ROOT, file));
  }
  for (const fault of faults) say(fault);
  say(checking ? verdict(faults.length) : `wrote ${expected.size} files`);
  return faults.length === 0 ? 0 : 1;
}

async function fromDatabase(): Promise<Outputs> {
  const server = await scratchDatabase();
  try {
    const db = await openOwnerPool({ url: server.url, max: 2 });
    try {
      await migrate(db);
      return await describeAll(db, server.url);
    } finally {
      await db.close();
    }
  } finally {
    await server.stop();
  }
}

async function describeAll(db: OwnerPool, url: string): Promise<Outputs> {
  const catalog = await readCatalog(db);
  const outputs: Outputs = new Map([
    ['src/schema.gen.ts', emitSchemaTypes(catalog)],
    ['src/db/references.gen.ts', emitReferences(catalog)],
    ['db/schema.sql', emitSchemaDump(catalog)],
    ...(await documentsOf(catalog)),
  ]);
  const describer = await startDescriber(url, db, typeNames(catalog));
  for (const file of await filesIn('db/queries', '.sql')) {
    const noun = basename(file, '.sql');
    const source = await readFile(join(ROOT, file), 'utf8');
    outputs.set(`src/db/queries/${noun}.gen.ts`, await emitQueries(describer, noun, source));
  }
  return outputs;
}

/** Documents about the invariants, states, and triggers of the database, and about the specification. */
async function documentsOf(catalog: Catalog): Promise<Outputs> {
  const triggers = triggersOf(catalog);
  const files = await filesIn('db/routines', '.sql');
  const routines = await Promise.all(files.map((file) => readFile(join(ROOT, file), 'utf8')));
  const invariants = await readFile(join(ROOT, 'db/invariants.yaml'), 'utf8');
  const specifications = await filesIn('docs/specification', '.yaml');
  const policy = parse(await readFile(join(ROOT, 'policy/default.yaml'), 'utf8'));
  const raised = new Set(routines.flatMap((text) => text.match(/\bTL\d{3}\b/g) ?? []));
  return new Map([
    [
      'docs/invariants.md',
      emitInvariants(invariants, { catalog, errors: MEANINGS, raised, read: readIfPresent }),
    ],
    [
      'docs/specification.md',
      emitSpecification(
        specifications.map((file) => readFileSync(join(ROOT, file), 'utf8')),
        { catalog, policy, read: readIfPresent },
      ),
    ],
    ['docs/state_machines.md', emitStateMachines(triggers)],
    ['docs/triggers.md', emitTriggers(triggers, purposesOf(routines))],
  ]);
}

function readIfPresent(file: string): string | undefined {
  return existsSync(join(ROOT, file)) ? readFileSync(join(ROOT, file), 'utf8') : undefined;
}

/** With DATABASE_URL, a temporary database on that server; without it, a temporary embedded server. */
async function scratchDatabase(): Promise<{ url: string; stop(): Promise<void> }> {
  const given = process.env.DATABASE_URL;
  if (given === undefined) return startTemporary();
  const name = `touchline_generate_${randomBytes(6).toString('hex')}`;
  const db = await openOwnerPool({ url: given, max: 1, statement_timeout_ms: 60_000 });
  await db.query(`create database ${name}`);
  const url = new URL(given);
  url.pathname = `/${name}`;
  const stop = () => db.query(`drop database ${name} with (force)`).then(() => db.close());
  return { url: url.href, stop };
}

/** Each schema of the document is a type of that name. An input with a default may be omitted. */
const NAMED = { rootTypes: true, rootTypesNoSchemaPrefix: true, defaultNonNullable: false };

/** The OpenAPI document of the operations, and from it the web client's types, the permissions, and the template names. */
async function fromOperations(): Promise<Outputs> {
  const outputs: Outputs = new Map();
  if (!(await exists('src/main.ts'))) return outputs;
  const document = JSON.parse(await printOpenapi());
  const { default: openapiTypes, astToString } = await import('openapi-typescript');
  outputs.set('openapi.json', `${JSON.stringify(document, null, 2)}\n`);
  outputs.set('web/src/api/schema.d.ts', `${MARK}\n\n${astToString(await openapiTypes(document, NAMED))}`);
  // Only once the files that the operations import are in place.
  const { registry } = await import('../src/operations/registry.ts');
  const { emitPermissions } = await import('./emit_permissions.ts');
  outputs.set('docs/permissions.md', emitPermissions(registry));
  const { TEMPLATE_VARIABLES } = await import('../src/templates/check.ts');
  outputs.set('web/src/steps/template_variables.gen.ts', emitTemplateVariables(TEMPLATE_VARIABLES));
  const { emitGateWords } = await import('./emit_gate_words.ts');
  outputs.set('web/src/ui/gate_words.gen.ts', emitGateWords());
  return outputs;
}

function emitTemplateVariables(names: readonly string[]): string {
  const list = names.map((name) => `  '${name}',\n`).join('');
  return `${MARK}\n\n/** The variables of templates; the server refuses every other name. */\nexport const TEMPLATE_VARIABLES = [\n${list}];\n`;
}

async function printOpenapi(): Promise<string> {
  const options = { cwd: ROOT, maxBuffer: 64 * 1024 * 1024 };
  try {
    return (await run(process.execPath, [join(ROOT, 'src/main.ts'), 'openapi'], options)).stdout;
  } catch (error) {
    const { stderr = '' } = error as { stderr?: string };
    const reason = stderr.split('\n').find((line) => /^\w*Error\b/.test(line)) ?? stderr;
    throw new Error(`openapi: node src/main.ts openapi failed: ${reason.replaceAll(ROOT, '')}`);
  }
}

async function write(outputs: Outputs): Promise<void> {
  for (const [file, content] of outputs) {
    const path = join(ROOT, file);
    // An equal file stays untouched, so that watchers and caches stay quiet.
    if ((await readFile(path, 'utf8').catch(() => undefined)) === content) continue;
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
  }
}

async function differences(expected: Outputs): Promise<string[]> {
  const found: string[] = [];
  for (const [file, content] of expected) {
    const present = await readFile(join(ROOT, file), 'utf8').catch(() => undefined);
    if (present === undefined) found.push(`${file}: missing`);
    else if (present !== content) found.push(`${file}: ${firstDifference(present, content)}`);
  }
  return found;
}

function firstDifference(present: string, expected: string): string {
  const [have, want] = [present.split('\n'), expected.split('\n')];
  const line = want.findIndex((text, index) => text !== have[index]);
  const at = line === -1 ? want.length : line;
  return `differs from line ${at + 1} on\n  is:        ${have[at] ?? '(end)'}\n  should be: ${want[at] ?? '(end)'}`;
}

async function staleFiles(expected: Outputs): Promise<string[]> {
  const present = await filesIn('src/db/queries', '.gen.ts');
  return present.filter((file) => !expected.has(file));
}

async function filesIn(dir: string, suffix: string): Promise<string[]> {
  const names = await readdir(join(ROOT, dir)).catch((): string[] => []);
  return names
    .filter((name) => name.endsWith(suffix))
    .sort()
    .map((name) => `${dir}/${name}`);
}

async function exists(file: string): Promise<boolean> {
  return stat(join(ROOT, file)).then(
    () => true,
    () => false,
  );
}

function verdict(faults: number): string {
  return faults === 0 ? 'generated files are current' : `${faults} faults; run: npm run generate`;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

// PgTyped's describer keeps its connection open, so the process must exit explicitly.
process.exit(
  await main().catch((error: Error) => {
    say(error.message);
    return 1;
  }),
);
