/** The port of outgoing webhooks, as connector.ts has the others. Types only. */

export type WebhookRequest = { url: string; headers: Readonly<Record<string, string>>; body: string };

/**
 * What a receiver made of it: its status, whatever it is; or nothing was sent, since the URL or an address of its name is not
 * to be reached (`refused`); or no answer came in time. `why` is a stable word.
 */
export type WebhookAnswer =
  | { kind: 'answered'; status: number }
  | { kind: 'refused'; why: string }
  | { kind: 'failed'; why: string };

/** Posts to receivers that others chose. Never throws; an exchange ends within 15 s. */
export type WebhookSender = {
  /** Whether receivers on this very machine are allowed. */
  allow_local: boolean;
  post(request: WebhookRequest): Promise<WebhookAnswer>;
  close(): Promise<void>;
};
