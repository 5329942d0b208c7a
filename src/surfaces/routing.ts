import type { Operation } from '../operations/operation.ts';

/** Base path of the operations. */
export const API_BASE = '/api/v1';

/** The server-sent events. */
export const STREAM_PATH = `${API_BASE}/stream`;

export type RoutedOperation = Operation & { http: NonNullable<Operation['http']> };

export function routed(registry: readonly Operation[]): RoutedOperation[] {
  return registry.filter((operation): operation is RoutedOperation => operation.http !== undefined);
}

const PATH_PARAM = /\{([a-z0-9_]+)\}/g;

/** The inputs in the path: `/leads/{id}` has `id`. */
export function pathParams(path: string): string[] {
  return [...path.matchAll(PATH_PARAM)].map((match) => match[1]!);
}

/** The path with these values in place of its inputs. */
export function filledPath(path: string, fill: (name: string) => string): string {
  return path.replace(PATH_PARAM, (_, name: string) => fill(name));
}

/** Whether inputs outside the path come from the query: only changes have a body. */
export function inputsInQuery({ http }: RoutedOperation): boolean {
  return http.method === 'GET' || http.method === 'DELETE' || http.stream === true;
}

/** Lists the methods that a path accepts: a wrong method is a different mistake from a wrong path. */
export function methodTable(registry: readonly Operation[]): (path: string) => string[] {
  const rows = routed(registry).map(({ http }) => ({ method: http.method, pattern: patternOf(http.path) }));
  return (path) => {
    const methods = rows.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method);
    return [...new Set(methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method])))];
  };
}

function patternOf(path: string): RegExp {
  const escaped = path
    .split(/\{[a-z0-9_]+\}/)
    .map(RegExp.escape)
    .join('[^/]+');
  return new RegExp(`^${API_BASE}${escaped}$`);
}
