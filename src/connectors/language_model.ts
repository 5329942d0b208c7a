/** The port to a language model: like connector.ts, types only, and all that the rest of the product knows of one. */
import type { z } from 'zod';

/** A language model: texts in, one value of a closed schema out. It has no tools, and nothing it says does anything. */
export type LanguageModel = {
  /** As the provider calls it. */
  readonly name: string;
  /** Never throws. */
  generate<T>(request: ModelRequest<T>): Promise<ModelAnswer<T>>;
};

export type ModelRequest<T> = {
  /** What is asked for, in our words alone. */
  system: string;
  /** The case; what others wrote in it is marked as data. */
  prompt: string;
  /** Strict: an answer with anything else in it is none. */
  schema: z.ZodType<T>;
  max_output_tokens: number;
  /** Over all tries, at most `MODEL_CALL_MS` of the connector. */
  timeout_ms?: number;
  signal?: AbortSignal;
};

/** Null: nobody knows; a call that broke off may have been paid for. */
export type ModelUsage = { input_tokens: number; output_tokens: number } | null;

/**
 * - `model_unavailable`: no answer in time, or none for now (429, 5xx, network). Another time it may work.
 * - `model_refused`: the provider does not take the request (4xx, a wrong key), or the model does not answer it.
 * - `model_answer_invalid`: it answered something else than was asked for.
 * - `model_budget_spent`: nobody was asked.
 */
export type ModelFault =
  | 'model_unavailable'
  | 'model_refused'
  | 'model_answer_invalid'
  | 'model_budget_spent';

/** `detail` is in our words, of an answer at most its status. */
export type ModelAnswer<T> =
  | { ok: true; value: T; usage: ModelUsage }
  | { ok: false; fault: ModelFault; detail: string; usage: ModelUsage };
