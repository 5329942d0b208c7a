import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../errors.ts';
import type { Principal } from '../principal.ts';
import { credentialOf, type McpOauth, principalOf, unknownKey } from './access.ts';
import { MCP_PATH } from './mcp.ts';
import type { Routes } from './request_context.ts';

const METADATA_PATH = '/.well-known/oauth-protected-resource';

/** The required audience of tokens (RFC 8707). */
export function mcpResource(public_url: string): string {
  return `${public_url}${MCP_PATH}`;
}

/** OAuth 2.0 Protected Resource Metadata (RFC 9728): where a client without a key obtains a token. */
export async function oauthMetadataRoutes(
  app: FastifyInstance,
  { context, oauth, limiter }: Routes & { oauth: McpOauth },
): Promise<void> {
  app.addHook('onRequest', (request, reply) =>
    limiter.check(request, reply, { principal: null, is_sign_in: false }),
  );
  for (const path of [METADATA_PATH, METADATA_PATH + MCP_PATH]) {
    app.get(path, async () => ({
      resource: mcpResource(context.public_url),
      authorization_servers: [oauth.issuer],
      bearer_methods_supported: ['header'],
      scopes_supported: ['read', 'write'],
      resource_name: 'Touchline',
    }));
  }
}

/** The owner of a key or token. Cookies are ignored, because any page can cause a browser to send them. */
export async function bearerOf(
  request: FastifyRequest,
  { principals, oauth }: Routes,
): Promise<Principal | null> {
  const credential = credentialOf(request, '');
  if (credential?.kind !== 'key') return null;
  if (oauth === undefined || credential.text.startsWith('tl_')) return principalOf(credential, principals);
  return credential.text === '' ? null : oauth.byToken(credential.text);
}

/** The refusal of a request without a valid credential. Its header tells a client where to begin (RFC 9728, section 5). */
export function unauthenticated(
  request: FastifyRequest,
  reply: FastifyReply,
  { context, oauth }: Routes,
): AppError {
  const hint = 'Authorization: Bearer tl_...';
  const shown = credentialOf(request, '');
  if (oauth === undefined && shown?.kind === 'key' && shown.text !== '') return unknownKey();
  if (oauth === undefined) return new AppError('unauthenticated', 'Send an API key.', { hint });
  const metadata = `resource_metadata="${context.public_url}${METADATA_PATH}${MCP_PATH}"`;
  const error = request.headers.authorization === undefined ? '' : ', error="invalid_token"';
  reply.header('www-authenticate', `Bearer ${metadata}${error}`);
  return new AppError('unauthenticated', 'Send an API key, or an access token of the identity provider.', {
    hint: `${hint}, or a token of ${oauth.issuer} for ${mcpResource(context.public_url)}`,
  });
}
