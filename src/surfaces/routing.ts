import type { Operation } from '../operations/operation.ts';

/** Where the operations live. */
export const API_BASE = '/api/v1';

/** The server-sent events. */
export const STREAM_PATH = `${API_BASE}/stream`;

export type RoutedOperation = Operation & { http: NonNullable<Operation['http']> };

export function routed(registry: readonly Operation[]): RoutedOperation[] {
  return registry.filter((operation): operation is RoutedOperation => operation.http !== undefined);
}

/** The inputs that stand in the path: `/leads/{id}` has `id`. */
export function pathParams(path: string): string[] {
  return [...path.matchAll(/\{([a-z0-9_]+)\}/g)].map((match) => match[1]!);
}

/** Whether what is not in the path comes from the query: a body is for those that change something. */
export function inputsInQuery({ http }: RoutedOperation): boolean {
  return http.method === 'GET' || http.method === 'DELETE' || http.stream === true;
}

/** Says which methods a path would take: a wrong method is another mistake than a wrong path. */
export function methodTable(registry: readonly Operation[]): (path: string) => string[] {
  const rows = routed(registry).map(({ http }) => ({ method: http.method, pattern: patternOf(http.path) }));
  return (path) => {
    const methods = rows.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method);
    return [...new Set(methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method])))];
  };
}

function patternOf(path: string): RegExp {
  const escaped = path.replace(/[.*+?^$()|[\]\\]/g, '\\$&').replace(/\{[a-z0-9_]+\}/g, '[^/]+');
  return new RegExp(`^${API_BASE}${escaped}$`);
}
