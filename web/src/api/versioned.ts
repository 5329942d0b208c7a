import { read } from './client.ts';

/** A body and its version, for conditional changes (RFC 9110, ETag and If-Match). */
export type Versioned<Body> = { body: Body; version: string | null };

/** Like `read`, with the version. */
export async function readVersioned<Body>(
  fetched: Promise<{ data?: Body; error?: unknown; response: Response }>,
): Promise<Versioned<Body>> {
  let version: string | null = null;
  const body = await read(
    fetched.then((answer) => {
      version = answer.response.headers.get('etag');
      return answer;
    }),
  );
  return { body, version };
}
