import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyReply } from 'fastify';

/** What the page tells the person who holds the link. */
export type UnsubscribeView = {
  /** The address that is to be left alone, possibly shortened. */
  email: string;
  /** Who has been writing. */
  organization: string;
  is_unsubscribed: boolean;
};

export type Unsubscribe = {
  /** What the link is for; null for a token that is not ours. Changes nothing. */
  show(token: string): Promise<UnsubscribeView | null>;
  /** Unsubscribes, at once and again and again; null for a token that is not ours. */
  confirm(token: string): Promise<UnsubscribeView | null>;
};

/** A form of one button, or the little body of a mail client. */
const BODY_LIMIT = 65_536;

/**
 * The link in every mail. GET shows a form, since scanners follow links; POST unsubscribes, by the form or by the
 * one click of RFC 8058: no cookie, no sign-in, no redirect, and no limit on how often.
 */
export async function unsubscribeRoutes(
  app: FastifyInstance,
  { unsubscribe }: { unsubscribe: Unsubscribe },
): Promise<void> {
  app.removeAllContentTypeParsers();
  // Whatever the body says, the token in the path decides.
  app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: BODY_LIMIT }, (_request, _body, done) =>
    done(null),
  );
  app.get<{ Params: { token: string } }>('/u/:token', async (request, reply) => {
    const view = await unsubscribe.show(request.params.token);
    return send(reply, view, view && (view.is_unsubscribed ? donePage(view) : formPage(view)));
  });
  app.post<{ Params: { token: string } }>('/u/:token', async (request, reply) => {
    const view = await unsubscribe.confirm(request.params.token);
    return send(reply, view, view && donePage(view));
  });
}

const STYLE = [
  'body{font:1.125rem/1.6 system-ui,sans-serif;max-width:34rem;margin:4rem auto;padding:0 1.5rem;color:#1a1a1a}',
  'h1{font-size:1.5rem}',
  'button{font:inherit;padding:.7rem 1.4rem;border:0;border-radius:.4rem;background:#1f3a5f;color:#fff;cursor:pointer}',
  'button:focus-visible{outline:3px solid #7aa7e0;outline-offset:2px}',
].join('');

/** No script, no image, nothing from elsewhere; only the form may go somewhere, and only back here. */
const POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ');

function send(reply: FastifyReply, view: UnsubscribeView | null, html: string | null): FastifyReply {
  return reply
    .code(view === null ? 404 : 200)
    .header('content-security-policy', POLICY)
    .header('cache-control', 'no-store')
    .header('x-robots-tag', 'noindex')
    .type('text/html; charset=utf-8')
    .send(html ?? unknownPage());
}

function formPage({ email, organization }: UnsubscribeView): string {
  return page(
    'Unsubscribe',
    `<p>Stop all messages from <strong>${escapeHtml(organization)}</strong> to <strong>${escapeHtml(email)}</strong>?</p>
<form method="post"><button type="submit">Unsubscribe</button></form>`,
  );
}

function donePage({ email, organization }: UnsubscribeView): string {
  return page(
    'You are unsubscribed',
    `<p><strong>${escapeHtml(organization)}</strong> will not write to <strong>${escapeHtml(email)}</strong> any more.</p>`,
  );
}

function unknownPage(): string {
  return page(
    'This link is not valid',
    '<p>It may have been cut off. Open it again from the message, or answer the message with the word “unsubscribe”.</p>',
  );
}

function page(title: string, body: string): string {
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

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`);
}
