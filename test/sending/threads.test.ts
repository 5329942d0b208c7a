import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import { productProcesses, URL_LINE, untilPrinted } from '../process/product_process.ts';

/* A whole sequence through `touchline up` as a user starts it: the mail server receives one thread. */

const ADMIN_KEY = 'tl_threads_test_key_0123456789';
const CAMPAIGN = 'b2bea_membership_close';
/** Almost twelve days a second: the eight weeks of the campaign take five seconds. */
const SPEED = '1000000';

const data_dir = await mkdtemp(join(tmpdir(), 'touchline-threads-'));
const { touchline, stopAll } = productProcesses(data_dir, { TOUCHLINE_ADMIN_KEY: ADMIN_KEY });

afterAll(async () => {
  await stopAll();
  await rm(data_dir, { recursive: true, force: true });
}, 60_000);

type Draft = {
  id: string;
  content_hash: string;
  step_number: number;
  channel: string;
  requires_personal_send: boolean;
  subject: string;
  body: string;
};
type Caught = {
  message_id: string;
  subject: string;
  text: string;
  headers: { name: string; value: string }[];
};

test('each follow-up by mail replies to the message before it and references all earlier ones', {
  timeout: 120_000,
}, async () => {
  const product = touchline(['up', '--speed', SPEED], { TOUCHLINE_SAMPLE: 'none' });
  const api = client(await untilPrinted(product, URL_LINE));
  await sendAtOnce(api);
  await enrollOne(api);
  const drafts = await passEveryDraft(api, 8);

  const mailed = drafts.filter((draft) => draft.channel === 'email' && !draft.requires_personal_send);
  // Step 4 is a LinkedIn message, and a person sends step 7 from their own mailbox, under a Message-ID unknown here.
  expect(mailed.map(({ step_number }) => step_number)).toEqual([1, 2, 3, 5, 6, 8]);
  const caught = await caughtInOrder(api, mailed.length);
  const ids = caught.map(({ message_id }) => message_id);
  expect(new Set(ids).size).toBe(mailed.length);
  const threads = caught.map(({ headers }) => threadOf(headers));
  expect(threads).toEqual(
    ids.map((_, at) => ({ in_reply_to: ids[at - 1] ?? null, references: ids.slice(0, at) })),
  );
  // The approved text is sent unchanged: the thread is in the headers alone.
  for (const [at, { subject, body }] of mailed.entries()) {
    expect(caught[at]!.subject).toBe(subject);
    expect(caught[at]!.text.startsWith(body.trimEnd())).toBe(true);
  }
});

type Api = (method: string, path: string, body?: unknown) => Promise<never>;

function client(url: string): Api {
  return async (method, path, body) => {
    const is_csv = typeof body === 'string';
    const response = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${ADMIN_KEY}`,
        ...(body === undefined ? {} : { 'content-type': is_csv ? 'text/csv' : 'application/json' }),
      },
      ...(body === undefined ? {} : { body: is_csv ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return JSON.parse(text) as never;
  };
}

/** The time to withdraw an approval is real time: ten seconds per message. */
async function sendAtOnce(api: Api): Promise<void> {
  const policy: { version: number; document: Record<string, unknown> } = await api('GET', '/policy');
  const document = {
    ...policy.document,
    business_hours: { enforce: false },
    drafts: { undo_seconds: 0 },
  };
  await api('PUT', '/policy', { document, expected_version: policy.version });
}

async function enrollOne(api: Api): Promise<void> {
  const csv =
    'email,first_name,company,icp_tier,linkedin_url\nkim@prospect.example,Kim,Prospect,T2,https://linkedin.example/in/kim\n';
  await api('POST', '/leads/import', csv);
  const { items }: { items: { id: string }[] } = await api('GET', '/leads?limit=1');
  await api('POST', '/sequence_requests', { lead_id: items[0]!.id, campaign: CAMPAIGN });
}

/** A person approves each draft as soon as it exists, or marks it sent. In the order of their steps. */
async function passEveryDraft(api: Api, count: number): Promise<Draft[]> {
  const passed: Draft[] = [];
  while (passed.length < count) {
    const { items }: { items: Draft[] } = await api('GET', '/drafts?status=drafted&limit=10');
    for (const draft of items) {
      const { id, content_hash, requires_personal_send } = draft;
      if (requires_personal_send) {
        await api('POST', `/drafts/${id}/mark_sent`, { content_hash, already_sent: true });
      } else await api('POST', `/drafts/${id}/approve`, { content_hash });
      passed.push(draft);
    }
    await sleep(20);
  }
  return passed;
}

async function caughtInOrder(api: Api, count: number): Promise<Caught[]> {
  for (;;) {
    const caught: { items: Caught[] } = await api('GET', '/catcher/messages?limit=50');
    // Notifications of the user are caught too.
    const items = caught.items.filter(
      ({ headers }) => !headers.some(({ name }) => /^auto-submitted$/i.test(name)),
    );
    if (items.length >= count) return items.reverse();
    await sleep(50);
  }
}

function threadOf(headers: Caught['headers']) {
  const value = (name: string) => headers.find((header) => header.name.toLowerCase() === name)?.value ?? null;
  return { in_reply_to: value('in-reply-to'), references: value('references')?.split(/\s+/) ?? [] };
}
