/**
 * Ports through which the product reports on itself; the composition root fills them. No report may contain an
 * organization's data, an address, or a secret: labels and attributes are names from the code, kinds, counts, and times.
 */

/** Counters and durations of this process. */
export type Metrics = {
  /** An HTTP request was answered; `route` is its pattern. */
  requested(request: { method: string; route: string; status: number; seconds: number }): void;
  /** Changes the number of open streams; -1 for one less. */
  streamsOpened(more: number): void;
  /** The gate decided on a touch, in a stage whose work has committed. */
  decided(stage: string, decision: { outcome: string; reason: string | null }): void;
  /** A message was handed to the mail server, or the hand-over failed. */
  handedOver(outcome: string, seconds: number): void;
  /** A language model was called, or the budget refused the call. */
  modelCalled(call: {
    purpose: string;
    outcome: string;
    seconds: number;
    input_tokens: number;
    output_tokens: number;
  }): void;
  /** A submitted template or file exceeded its budget of time, memory, or output. */
  overBudget(over: { kind: string; budget: string }): void;
  /** A stage claimed work and did it. */
  worked(stage: string, batch: { claimed: number; seconds: number }): void;
  failed(stage: string): void;
  /** Changes the number of rows set aside; -1 for one less. */
  setAside(stage: string, more: number): void;
  /** All metrics in the Prometheus text format. */
  page(): Promise<{ type: string; text: string }>;
};

export type Attributes = Readonly<Record<string, string | number | boolean>>;

/** A place in a trace from which spans may begin. */
export type Tracer = { begin(name: string, options?: SpanOptions): Span };

export type SpanOptions = {
  kind?: 'server' | 'client';
  attributes?: Attributes;
  /** The caller's own place, from another process. */
  parent?: TraceParent;
};

/** A running span. A span without `end` is never reported. */
export type Span = Tracer & {
  /** 32 hexadecimal digits. */
  trace_id: string;
  set(attributes: Attributes): void;
  /** `error`: the cause of a failure. Only its kind is reported, because its words may contain data. */
  end(error?: unknown): void;
};

/** W3C Trace Context, version 00: the two ids in hexadecimal digits. */
export type TraceParent = { trace_id: string; span_id: string; is_sampled: boolean };

/** Runs a function as a span below this place; without a tracer it only runs the function. */
export async function traced<T>(
  tracer: Tracer | undefined,
  { name, ...options }: SpanOptions & { name: string },
  run: (span: Span | undefined) => Promise<T>,
): Promise<T> {
  const span = tracer?.begin(name, options);
  try {
    const value = await run(span);
    span?.end();
    return value;
  } catch (error) {
    span?.end(error);
    throw error;
  }
}

/** Reads a `traceparent` header; null for anything that the recommendation does not allow. */
export function readTraceParent(header: unknown): TraceParent | null {
  if (typeof header !== 'string') return null;
  const match = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/.exec(header);
  if (match === null) return null;
  const [, version, trace_id = '', span_id = '', flags = '', rest] = match;
  // Later versions may append fields; this version has none.
  if (version === 'ff' || (version === '00' && rest !== undefined)) return null;
  if (/^0+$/.test(trace_id) || /^0+$/.test(span_id)) return null;
  return { trace_id, span_id, is_sampled: (Number.parseInt(flags, 16) & 1) === 1 };
}
