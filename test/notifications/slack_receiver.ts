import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll } from 'vitest';
import { z } from 'zod';

const servers: Server[] = [];
afterAll(() => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

/* Slack's reference for messages of incoming webhooks; Slack rejects unknown keys with 400. */
const mrkdwn = z.strictObject({
  type: z.literal('mrkdwn'),
  // Only these three characters control markup; a raw one would be read as a link or a mention.
  text: z
    .string()
    .min(1)
    .max(3_000)
    .regex(/^(?:[^<>&]|&(?:amp|lt|gt);|<https?:\/\/[^|<>]+\|[^|<>]+>)*$/),
  verbatim: z.boolean().optional(),
});
const plain_text = z.strictObject({
  type: z.literal('plain_text'),
  text: z.string().min(1).max(3_000),
  emoji: z.boolean().optional(),
});
const section = z.strictObject({
  type: z.literal('section'),
  text: z.discriminatedUnion('type', [mrkdwn, plain_text]),
});
const slack = z.strictObject({
  text: z.string().min(1).max(40_000),
  blocks: z.array(section).min(1).max(50),
});

/* A Teams workflow that posts adaptive cards, of at most 28 KB. */
const teams = z.strictObject({
  type: z.literal('message'),
  attachments: z
    .array(
      z.strictObject({
        contentType: z.literal('application/vnd.microsoft.card.adaptive'),
        contentUrl: z.null(),
        content: z.strictObject({
          $schema: z.literal('http://adaptivecards.io/schemas/adaptive-card.json'),
          type: z.literal('AdaptiveCard'),
          version: z.literal('1.4'),
          body: z
            .array(
              z.strictObject({
                type: z.literal('TextBlock'),
                text: z.string().min(1),
                wrap: z.boolean(),
                weight: z.enum(['Bolder']).optional(),
                isSubtle: z.boolean().optional(),
              }),
            )
            .min(1),
          actions: z.array(
            z.strictObject({ type: z.literal('Action.OpenUrl'), title: z.string().min(1), url: z.url() }),
          ),
        }),
      }),
    )
    .length(1),
});

/** A receiver on this machine that accepts only the form of Slack or Teams. `told.status`: its answer to a valid message. */
export async function chatReceiver(form: 'slack' | 'teams') {
  const bodies: string[] = [];
  const answers: number[] = [];
  const told = { status: 200 };
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += chunk));
    request.on('end', () => {
      const is_json = request.headers['content-type'] === 'application/json' && body.length < 28_000;
      const is_valid = is_json && (form === 'slack' ? slack : teams).safeParse(JSON.parse(body)).success;
      const status = is_valid ? told.status : 400;
      answers.push(status);
      if (status === 200) bodies.push(body);
      response.writeHead(status).end(is_valid ? 'ok' : 'invalid_payload');
    });
  });
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    bodies,
    answers,
    told,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/services/T0/B0/x`,
  };
}
