import { type DestinationStream, destination, type Logger, pino } from 'pino';

/** Names whose values are never logged. */
const SECRET_NAMES = words(`
  access_token admin_key api_key authorization client_secret code_verifier cookie database_url idempotency-key
  link_token llm_api_key password password_hash private_key refresh_token secret set-cookie smtp_url token
  x-api-key
`);

const NAMED = SECRET_NAMES.join('|');

/** Secrets recognizable by form in any text, and their replacements. */
const SECRET_FORMS: readonly (readonly [RegExp, string])[] = [
  // By name, at any depth. Wildcard paths for pino would take forty times as long per line.
  [
    new RegExp(`"(${NAMED})":(?:"(?:[^"\\\\]|\\\\.)*"|\\[(?:"(?:[^"\\\\]|\\\\.)*",?)*\\])`, 'g'),
    '"$1":"[redacted]"',
  ],
  [/\btl_[A-Za-z0-9_-]{16,}/g, 'tl_[redacted]'],
  // Keys of model providers.
  [/\bsk-[A-Za-z0-9_-]{16,}/g, 'sk-[redacted]'],
  // User and password of a URL.
  [/([a-z][a-z0-9+.-]*:\/\/)[^\s/"\\@]+@/gi, '$1[redacted]@'],
  [/\b(Bearer|Basic) +[A-Za-z0-9._~+/=-]{8,}/gi, '$1 [redacted]'],
  // Access tokens as mail servers receive them: base64 that begins with `user=`. Google tokens and signed ones (RFC 7519).
  [/\bdXNlcj1[A-Za-z0-9+/]{16,}={0,2}/g, '[redacted]'],
  [/\b(?:ya29\.|1\/\/0)[A-Za-z0-9_-]{10,}/g, '[redacted]'],
  [/\beyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*)?/g, '[redacted]'],
  // To the end of its string, because the end of a key may be cut off.
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----(?:[^"\\]|\\.)*/g, '[redacted]'],
  // Links that sign in or unsubscribe.
  [/(\/u\/|sign-in#)[A-Za-z0-9_-]{16,}/g, '$1[redacted]'],
];

const CAUSES_MAX = 5;

/** The destination of the log. A closed terminal accepts no more lines, and must not interrupt an orderly stop. */
export function standardError(): DestinationStream {
  const lines = destination({ dest: 2, sync: true });
  lines.on('error', () => undefined);
  return lines;
}

/**
 * The product's log, as lines of JSON. Values with secret names are replaced, errors keep only fields that cannot contain
 * data, and each line is searched for secrets by name and form: three nets, of which one should be enough.
 */
export function openLog(level: string, destination: DestinationStream): Logger {
  const paths = SECRET_NAMES.map((name) => `["${name}"]`);
  return pino(
    {
      level,
      base: null,
      redact: { paths, censor: '[redacted]' },
      serializers: { err: (error: unknown) => errorWords(error) },
      hooks: { streamWrite: withoutSecrets },
    },
    destination,
  );
}

/** A line of JSON stays valid: whole values are replaced, or parts of a text by text without a quote. */
function withoutSecrets(line: string): string {
  return SECRET_FORMS.reduce((text, [form, instead]) => text.replace(form, instead), line);
}

/** Drivers add rows and parameters to their errors, so only these fields are kept. */
const ERROR_FIELDS = words(`
  code status severity schema table column constraint routine syscall address port
`);

function errorWords(error: unknown, causes = 0): unknown {
  if (!(error instanceof Error)) return { type: typeof error, message: String(error) };
  const given = error as Error & Record<string, unknown>;
  const message = messageOf(given);
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  const { errors } = given;
  const is_deep = causes === CAUSES_MAX;
  return {
    type: error.name,
    message,
    ...Object.fromEntries(
      ERROR_FIELDS.flatMap((name) => (isPlain(given[name]) ? [[name, given[name]]] : [])),
    ),
    stack: [`${error.name}: ${message}`, ...frames].join('\n'),
    ...(Array.isArray(errors) && !is_deep ? { errors: errors.slice(0, CAUSES_MAX).map(faultWords) } : {}),
    ...(error.cause === undefined || is_deep ? {} : { cause: errorWords(error.cause, causes + 1) }),
  };
}

/** One of several errors: either an error of its own or an input fault, of which only the path is logged. */
function faultWords(fault: unknown): unknown {
  return fault instanceof Error ? errorWords(fault, CAUSES_MAX) : (fault as { path?: unknown } | null)?.path;
}

/** The JSON parser and the database's class 22 (data exceptions) quote their input. */
function messageOf(error: Error & Record<string, unknown>): string {
  const quotes = error instanceof SyntaxError || /^22/.test(String(error.code ?? ''));
  return quotes ? error.message.replace(/".*"/s, '"[redacted]"') : error.message;
}

function isPlain(value: unknown): value is string | number {
  return typeof value === 'string' || typeof value === 'number';
}

function words(text: string): string[] {
  return text.trim().split(/\s+/);
}
