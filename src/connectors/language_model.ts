/** The port to a language model, and all that the product knows about one. Types only, like connector.ts. */
import type { z } from 'zod';

/** A language model: texts in, one value of a closed schema out. It has no tools, and its output triggers nothing. */
export type LanguageModel = {
  /** The provider's name for the model. */
  readonly name: string;
  /** Never throws. */
  generate<T>(request: ModelRequest<T>): Promise<ModelAnswer<T>>;
};

export type ModelRequest<T> = {
  /** The instructions, in our words only. */
  system: string;
  /** The input. Text written by others is marked as data. */
  prompt: string;
  /** Strict: an answer with extra fields is invalid. */
  schema: z.ZodType<T>;
  max_output_tokens: number;
  /** For all attempts together, at most the connector's `MODEL_CALL_MS`. */
  timeout_ms?: number;
  signal?: AbortSignal;
};

/** Null: unknown; an aborted call may have been charged. */
export type ModelUsage = { input_tokens: number; output_tokens: number } | null;

/**
 * - `model_unavailable`: no answer in time, or a temporary failure (429, 5xx, network). A retry may work.
 * - `model_refused`: the provider rejects the request (4xx, a wrong key), or the model declines to answer.
 * - `model_answer_invalid`: the answer does not fit the schema.
 * - `model_budget_spent`: no model was called.
 */
export type ModelFault =
  | 'model_unavailable'
  | 'model_refused'
  | 'model_answer_invalid'
  | 'model_budget_spent';

/** `detail` is in our words and contains at most the status of an answer. */
export type ModelAnswer<T> =
  | { ok: true; value: T; usage: ModelUsage }
  | { ok: false; fault: ModelFault; detail: string; usage: ModelUsage };
