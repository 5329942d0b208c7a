import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { type FakeModel, type FakeReply, startFakeModel } from '../../test/mail/fake_model.ts';
import { readConfig } from '../config.ts';
import { AppError } from '../errors.ts';
import { type LlmOptions, languageModel } from './llm.ts';

let fake: FakeModel;
let replies: FakeReply[] = [];
beforeAll(async () => {
  fake = await startFakeModel(() => replies.shift() ?? { status: 500 });
});
beforeEach(() => {
  replies = [];
  fake.requests.length = 0;
});
afterAll(() => fake.close());

const KEY = 'sk-a-key-of-this-test-only';
const schema = z.strictObject({ word: z.string() });
const request = { system: 'Say a word.', prompt: 'Any.', schema, max_output_tokens: 50 };
const ask = (more: object = {}, options: Partial<LlmOptions> = {}) =>
  languageModel({ base_url: fake.url, api_key: KEY, model: 'fake-1', retry_wait_ms: 1, ...options }).generate(
    {
      ...request,
      ...more,
    },
  );

describe('a model', () => {
  it('returns a value of the schema and reports its token use', async () => {
    replies = [{ object: { word: 'yes' } }];
    const usage = { input_tokens: 2_000, output_tokens: 300 };
    expect(await ask()).toEqual({ ok: true, value: { word: 'yes' }, usage });
    const { headers, body, system, prompt } = fake.requests[0]!;
    expect(headers.authorization).toBe(`Bearer ${KEY}`);
    expect([body.model, system, prompt]).toEqual(['fake-1', 'Say a word.', 'Any.']);
    expect(body.response_format).toMatchObject({ type: 'json_schema', json_schema: { strict: true } });
    expect(body).toMatchObject({ max_tokens: 50 });
    expect(body.tools).toBeUndefined();
  });

  it.each<[string, FakeReply]>([
    ['another key', { object: { word: 'yes', more: 1 } }],
    ['no key', { object: {} }],
    ['a list', { object: [{ word: 'yes' }] }],
    ['words', { text: 'yes' }],
    ['nothing', { text: '' }],
    ['a tool', { tool_calls: [{ name: 'approve', arguments: { word: 'yes' } }] }],
    ['no JSON at all', { status: 200, body: '<html>' }],
  ])('that answers with %s is refused and not retried', async (_, reply) => {
    replies = [reply];
    expect(await ask()).toMatchObject({ ok: false, fault: 'model_answer_invalid' });
    expect(fake.requests).toHaveLength(1);
  });

  it.each([429, 500, 503, 408])('is retried once after status %d', async (status) => {
    replies = [{ status }, { object: { word: 'yes' } }];
    expect(await ask()).toMatchObject({ ok: true });
    replies = [{ status }, { status }, { object: { word: 'no' } }];
    const nothing = { input_tokens: 0, output_tokens: 0 };
    expect(await ask()).toEqual({
      ok: false,
      fault: 'model_unavailable',
      detail: `HTTP ${status}`,
      usage: nothing,
    });
    expect(fake.requests).toHaveLength(4);
  });

  it.each([401, 403, 404])('refuses the request with status %d and is not retried', async (status) => {
    replies = [{ status, body: `{"error":{"message":"wrong key ${KEY}"}}` }];
    const answer = await ask();
    expect(answer).toMatchObject({ ok: false, fault: 'model_refused', detail: `HTTP ${status}` });
    expect(JSON.stringify(answer)).not.toContain(KEY);
    expect(fake.requests).toHaveLength(1);
  });

  it('without schema support gets the schema in its prompt', async () => {
    replies = [{ status: 400 }, { object: { word: 'yes' } }];
    expect(await ask()).toMatchObject({ ok: true, value: { word: 'yes' } });
    const second = fake.requests[1]!;
    expect(second.body.response_format).toEqual({ type: 'json_object' });
    expect(second.system).toContain('"additionalProperties":false');
    replies = [{ status: 400 }, { object: { word: 'yes', more: 1 } }];
    expect(await ask()).toMatchObject({ ok: false, fault: 'model_answer_invalid' });
  });

  it('times out when it does not respond, and a caller that aborts stops waiting at once', async () => {
    replies = [{ hang: true }];
    const late = { ok: false, fault: 'model_unavailable', detail: 'no answer in time', usage: null };
    expect(await ask({ timeout_ms: 100 })).toEqual(late);
    replies = [{ hang: true }];
    expect(await ask({ signal: AbortSignal.timeout(100) })).toMatchObject({ fault: 'model_unavailable' });
    expect(fake.requests).toHaveLength(2);
  });

  it('is unavailable when it cannot be reached', async () => {
    const nowhere = { base_url: 'http://127.0.0.1:9/v1' };
    expect(await ask({}, nowhere)).toMatchObject({
      fault: 'model_unavailable',
      detail: 'it cannot be reached',
    });
  });

  it('cannot redirect, and its response has a size limit', async () => {
    const elsewhere = { status: 302, headers: { location: `${fake.url}/other` } };
    replies = [elsewhere, elsewhere];
    expect(await ask()).toMatchObject({ ok: false });
    expect(fake.requests).toHaveLength(2);
    replies = [{ status: 200, body: `"${'x'.repeat(3_000_000)}"` }];
    expect(await ask()).toMatchObject({ ok: false });
  });
});

describe('model settings', () => {
  it('are a model plus a key or an address', () => {
    expect(readConfig({}).llm).toBeNull();
    const own = { base_url: null, api_key: KEY, model: 'm' };
    expect(readConfig({ LLM_API_KEY: KEY, LLM_MODEL: 'm' }).llm).toEqual(own);
    const other = { LLM_BASE_URL: 'http://127.0.0.1:11434/v1/', LLM_MODEL: 'm' };
    const base_url = 'http://127.0.0.1:11434/v1';
    expect(readConfig(other).llm).toEqual({ base_url, api_key: null, model: 'm' });
  });

  it.each([
    ['LLM_MODEL', { LLM_API_KEY: KEY }],
    ['LLM_API_KEY', { LLM_MODEL: 'm' }],
    ['LLM_BASE_URL', { LLM_MODEL: 'm', LLM_BASE_URL: 'llm.example' }],
    ['LLM_BASE_URL', { LLM_MODEL: 'm', LLM_BASE_URL: 'file:///etc/passwd' }],
    ['LLM_BASE_URL', { LLM_MODEL: 'm', LLM_BASE_URL: `https://user:${KEY}@llm.example/v1` }],
  ])('report the wrong setting without its value: %s', (name, env) => {
    let refusal: unknown;
    try {
      readConfig(env);
    } catch (error) {
      refusal = error;
    }
    expect(refusal).toBeInstanceOf(AppError);
    const { errors, message } = refusal as AppError;
    expect(errors?.map(({ path }) => path)).toEqual([name]);
    expect(JSON.stringify([errors, message])).not.toContain(KEY);
  });
});

it('a key without an address is used with Anthropic', async () => {
  const text = JSON.stringify({ word: 'yes' });
  const usage = { input_tokens: 7, output_tokens: 3 };
  const message = { type: 'message', id: 'x', role: 'assistant', model: 'm', stop_reason: 'end_turn', usage };
  const fetched = vi
    .spyOn(globalThis, 'fetch')
    .mockImplementation(async () => Response.json({ ...message, content: [{ type: 'text', text }] }));
  try {
    const answer = await ask({}, { base_url: null, model: 'claude-sonnet-4-5' });
    expect(answer).toEqual({ ok: true, value: { word: 'yes' }, usage });
    const [url, init] = fetched.mock.calls[0]!;
    expect(String(url)).toBe('https://api.anthropic.com/v1/messages');
    expect(new Headers(init!.headers).get('x-api-key')).toBe(KEY);
    expect(init!.redirect).toBe('error');
    expect(String(init!.body)).not.toContain(KEY);
  } finally {
    fetched.mockRestore();
  }
});
