import type { Body, ValidRequest } from './valid_request.ts';

/* Ways to make a valid request invalid. */

type Path = readonly (string | number)[];
export type Mutant = { kind: string; method: string; path: string; body: unknown };
type Random = () => number;

/** Ids of a CRM: how to find them in a request, and what to put there. */
export type Ids = { form: RegExp; malformed: readonly string[]; unknown: string };

type Mutate = (request: ValidRequest, random: Random, ids: Ids) => Omit<Mutant, 'kind' | 'method'>[];

const KINDS: Record<string, Mutate> = {
  unknown_key: (request) =>
    nodesOf(request.body)
      .filter(({ node }) => isObject(node))
      .map(({ path, node }) => replaced(request, path, { ...(node as Body), surplus: 1 })),
  wrong_type: (request, random) =>
    nodesOf(request.body)
      .filter(({ path }) => path.length > 0)
      .map(({ path, node }) => replaced(request, path, pick(othersOf(node), random))),
  missing: (request) => (request.required ?? []).map((path) => replaced(request, path, undefined)),
  malformed: (request) => (request.malformed ?? []).map(([path, value]) => replaced(request, path, value)),
  wrong_id: (request, random, ids) => withIds(request, ids, pick(ids.malformed, random)),
  unknown_id: (request, _, ids) => (request.is_id_free === true ? [] : withIds(request, ids, ids.unknown)),
  query: ({ path, body, queries = [] }) =>
    queries.map((query) => ({ path: `${path.replace(/\?.*/, '')}?${query}`, body })),
  // The client of Node sends no body with GET.
  no_body: ({ path, body }) =>
    body === null ? [] : [null, [body], 'text'].map((other) => ({ path, body: other })),
};

export const KIND_NAMES: readonly string[] = Object.keys(KINDS);

/** A mutation of this kind; null if the request has none. */
export function mutate(request: ValidRequest, kind: string, random: Random, ids: Ids): Mutant | null {
  const all = KINDS[kind]!(request, random, ids);
  return all.length === 0 ? null : { kind, method: request.method, ...pick(all, random) };
}

/** Values of another type. A list or object has a shorthand for one value, so only these can never be meant. */
function othersOf(node: unknown): unknown[] {
  if (Array.isArray(node)) return [{ surplus: 1 }];
  if (isObject(node)) return [[]];
  if (typeof node === 'string') return [{ surplus: 1 }, []];
  if (typeof node === 'number') return ['many', { surplus: 1 }, true];
  return ['many', 7, { surplus: 1 }];
}

/** Every place of an id, in the path, the query, and the body. */
function withIds(request: ValidRequest, { form }: Ids, id: string) {
  const { path, body } = request;
  const in_path = form.test(path) ? [{ path: path.replace(form, id), body }] : [];
  const in_body = nodesOf(body)
    .filter(({ node }) => typeof node === 'string' && form.test(node))
    .map(({ path: at }) => replaced(request, at, id));
  return [...in_path, ...in_body];
}

function nodesOf(node: unknown, path: Path = []): { path: Path; node: unknown }[] {
  const inner = Array.isArray(node) ? [...node.entries()] : isObject(node) ? Object.entries(node) : [];
  const own = node === null && path.length === 0 ? [] : [{ path, node }];
  return [...own, ...inner.flatMap(([key, value]) => nodesOf(value, [...path, key]))];
}

/** `undefined` removes. */
function replaced({ path, body }: ValidRequest, at: Path, value: unknown) {
  if (at.length === 0) return { path, body: value };
  const copy = structuredClone(body);
  let place = copy as Record<string | number, unknown>;
  for (const key of at.slice(0, -1)) place = place[key] as typeof place;
  if (value === undefined) delete place[at.at(-1)!];
  else place[at.at(-1)!] = value;
  return { path, body: copy };
}

const isObject = (node: unknown): node is Body =>
  typeof node === 'object' && node !== null && !Array.isArray(node);
const pick = <T>(list: readonly T[], random: Random) => list[Math.floor(random() * list.length)]!;
