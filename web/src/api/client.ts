import createClient from 'openapi-fetch';
import { problemFrom, Refusal, UNREACHABLE } from './refusal.ts';
import type { paths } from './schema.d.ts';

/** The HTTP API, typed by the OpenAPI document of the server. */
export const api = createClient<paths>({ baseUrl: '/api/v1' });

type Fetched<Body> = Promise<{ data?: Body; error?: unknown; response: Response }>;

const on_signed_out = new Set<() => void>();

/** Calls the listener whenever the server reports that the session has ended. Returns a function that unsubscribes. */
export function onSignedOut(listener: () => void): () => void {
  on_signed_out.add(listener);
  return () => on_signed_out.delete(listener);
}

/** Body of a successful response. Throws a `Refusal` for any other response, and for none. */
export async function read<Body>(fetched: Fetched<Body>): Promise<Body> {
  return (await readVersion(fetched)).body;
}

/** Adds the version for `If-Match`, so that a change never overwrites another user’s. */
export async function readVersion<Body>(fetched: Fetched<Body>): Promise<{ body: Body; version: string }> {
  const { data, error, response } = await fetched.catch((cause: unknown) => {
    throw new Refusal({ ...UNREACHABLE, cause });
  });
  if (response.ok) return { body: data as Body, version: response.headers.get('etag') ?? '*' };
  const problem = problemFrom(error, response.status);
  if (problem.code === 'unauthenticated') for (const listener of on_signed_out) listener();
  throw new Refusal(problem);
}
