import { setTimeout as sleep } from 'node:timers/promises';
import { createAnthropic } from '@ai-sdk/anthropic';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { APICallError, generateText, NoObjectGeneratedError, NoOutputGeneratedError, Output } from 'ai';
import { z } from 'zod';
import type { LanguageModel, ModelAnswer, ModelFault, ModelRequest, ModelUsage } from './language_model.ts';

/** The time limit of a call across all tries. Leases of its callers are longer. */
const MODEL_CALL_MS = 60_000;
/** A model that fails twice in a row is down; callers have a fallback. */
const TRIES_MAX = 2;
const RETRY_WAIT_MS = 1_000;
/** An answer of a few thousand tokens is a hundredth of this limit. */
const ANSWER_BYTES_MAX = 2_000_000;
/** In prose of any language, a token is shorter on average. */
const BYTES_PER_TOKEN_MAX = 16;

export type LlmOptions = {
  /** Null or Anthropic's URL: its own API; any other endpoint uses the OpenAI format. */
  base_url: string | null;
  api_key: string | null;
  model: string;
  /** Between two tries. */
  retry_wait_ms?: number;
};

type SdkModel = Parameters<typeof generateText>[0]['model'];
/** Whether the endpoint gets the schema itself; some only support "JSON" and get it in words. */
type Form = 'schema' | 'json';

/** A model over the AI SDK. No request, answer, or key is logged or repeated in an answer's `detail`. */
export function languageModel(options: LlmOptions): LanguageModel {
  // The library would write its warnings to the user's console.
  globalThis.AI_SDK_LOG_WARNINGS = false;
  const models: Record<Form, SdkModel> = isAnthropic(options.base_url)
    ? anthropicModels(options)
    : compatibleModels(options);
  const wait_ms = options.retry_wait_ms ?? RETRY_WAIT_MS;
  return {
    name: options.model,
    generate: async (request) => {
      const deadline = AbortSignal.timeout(Math.min(request.timeout_ms ?? MODEL_CALL_MS, MODEL_CALL_MS));
      const signal = request.signal ? AbortSignal.any([deadline, request.signal]) : deadline;
      let form: Form = 'schema';
      for (let tries = 1; ; tries += 1) {
        const { answer, again } = await once(models[form], form, request, signal);
        if (again === 'no' || tries === TRIES_MAX || signal.aborted) return answer;
        if (again === 'as_json') form = 'json';
        else await sleep(wait_ms, undefined, { signal }).catch(() => undefined);
      }
    },
  };
}

function isAnthropic(base_url: string | null): boolean {
  return base_url === null || /(^|\.)anthropic\.com$/.test(new URL(base_url).hostname);
}

function anthropicModels({ base_url, api_key, model }: LlmOptions): Record<Form, SdkModel> {
  const own = base_url === null ? {} : { baseURL: base_url };
  const sdk = createAnthropic({ ...own, apiKey: api_key ?? '', fetch: boundedFetch })(model);
  return { schema: sdk, json: sdk };
}

function compatibleModels({ base_url, api_key, model }: LlmOptions): Record<Form, SdkModel> {
  const made = (supportsStructuredOutputs: boolean) =>
    createOpenAICompatible({
      name: 'llm',
      baseURL: base_url ?? '',
      ...(api_key === null ? {} : { apiKey: api_key }),
      supportsStructuredOutputs,
      fetch: boundedFetch,
    })(model);
  return { schema: made(true), json: made(false) };
}

/** `again`: whether the same call may succeed now, or with the schema in words. */
type Try<T> = { answer: ModelAnswer<T>; again: 'no' | 'same' | 'as_json' };

async function once<T>(
  model: SdkModel,
  form: Form,
  request: ModelRequest<T>,
  signal: AbortSignal,
): Promise<Try<T>> {
  const { schema, system, prompt, max_output_tokens } = request;
  const in_words = `\n\nAnswer with one JSON object of this JSON Schema and nothing else:\n`;
  try {
    const { output, usage, finishReason } = await generateText({
      model,
      instructions:
        form === 'schema' ? system : `${system}${in_words}${JSON.stringify(z.toJSONSchema(schema))}`,
      prompt,
      output: Output.object({ schema }),
      maxOutputTokens: max_output_tokens,
      maxRetries: 0,
      abortSignal: signal,
    });
    const used = usageOf(usage, request, JSON.stringify(output));
    const value = schema.safeParse(output);
    if (finishReason === 'content-filter' || !value.success) return unfit(finishReason, used);
    return { answer: { ok: true, value: value.data, usage: used }, again: 'no' };
  } catch (error) {
    return failureOf(error, form, request, signal);
  }
}

function failureOf<T>(error: unknown, form: Form, request: ModelRequest<T>, signal: AbortSignal): Try<T> {
  if (NoObjectGeneratedError.isInstance(error)) {
    return unfit(error.finishReason, usageOf(error.usage, request, error.text ?? ''));
  }
  if (NoOutputGeneratedError.isInstance(error)) {
    return failed('model_answer_invalid', 'there is no answer in the answer', null);
  }
  if (signal.aborted) return failed('model_unavailable', 'no answer in time', null);
  if (!APICallError.isInstance(error))
    return failed('model_unavailable', 'it cannot be reached', null, 'same');
  const { statusCode: status } = error;
  const nothing = { input_tokens: 0, output_tokens: 0 };
  if (status === undefined) return failed('model_unavailable', 'it cannot be reached', nothing, 'same');
  // A success status with an unreadable answer.
  if (status < 400) return failed('model_answer_invalid', 'the answer cannot be read', null);
  if (status === 408 || status === 409 || status === 429 || status >= 500) {
    return failed('model_unavailable', `HTTP ${status}`, nothing, 'same');
  }
  const is_form = (status === 400 || status === 422) && form === 'schema';
  return failed('model_refused', `HTTP ${status}`, nothing, is_form ? 'as_json' : 'no');
}

function unfit<T>(finish_reason: string | undefined, usage: ModelUsage): Try<T> {
  return finish_reason === 'content-filter'
    ? failed('model_refused', 'the model declined to answer', usage)
    : failed('model_answer_invalid', 'the answer does not fit the schema', usage);
}

function failed<T>(
  fault: ModelFault,
  detail: string,
  usage: ModelUsage,
  again: Try<T>['again'] = 'no',
): Try<T> {
  return { answer: { ok: false, fault, detail, usage }, again };
}

type SdkUsage = { inputTokens?: number | undefined; outputTokens?: number | undefined };

/** The usage that the endpoint reports; unknown if it is missing or below the text's minimum. */
function usageOf(
  usage: SdkUsage | undefined,
  { system, prompt }: Pick<ModelRequest<unknown>, 'system' | 'prompt'>,
  answered: string,
): ModelUsage {
  const { inputTokens: input = 0, outputTokens: output = 0 } = usage ?? {};
  const is_credible = input >= tokensAtLeast(system, prompt) && output >= tokensAtLeast(answered);
  const tokens = (count: number) => Math.min(Math.trunc(count), 2 ** 31 - 1);
  return is_credible ? { input_tokens: tokens(input), output_tokens: tokens(output) } : null;
}

/** At least one, since an answer is never empty. */
function tokensAtLeast(...texts: string[]): number {
  const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  return Math.max(1, Math.ceil(bytes / BYTES_PER_TOKEN_MAX));
}

/** Follows no redirects with the key, and reads no more than an answer can contain. */
const boundedFetch: typeof fetch = async (url, init) => {
  const response = await fetch(url, { ...init, redirect: 'error' });
  if (response.body === null) return response;
  let bytes = 0;
  const counted = response.body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        bytes += chunk.byteLength;
        if (bytes > ANSWER_BYTES_MAX) controller.error(new Error('the answer is too long'));
        else controller.enqueue(chunk);
      },
    }),
  );
  const { status, statusText, headers } = response;
  return new Response(counted, { status, statusText, headers });
};
