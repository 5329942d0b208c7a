import { expect, it } from 'vitest';
import { AppError } from '../../src/errors.ts';
import { openLog } from '../../src/telemetry/log.ts';

function logged(write: (log: ReturnType<typeof openLog>) => void): Record<string, unknown>[] {
  const lines: string[] = [];
  write(openLog('trace', { write: (line) => void lines.push(line) }));
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

const SECRET = 'Zk3xQ8vN1mB7wR5t';

it.each([
  ['api_key', { api_key: SECRET }],
  ['one level down', { headers: { authorization: SECRET, 'set-cookie': SECRET, 'idempotency-key': SECRET } }],
  ['two levels down', { config: { llm: { api_key: SECRET } }, mailbox: { dkim: { private_key: SECRET } } }],
  ['an API key in a sentence', { text: `the key tl_${SECRET} was used` }],
  ['a URL with a password', { text: `smtps://user:${SECRET}@mail.example:465` }],
  ['a URL with a token as its user', { text: `https://${SECRET}@mail.example/path` }],
  ['the key of a model', { text: `sk-ant-${SECRET} is wrong` }],
  ['an Authorization header', { text: `Authorization: Bearer ${SECRET}` }],
  ['tokens of a mailbox', { grant: { access_token: SECRET, refresh_token: SECRET, code_verifier: SECRET } }],
  [
    'a token in the form sent to mail servers',
    {
      text: `AUTH XOAUTH2 ${Buffer.from(`user=a@b.example\x01auth=Bearer ${SECRET}\x01\x01`).toString('base64')}`,
    },
  ],
  ['a token of Google', { text: `ya29.a0${SECRET} and 1//0${SECRET}` }],
  ['a signed token', { text: `eyJhbGciOiJSUzI1NiJ9.${SECRET}.${SECRET}` }],
  ['a private key', { text: `-----BEGIN RSA PRIVATE KEY-----\n${SECRET}"\\\n` }],
  ['an unsubscribe link', { text: `GET /u/${SECRET}` }],
  ['a sign-in link', { text: `http://x.example/sign-in#${SECRET}` }],
])('the log hides %s, and the line stays JSON', (_name, about) => {
  const [line] = logged((log) => log.info(about, 'about'));
  expect(line).toMatchObject({ msg: 'about', level: 30 });
  expect(JSON.stringify(line)).not.toContain(SECRET);
  expect(JSON.stringify(line)).toContain('[redacted]');
});

it('the log hides it in a child, in a message and in an error as well', () => {
  const lines = logged((log) => {
    log.child({ token: SECRET }).warn('x');
    log.warn(`went to smtp://a:${SECRET}@b`);
    log.error({ err: new Error(`cannot reach postgres://a:${SECRET}@b/c`) }, 'x');
  });
  expect(lines).toHaveLength(3);
  expect(JSON.stringify(lines)).not.toContain(SECRET);
});

it('the log keeps the useful parts of an error, without additions by a driver', () => {
  const cause = Object.assign(new Error('duplicate key value violates unique constraint "leads_email"'), {
    code: '23505',
    severity: 'ERROR',
    table: 'leads',
    constraint: 'leads_email',
    detail: `Key (email)=(${SECRET}) already exists.`,
    where: `unnamed portal with $1 = '${SECRET}'`,
    parameters: [SECRET],
  });
  const error = new AppError('conflict', 'This exists already.', {
    status: 409,
    errors: [{ path: 'email', message: `${SECRET} is taken` }],
    extra: { given: SECRET },
    cause,
  });
  const [line] = logged((log) => log.error({ err: error }, 'x'));
  expect(line!.err).toMatchObject({
    type: 'AppError',
    message: 'This exists already.',
    code: 'conflict',
    status: 409,
    errors: ['email'],
    stack: expect.stringMatching(/^AppError: This exists already\.\n\s+at /),
    cause: { code: '23505', table: 'leads', constraint: 'leads_email' },
  });
  expect(JSON.stringify(line)).not.toContain(SECRET);
});

it('the log cuts what a parser quotes, and stops at circular causes', () => {
  const parse = () => {
    try {
      return JSON.parse(`{"password": "${SECRET}", }`);
    } catch (error) {
      return error;
    }
  };
  const round = new Error('round');
  round.cause = round;
  const [syntax, circle, odd] = logged((log) => {
    log.error({ err: new Error('no JSON', { cause: parse() }) }, 'x');
    log.error({ err: round }, 'x');
    log.error({ err: 'a word' }, 'x');
  });
  expect(JSON.stringify(syntax)).not.toContain(SECRET.slice(0, 6));
  expect(circle!.err).toMatchObject({ message: 'round', cause: { message: 'round' } });
  expect(odd!.err).toEqual({ type: 'string', message: 'a word' });
});
