import type { Operation, Permission } from '../src/operations/operation.ts';
import { SCOPES } from '../src/operations/scopes.ts';
import { AGENT_KIND_VALUES, USER_ROLE_VALUES } from '../src/schema.gen.ts';
import { MARKDOWN_MARK } from './mark.ts';

const ROLE_WORDS: Readonly<Record<(typeof USER_ROLE_VALUES)[number], string>> = {
  revops: 'runs campaigns, policy and mailboxes',
  slm: 'leads the sales team',
  rep: 'sells, and approves what goes out in their name',
  exec: 'routes booked meetings',
  admin: 'manages people and API keys',
  auditor: 'reads everything and changes nothing',
};

const KIND_WORDS: Readonly<Record<(typeof AGENT_KIND_VALUES)[number], string>> = {
  brain: 'proposes plays',
  role: 'works the tasks of one role',
  system: 'works for the product itself',
};

/** docs/permissions.md: the table of permissions, for readers without TypeScript. */
export function emitPermissions(registry: readonly Operation[]): string {
  const nouns = Map.groupBy(registry, ({ http }) => http?.path.split('/')[1] ?? '');
  const sections = [...nouns].flatMap(([noun, operations]) => [`## ${noun}`, '', ...table(operations), '']);
  return [MARKDOWN_MARK, '', ...introduction(), '', ...sections, ...fields(registry)].join('\n');
}

/** The fields that agents may set, and the operations that they run for their own side only. */
function fields(registry: readonly Operation[]): string[] {
  const rows = registry.flatMap(({ name, permission }) =>
    Object.entries(permission.fields ?? {}).map(([field, kinds]) =>
      row([
        `\`${name}\``,
        `\`${field}\``,
        ...AGENT_KIND_VALUES.map((kind) => (kinds.includes(kind) ? '●' : '·')),
      ]),
    ),
  );
  const own = registry.flatMap(({ name, permission: { own_side = [] } }) =>
    own_side.map(
      (kind) =>
        `An agent of kind **${kind}** runs \`${name}\` for its own side only (\`side\` in \`GET /agents\`).`,
    ),
  );
  return [
    '## Fields that agents set',
    '',
    'People set every field of an operation that they may run. Agents set the fields below, by kind. Any other column of leads and',
    'accounts is closed to agents, in the database too. Every agent may opt a lead out; none may lift an opt-out.',
    '',
    row(['operation', 'field', ...AGENT_KIND_VALUES]),
    row(['---', '---', ...AGENT_KIND_VALUES.map(() => ':-:')]),
    ...rows,
    '',
    ...own,
    '',
  ];
}

function introduction(): string[] {
  return [
    '# Permissions',
    '',
    'Each operation, and the people and agents who may run it over HTTP, MCP and the command line. Made from',
    '`src/operations/permissions.ts`; the test of the access matrix tries every operation as every caller and compares.',
    '',
    '| mark | meaning |',
    '| --- | --- |',
    '| ● | may |',
    '| · | may not |',
    '| ○ | everyone may, without signing in |',
    '| ◐ | may, signed in or with the key of the machine that runs Touchline, and with no other key |',
    '| ◑ | may, signed in; with no key |',
    '',
    'People have one or more roles:',
    '',
    ...wordsOf(ROLE_WORDS),
    '',
    'Agents are of one kind:',
    '',
    ...wordsOf(KIND_WORDS),
    '',
    'A key never has more permissions than its owner. A key with scopes needs one of those in the last column.',
    '',
    'The database enforces these rules for every statement: each organization sees only its own rows, and only a',
    'person approves a text, activates a campaign, lifts an opt-out, resumes a mailbox, or creates users and keys.',
  ];
}

function wordsOf(words: Readonly<Record<string, string>>): string[] {
  return Object.entries(words).map(([name, meaning]) => `- **${name}** ${meaning}`);
}

function table(operations: readonly Operation[]): string[] {
  const columns = ['operation', 'request', ...USER_ROLE_VALUES, ...AGENT_KIND_VALUES, 'scope'];
  const centered = [...USER_ROLE_VALUES, ...AGENT_KIND_VALUES].map(() => ':-:');
  return [
    row(columns),
    row(['---', '---', ...centered, '---']),
    ...operations.map((operation) => row(cellsOf(operation))),
  ];
}

function cellsOf({ name, http, permission }: Operation): string[] {
  const { people, agents, is_public, credential } = permission;
  const scopes = SCOPES.filter((scope) => permission.scopes?.includes(scope));
  const mark = markOf(permission);
  const may = (is_in: boolean) => (is_public || is_in ? mark : '·');
  return [
    `\`${name}\``,
    http === undefined ? '' : `\`${http.method} ${http.path}\``,
    ...USER_ROLE_VALUES.map((role) => may(people.includes(role))),
    ...AGENT_KIND_VALUES.map((kind) => may(agents.includes(kind))),
    is_public || credential !== undefined ? '' : scopes.map((scope) => `\`${scope}\``).join(' '),
  ];
}

function markOf({ is_public, credential }: Permission): string {
  if (is_public) return '○';
  if (credential === undefined) return '●';
  return credential === 'session' ? '◑' : '◐';
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}
