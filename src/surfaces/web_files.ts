import { existsSync } from 'node:fs';
import { join } from 'node:path';
import files from '@fastify/static';
import type { FastifyInstance, FastifyReply } from 'fastify';

/**
 * Serves the built web client: its files, and its single page for every other path, which the client routes itself. Without
 * a build, every page says how to make one.
 */
export async function webRoutes(app: FastifyInstance, { web_dir }: { web_dir: string }): Promise<void> {
  if (!existsSync(join(web_dir, 'index.html'))) {
    app.get('/', async (_request, reply) => missingPage(reply));
    return;
  }
  await app.register(files, { root: web_dir, serve: false, cacheControl: false });
  app.get('/*', async (request, reply) => {
    const path = pathOf(request.url);
    if (path === undefined || /^\/(api|u|mcp|docs)(\/|$)/.test(path)) return reply.callNotFound();
    if (path !== '/' && hasFile(web_dir, path)) {
      const kept = path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache';
      return reply.header('cache-control', kept).sendFile(path);
    }
    // A missing script or picture is missing; a path without an extension is a page of the client.
    if (/\.[a-z0-9]+$/i.test(path)) return reply.callNotFound();
    return reply.header('cache-control', 'no-cache').sendFile('index.html');
  });
}

function pathOf(url: string): string | undefined {
  try {
    const path = decodeURIComponent(url.split('?')[0]!);
    return path.includes('\0') || path.split('/').some((part) => part.startsWith('.')) ? undefined : path;
  } catch {
    return undefined;
  }
}

function hasFile(web_dir: string, path: string): boolean {
  return /\.[a-z0-9]+$/i.test(path) && existsSync(join(web_dir, path));
}

function missingPage(reply: FastifyReply): FastifyReply {
  return reply.type('text/html; charset=utf-8').send(`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Touchline</title></head>
<body>
<h1>Touchline is running</h1>
<p>The web pages have not been built. Run <code>npm run build</code> and start again.</p>
<p>The API is at /api/v1; <a href="/docs">its reference</a> is here.</p>
</body>
</html>
`);
}
