import { createHmac } from 'node:crypto';

type Key = { secret: string; mail_domain: string };

/** The Message-ID of a message to a user; its MAC proves the organization to holders of the secret. */
export function userMessageId(key: Key, org_id: string, id: string): string {
  return `<touchline-${id}.${userMac(key.secret, org_id, id)}@${key.mail_domain}>`;
}

/** Messages of earlier versions begin with `test`. */
export function isUserMessageOf(secret: string, org_id: string, message_id: string): boolean {
  const [, id, mac] = /^<(?:touchline|test)-([0-9a-f-]{36})\.([0-9a-f]{20})@/.exec(message_id) ?? [];
  return id !== undefined && mac === userMac(secret, org_id, id);
}

function userMac(secret: string, org_id: string, id: string): string {
  return createHmac('sha256', secret).update(`test-message\n${org_id}\n${id}`).digest('hex').slice(0, 20);
}

/** The same for every attempt of the same text, and unguessable: replies and bounces are matched by it. */
export function messageId(options: Key, parts: readonly string[]): string {
  const mac = createHmac('sha256', options.secret)
    .update(`message-id\n${parts.join('\n')}`)
    .digest('hex');
  return `<${mac.slice(0, 40)}@${options.mail_domain}>`;
}
