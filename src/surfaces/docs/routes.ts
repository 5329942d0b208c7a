import { readFileSync } from 'node:fs';
import type { FastifyInstance } from 'fastify';
import type { Operation } from '../../operations/operation.ts';
import { docsPage, SCRIPT_PATH, STYLE_PATH } from './page.ts';

/**
 * The reference of the API for people, made once at the start. It needs no script; the script adds buttons to copy. See
 * docs/decisions/0015.
 */
export async function docsRoutes(
  app: FastifyInstance,
  { registry }: { registry: readonly Operation[] },
): Promise<void> {
  const files: readonly [string, string, string][] = [
    ['/docs', 'text/html', docsPage(registry)],
    [STYLE_PATH, 'text/css', ['frame.css', 'operation.css', 'narrow.css'].map(fileBeside).join('\n')],
    [SCRIPT_PATH, 'text/javascript', fileBeside('copy.js')],
  ];
  for (const [path, type, text] of files) {
    app.get(path, async (_request, reply) =>
      reply.header('cache-control', 'no-cache').type(`${type}; charset=utf-8`).send(text),
    );
  }
  app.get('/docs/', async (_request, reply) => reply.redirect('/docs', 301));
}

function fileBeside(name: string): string {
  return readFileSync(new URL(name, import.meta.url), 'utf8');
}
