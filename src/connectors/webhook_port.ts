/** The port of outgoing webhooks, besides those of connector.ts. Types only. */

export type WebhookRequest = { url: string; headers: Readonly<Record<string, string>>; body: string };

/**
 * The receiver's answer: any status; or `refused`, since the URL or an address of its name is not allowed; or no answer in
 * time. `why` is a stable word.
 */
export type WebhookAnswer =
  | { kind: 'answered'; status: number }
  | { kind: 'refused'; why: string }
  | { kind: 'failed'; why: string };

/** Posts to receivers that others chose. Never throws; an exchange ends within 15 s. */
export type WebhookSender = {
  /** Whether receivers on this machine are allowed. */
  allow_local: boolean;
  post(request: WebhookRequest): Promise<WebhookAnswer>;
  close(): Promise<void>;
};
