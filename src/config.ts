import { isIP } from 'node:net';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { parseDatabaseUrl } from './db/database_url.ts';
import { AppError, type FieldError } from './errors.ts';

/** All settings from the environment, under the names that docs/install.md documents. */
export type Config = ReturnType<typeof readConfig>;

type Wrong = (path: string, message: string) => void;

/** The strength of tokens and keys derives from this: 32 hexadecimal digits are 128 bits. */
const SECRET_MIN_LENGTH = 32;

/** Machines present this token, and they can store a long one. */
const METRICS_TOKEN = /^\S{16,500}$/;

/** Reads the environment, once. Throws `config_invalid` with every invalid variable. */
export function readConfig(env: NodeJS.ProcessEnv = process.env) {
  const errors: FieldError[] = [];
  const wrong: Wrong = (path, message) => {
    errors.push({ path, message });
  };
  const portOf = (name: 'PORT' | 'TOUCHLINE_METRICS_PORT', text: string): number => {
    const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
    if (Number.isNaN(port) || port > 65_535) wrong(name, 'expected a port number from 0 to 65535');
    return port;
  };
  const port = portOf('PORT', env.PORT || '7300');
  const address = env.DATABASE_URL ? parseDatabaseUrl(env.DATABASE_URL) : null;
  if (address !== null && 'error' in address) wrong('DATABASE_URL', address.error);
  for (const name of ['SMTP_URL', 'IMAP_URL', 'TOUCHLINE_PUBLIC_URL', 'TOUCHLINE_URL'] as const) {
    if (env[name] && !URL.canParse(env[name])) wrong(name, 'expected a URL');
  }
  if (env.TOUCHLINE_ADMIN_KEY && !/^tl_[A-Za-z0-9_-]{16,200}$/.test(env.TOUCHLINE_ADMIN_KEY)) {
    wrong('TOUCHLINE_ADMIN_KEY', 'expected tl_ followed by at least 16 letters, digits, - or _');
  }
  if (env.TOUCHLINE_SECRET && env.TOUCHLINE_SECRET.length < SECRET_MIN_LENGTH) {
    wrong('TOUCHLINE_SECRET', `expected at least ${SECRET_MIN_LENGTH} characters: openssl rand -hex 32`);
  }
  const trusted_proxies = parseTrustedProxies(env.TOUCHLINE_TRUSTED_PROXIES ?? '');
  if (trusted_proxies === null) {
    wrong('TOUCHLINE_TRUSTED_PROXIES', 'expected addresses or networks with commas: 127.0.0.1, 10.0.0.0/8');
  }
  const oidc = readOidc(env, wrong);
  const llm = readLlm(env, wrong);
  const metrics_port = env.TOUCHLINE_METRICS_PORT;
  const metrics = {
    /** The token that readers of the metrics must present; null: none. */
    token: env.TOUCHLINE_METRICS_TOKEN || null,
    /** The metrics port of `work`, which serves nothing else; null: none. */
    port: metrics_port ? portOf('TOUCHLINE_METRICS_PORT', metrics_port) : null,
  };
  if (metrics.token !== null && !METRICS_TOKEN.test(metrics.token)) {
    wrong('TOUCHLINE_METRICS_TOKEN', 'expected at least 16 characters without spaces: openssl rand -hex 32');
  }
  const otel = readOtel(env, wrong);
  if (errors.length > 0) {
    const names = errors.map((error) => error.path).join(', ');
    throw new AppError('config_invalid', `The environment is not usable: ${names}.`, { errors });
  }
  return {
    host: env.HOST || '127.0.0.1',
    port,
    database_url: env.DATABASE_URL || null,
    data_dir: env.TOUCHLINE_DATA_DIR || './data',
    public_url: env.TOUCHLINE_PUBLIC_URL?.replace(/\/+$/, '') || null,
    admin_key: env.TOUCHLINE_ADMIN_KEY || null,
    admin_email: (env.TOUCHLINE_ADMIN_EMAIL || 'admin@touchline.example').toLowerCase(),
    /** For an admin who has none yet. */
    admin_password: env.TOUCHLINE_ADMIN_PASSWORD || null,
    secret: env.TOUCHLINE_SECRET || null,
    smtp_url: env.SMTP_URL || null,
    /** The server from which replies are read. */
    imap_url: env.IMAP_URL || null,
    /** Whether the first start of a demo loads the sample: its leads, and requests for them. */
    has_sample: env.TOUCHLINE_SAMPLE !== 'none',
    /** Allows webhooks to this machine: only with the embedded database, and never in production. */
    local_webhooks: env.TOUCHLINE_LOCAL_WEBHOOKS === '1',
    /** Single sign-on; null without it. */
    oidc,
    /** The language model; null without one. `base_url` null is Anthropic's API. */
    llm,
    /** Null: warnings in a terminal demo (`up`), everything of note in production. */
    log_level: env.TOUCHLINE_LOG_LEVEL || null,
    production: env.NODE_ENV === 'production',
    metrics,
    /** The destination of traces; null: none. */
    otel,
    /** Addresses and networks of proxies trusted to name the client; none by default. */
    trusted_proxies: trusted_proxies ?? [],
    /** The server that the CLI calls, and its key. */
    cli_url: env.TOUCHLINE_URL || null,
    cli_key: env.TOUCHLINE_API_KEY || env.TOUCHLINE_ADMIN_KEY || null,
    /** The command that started `up`: npm sets the name of the script that it runs. */
    start_command: env.npm_lifecycle_event === 'start' ? 'npm start' : 'touchline up',
    /** The CLI's directory for this user's own data, for example sign-ins. */
    user_dir: userDir(env),
  };
}

/** Follows the XDG Base Directory Specification, which ignores a relative path. */
function userDir({ XDG_CONFIG_HOME: named }: NodeJS.ProcessEnv): string {
  return join(named && isAbsolute(named) ? named : join(homedir(), '.config'), 'touchline');
}

/** The exporter itself reads other OTEL_ variables, for example OTEL_EXPORTER_OTLP_HEADERS. */
function readOtel(env: NodeJS.ProcessEnv, wrong: Wrong) {
  const endpoint = env.OTEL_EXPORTER_OTLP_ENDPOINT;
  if (!endpoint) return null;
  if (!URL.canParse(endpoint) || !/^https?:$/.test(new URL(endpoint).protocol)) {
    wrong('OTEL_EXPORTER_OTLP_ENDPOINT', 'expected the URL of a collector, such as http://127.0.0.1:4318');
  }
  return { endpoint, service_name: env.OTEL_SERVICE_NAME || 'touchline' };
}

/** A key alone means Anthropic; a URL names any other endpoint, which may need no key. */
function readLlm(env: NodeJS.ProcessEnv, wrong: Wrong) {
  const { LLM_BASE_URL: base_url, LLM_API_KEY: api_key, LLM_MODEL: model } = env;
  if (!base_url && !api_key && !model) return null;
  if (!model) wrong('LLM_MODEL', 'is missing: the name of the model, as its provider has it');
  if (!base_url && !api_key) wrong('LLM_API_KEY', 'is missing, and LLM_BASE_URL names no other endpoint');
  const url = base_url && URL.canParse(base_url) ? new URL(base_url) : null;
  if (base_url && (url === null || !/^https?:$/.test(url.protocol) || url.username || url.search)) {
    wrong('LLM_BASE_URL', 'expected an http or https URL such as https://llm.example/v1');
  }
  return {
    base_url: base_url?.replace(/\/+$/, '') || null,
    api_key: api_key || null,
    model: model ?? '',
  };
}

const OIDC = ['OIDC_ISSUER', 'OIDC_CLIENT_ID', 'OIDC_CLIENT_SECRET'] as const;

/** All three or none. The identity provider requires TLS, except on this machine. */
function readOidc(env: NodeJS.ProcessEnv, wrong: Wrong) {
  if (OIDC.every((name) => !env[name])) return null;
  for (const name of OIDC)
    if (!env[name]) wrong(name, 'is missing: single sign-on needs all three OIDC_ variables');
  const {
    OIDC_ISSUER: issuer = '',
    OIDC_CLIENT_ID: client_id = '',
    OIDC_CLIENT_SECRET: client_secret = '',
  } = env;
  const url = URL.canParse(issuer) ? new URL(issuer) : null;
  const is_here = url !== null && /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname);
  if (issuer !== '' && url?.protocol !== 'https:' && !(url?.protocol === 'http:' && is_here)) {
    wrong('OIDC_ISSUER', 'expected an https URL');
  }
  return { issuer, client_id, client_secret };
}

/**
 * The proxies whose `X-Forwarded-For` is trusted: a comma-separated list of addresses and networks (CIDR). Null if an entry
 * is neither.
 */
function parseTrustedProxies(text: string): string[] | null {
  const proxies = text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
  return proxies.every(isAddressOrNetwork) ? proxies : null;
}

function isAddressOrNetwork(entry: string): boolean {
  const [, address = '', , bits] = /^([^/]+)(\/(\d{1,3}))?$/.exec(entry) ?? [];
  const version = isIP(address);
  if (version === 0) return false;
  // A network that contains every address would let any client choose its own.
  return bits === undefined || (Number(bits) > 0 && Number(bits) <= (version === 4 ? 32 : 128));
}
