import { createHash } from 'node:crypto';
import type { FastifyReply } from 'fastify';
import type { AppError } from '../errors.ts';

const STYLE = [
  'body{font:1.125rem/1.6 system-ui,sans-serif;max-width:34rem;margin:4rem auto;padding:0 1.5rem;color:#1a1a1a}',
  'h1{font-size:1.5rem}',
  'button{font:inherit;padding:.7rem 1.4rem;border:0;border-radius:.4rem;background:#1f3a5f;color:#fff;cursor:pointer}',
  'button:focus-visible{outline:3px solid #7aa7e0;outline-offset:2px}',
].join('');

/** No script, no image, nothing external; only the form may submit, and only back here. */
const POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ');

export function sendPage(reply: FastifyReply, status: number, html: string): FastifyReply {
  return reply
    .code(status)
    .header('content-security-policy', POLICY)
    .header('cache-control', 'no-store')
    .header('x-robots-tag', 'noindex')
    .type('text/html; charset=utf-8')
    .send(html);
}

/** A visitor's refusal as a page, which names its code. */
export function sendRefusal(
  reply: FastifyReply,
  { status, code, message, hint, extra }: AppError,
  { title, has_sign_in }: { title: string; has_sign_in: boolean },
): FastifyReply {
  if (status === 429) reply.header('retry-after', String(extra?.retry_after ?? 60));
  const next = hint === undefined ? '' : `<p>${escapeHtml(hint)}</p>`;
  const sign_in = has_sign_in ? '<p><a href="/sign-in">Go to the sign-in page</a></p>' : '';
  const body = `<p>${escapeHtml(message)}</p>${next}${sign_in}
<p><small>${escapeHtml(code)}</small></p>`;
  return sendPage(reply, status, plainPage(title, body));
}

/** A page with a title and a few lines, for visitors without a session. `body` is HTML. */
export function plainPage(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${title}</h1>
${body}
</main>
</body>
</html>
`;
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`);
}
