import type { FastifyInstance, FastifyReply } from 'fastify';
import { escapeHtml, plainPage, sendPage } from './plain_page.ts';

/** The contents of the page for the holder of the link. */
type UnsubscribeView = {
  /** The address that the message went to; null once its lead was erased. */
  email: string | null;
  /** The sending organization. */
  organization: string;
  is_unsubscribed: boolean;
};

export type Unsubscribe = {
  /** The subject of the link; null for an unknown token. Changes nothing. */
  show(token: string): Promise<UnsubscribeView | null>;
  /** Unsubscribes at once and repeatably; null for an unknown token. */
  confirm(token: string, request_id: string): Promise<UnsubscribeView | null>;
};

/** A form with one button, or a mail client's short body. */
const BODY_LIMIT = 65_536;

/**
 * The unsubscribe link in every message. GET shows a form, because scanners follow links; POST unsubscribes, by the form or
 * by RFC 8058's one click: no cookie, no sign-in, no redirect, and no limit.
 */
export async function unsubscribeRoutes(
  app: FastifyInstance,
  { unsubscribe }: { unsubscribe: Unsubscribe },
): Promise<void> {
  app.removeAllContentTypeParsers();
  // Only the token in the path counts, whatever the body says.
  app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: BODY_LIMIT }, (_request, _body, done) =>
    done(null),
  );
  app.get<{ Params: { token: string } }>('/u/:token', async (request, reply) => {
    const view = await unsubscribe.show(request.params.token);
    return send(reply, view, view && (view.is_unsubscribed ? donePage(view) : formPage(view)));
  });
  app.post<{ Params: { token: string } }>('/u/:token', async (request, reply) => {
    const view = await unsubscribe.confirm(request.params.token, request.id);
    return send(reply, view, view && donePage(view));
  });
}

function send(reply: FastifyReply, view: UnsubscribeView | null, html: string | null): FastifyReply {
  return sendPage(reply, view === null ? 404 : 200, html ?? unknownPage());
}

function formPage({ email, organization }: UnsubscribeView): string {
  return plainPage(
    'Unsubscribe',
    `<p>Stop all messages from <strong>${escapeHtml(organization)}</strong> to ${recipient(email)}?</p>
<form method="post"><button type="submit">Unsubscribe</button></form>`,
  );
}

function donePage({ email, organization }: UnsubscribeView): string {
  return plainPage(
    'You are unsubscribed',
    `<p><strong>${escapeHtml(organization)}</strong> will no longer write to ${recipient(email)}.</p>`,
  );
}

function recipient(email: string | null): string {
  return email === null ? 'you' : `<strong>${escapeHtml(email)}</strong>`;
}

function unknownPage(): string {
  return plainPage(
    'This link is not valid',
    '<p>It may have been cut off. Open it again from the message, or answer the message with the word “unsubscribe”.</p>',
  );
}
