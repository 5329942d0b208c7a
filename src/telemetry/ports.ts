/**
 * What the product tells of its own running: ports, which the composition root fills. Nothing that is told may hold an
 * org's data, an address or a secret: labels and attributes are names from the code, kinds, counts and times.
 */

/** Counts, for who watches the process. */
export type Metrics = {
  /** An HTTP request was answered; `route` is its pattern. */
  requested(request: { method: string; route: string; status: number; seconds: number }): void;
  /** So many more streams are open; -1 for one less. */
  streamsOpened(more: number): void;
  /** The gate decided about a touch, in a stage whose work is written. */
  decided(stage: string, decision: { outcome: string; reason: string | null }): void;
  /** A message was handed to the mail server, or was not. */
  handedOver(outcome: string, seconds: number): void;
  /** A language model was asked, or could not be paid for. */
  modelCalled(call: {
    purpose: string;
    outcome: string;
    seconds: number;
    input_tokens: number;
    output_tokens: number;
  }): void;
  /** A template or a file that someone handed in was over its budget of time, memory or output. */
  overBudget(over: { kind: string; budget: string }): void;
  /** A stage found something and did it. */
  worked(stage: string, batch: { claimed: number; seconds: number }): void;
  failed(stage: string): void;
  /** So many more rows are set aside; -1 for one less. */
  setAside(stage: string, more: number): void;
  /** Everything, in the Prometheus text format. */
  page(): Promise<{ type: string; text: string }>;
};

export type Attributes = Readonly<Record<string, string | number | boolean>>;

/** A place in a trace at which spans may begin. */
export type Tracer = { begin(name: string, options?: SpanOptions): Span };

export type SpanOptions = {
  kind?: 'server' | 'client';
  attributes?: Attributes;
  /** The caller's own place, from another process. */
  parent?: TraceParent;
};

/** A span that runs. One that is never ended is never told of. */
export type Span = Tracer & {
  /** 32 hexadecimal digits. */
  trace_id: string;
  set(attributes: Attributes): void;
  /** `error`: what it failed with. Only its kind is told, since its words may hold anything. */
  end(error?: unknown): void;
};

/** W3C Trace Context, version 00: the two ids in hexadecimal digits. */
export type TraceParent = { trace_id: string; span_id: string; is_sampled: boolean };

/** Runs something as a span below this place; without a tracer it just runs. */
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
  // Later versions may add to the end; this one has nothing there.
  if (version === 'ff' || (version === '00' && rest !== undefined)) return null;
  if (/^0+$/.test(trace_id) || /^0+$/.test(span_id)) return null;
  return { trace_id, span_id, is_sampled: (Number.parseInt(flags, 16) & 1) === 1 };
}
