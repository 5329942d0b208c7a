import { expect, test } from 'vitest';
import { judged } from './bounces.ts';

/* Refusals under 5.1.1, which many servers give for anything. */

const US = 'justin@sender.example';

test.each([
  ['Cota excedida', 'full'],
  ['550 Cota de armazenamento foi ultrapassada', 'full'],
  ['La cuenta ha superado su cuota', 'full'],
  ['550 5.1.1 user is over the allowed disk space', 'full'],
  ['550 mailbox bob@buyer.example not available right now', 'unreachable'],
  ['550 LDAP server unavailable, user lookup failed', 'unreachable'],
  ['550 5.1.1 user lookup failed', 'unreachable'],
  ['550 sorry, you have exceeded the number of unknown recipients allowed', 'sender'],
  ['550 送信者のアドレスが存在しません', 'sender'],
  ['550 发件人地址不存在', 'sender'],
  [`550 <${US}> User unknown`, 'sender'],
  [`550 no such user here: ${US}`, 'sender'],
  [`550 5.1.1 ${US.toUpperCase()} does not exist`, 'sender'],
  [`550 <bob@buyer.example> refused: <${US}> user unknown`, 'sender'],
  [`550 5.1.1 <${US}>: unbekannter Benutzer`, 'sender'],
])('%s condemns no address', (words, cause) => {
  expect(judged('5.1.1', words, [US])).toMatchObject({ cause });
  expect(judged('5.1.1', words, [US]).severity).not.toBe('hard');
});

test.each([
  `550 5.1.1 <bob@buyer.example> User unknown (message from ${US})`,
  `Your message from ${US} to bob@buyer.example failed: no such user`,
  `Message from <${US}>: 550 5.1.1 User unknown`,
  `550 no such user bob@buyer.example, in a message by ${US}`,
  '550 5.1.1 user lookup failed: user unknown',
  'Die Nachricht an bob@buyer.example: Benutzer unbekannt',
  '宛先のアドレスが存在しません。メールは差出人に返送されました',
  '收件人地址不存在，邮件已退回发件人',
  `<${US}> wrote to <bob@buyer.example>: mailbox does not exist`,
])('%s condemns the address', (words) => {
  expect(judged('5.1.1', words, [US])).toMatchObject({ severity: 'hard', cause: 'no_recipient' });
});
