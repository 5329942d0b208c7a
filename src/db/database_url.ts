/** Values of target_session_attrs that the product accepts, because it writes. */
const SESSION_ATTRS = ['any', 'read-write', 'primary'] as const;
const READING_ATTRS = ['read-only', 'standby', 'prefer-standby'];
const SHAPE = /^(postgres(?:ql)?:\/\/)([^/?#]*)([^?#]*)(?:\?([^#]*))?(?:#.*)?$/;
const HOST = /^(\[[0-9a-f:.%]+\]|[^\s@:[\]]*)$/i;
const DEFAULT_PORT = 5432;

/** One server of an address. */
export type Server = {
  /** For the driver, which supports one host. */
  url: string;
  /** Null if the driver decides, for example for its default. */
  host: string | null;
  port: number;
  /** For people: HOST:PORT. */
  name: string;
};

export type DatabaseAddress = { servers: readonly Server[]; wanted: (typeof SESSION_ATTRS)[number] };

type Place = { host: string; port: string };
type Parts = { scheme: string; user: string; path: string; query: URLSearchParams };

/**
 * Reads DATABASE_URL like PostgreSQL's own client: one or several servers in the order of connecting, and which of them
 * qualify (https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-MULTIPLE-HOSTS). Returns its fault as `error`,
 * without the password.
 */
export function parseDatabaseUrl(text: string): DatabaseAddress | { error: string } {
  const [, scheme, authority, path, search = ''] = SHAPE.exec(text) ?? [];
  if (scheme === undefined || authority === undefined || path === undefined) {
    return { error: 'expected postgres://USER:PASSWORD@HOST:PORT/DATABASE' };
  }
  const query = new URLSearchParams(search);
  const wanted = query.get('target_session_attrs') ?? 'any';
  query.delete('target_session_attrs');
  const known = SESSION_ATTRS.find((name) => name === wanted);
  if (known === undefined) return { error: wrongAttrs(wanted) };
  const user_end = authority.lastIndexOf('@') + 1;
  const places = placesOf(authority.slice(user_end), query);
  if ('error' in places) return places;
  const fault = places.map(faultOf).find((found) => found !== undefined);
  if (fault !== undefined) return { error: fault };
  const parts = { scheme, user: authority.slice(0, user_end), path, query };
  const servers = places.map((place) => serverAt(place, parts));
  if (!servers.every(({ url }) => URL.canParse(url))) {
    return { error: 'is not a URL: percent-encode special characters in the name or password (/ as %2F)' };
  }
  return { servers, wanted: known };
}

function wrongAttrs(wanted: string): string {
  const expected = `expected ${SESSION_ATTRS.join(', ')}`;
  return READING_ATTRS.includes(wanted)
    ? `target_session_attrs=${wanted} selects a read-only server, but Touchline writes: ${expected}`
    : `target_session_attrs=${wanted} is unknown: ${expected}`;
}

/** As in the driver, `host` and `port` parameters override those before the path. */
function placesOf(authority: string, query: URLSearchParams): Place[] | { error: string } {
  const given = query.get('host');
  const ports = query.get('port')?.split(',') ?? [];
  query.delete('host');
  query.delete('port');
  const places =
    given === null
      ? authority.split(',').map(placeOf)
      : given.split(',').map((host): Place => ({ host, port: '' }));
  if (ports.length > 1 && ports.length !== places.length) {
    return { error: `has ${places.length} hosts and ${ports.length} ports` };
  }
  return places.map(({ host, port }, at) => ({ host, port: ports[at] ?? ports[0] ?? port }));
}

function placeOf(text: string): Place {
  const [, host = '', port = ''] = /^(\[[^\]]*\]|[^:]*)(?::(.*))?$/.exec(text) ?? [undefined, text];
  return { host, port };
}

function faultOf({ host, port }: Place, at: number, all: readonly Place[]): string | undefined {
  if (host === '' && all.length > 1) return `host ${at + 1} of ${all.length} is empty`;
  if (!decoded(host).startsWith('/') && !HOST.test(host)) return `${host} is not a host name`;
  if (port !== '' && !(/^\d{1,5}$/.test(port) && Number(port) >= 1 && Number(port) <= 65_535)) {
    return `port ${port} of host ${host} is not a number from 1 to 65535`;
  }
  return undefined;
}

function serverAt({ host, port }: Place, { scheme, user, path, query }: Parts): Server {
  const plain = decoded(host);
  const is_socket = plain.startsWith('/');
  const own = new URLSearchParams(query);
  if (is_socket) own.set('host', plain);
  if (is_socket && port !== '') own.set('port', port);
  const place = is_socket ? '' : `${host}${port === '' ? '' : `:${port}`}`;
  const search = own.size === 0 ? '' : `?${own}`;
  return {
    url: `${scheme}${user}${place}${path}${search}`,
    host: plain === '' ? null : plain.replace(/^\[(.*)\]$/, '$1'),
    port: port === '' ? DEFAULT_PORT : Number(port),
    name: `${plain === '' ? 'localhost' : plain}:${port === '' ? DEFAULT_PORT : port}`,
  };
}

function decoded(host: string): string {
  try {
    return decodeURIComponent(host);
  } catch {
    return host;
  }
}
