import { createHmac } from 'node:crypto';

/** The same for every try of the same text, and guessable by nobody: replies and bounces are matched by it. */
export function messageId(
  options: { secret: string; mail_domain: string },
  parts: readonly string[],
): string {
  const mac = createHmac('sha256', options.secret)
    .update(`message-id\n${parts.join('\n')}`)
    .digest('hex');
  return `<${mac.slice(0, 40)}@${options.mail_domain}>`;
}
