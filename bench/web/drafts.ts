import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { openBrowser } from '../../test/e2e/browser.ts';
import { say } from '../dispatch/progress.ts';

/** Milliseconds. For many interactions INP is the 98th percentile. */
export type Answer = { p50_ms: number; p98_ms: number; max_ms: number; count: number };

type Measured = {
  keys: Record<string, Answer>;
  /** From another page of the workspace, with no drafts loaded, until the first one can be read and approved. */
  open: Answer;
  /** The same in a new browser, which also has to load the application. */
  first_load: Answer;
  drafts_waiting: string | null;
  rows_drawn: number;
};

const DESK = { width: 1280, height: 820 };
/** A draft can be approved only after it was visible for a moment (web/src/drafts/draft_actions.tsx). */
const SEEN_MS = 450;
const BETWEEN_MS = 60;
/** Time for server responses to arrive. */
const SETTLE_MS = 1_500;

/** Opens the drafts several times, then presses each key of a person's work often. */
export async function measureDrafts(
  { url, key }: { url: string; key: string },
  { presses, opens }: { presses: number; opens: number },
): Promise<Measured> {
  const browser = await openBrowser();
  try {
    const open: number[] = [];
    const first_load: number[] = [];
    // The first round warms up browser and server.
    for (let at = 0; at <= opens; at += 1) {
      const load_ms = await loadDrafts(browser, url, key);
      const open_ms = await openDrafts(browser, url, key);
      say(`drafts open in ${Math.round(open_ms)} ms, in a new browser in ${Math.round(load_ms)} ms`);
      if (at === 0) continue;
      first_load.push(load_ms);
      open.push(open_ms);
    }
    const page = await draftsPage(browser, url, key);
    await sleep(SETTLE_MS);
    const keys = await measureKeys(page, presses);
    const drafts_waiting = await page.getByRole('link', { name: /^Pending/ }).textContent();
    const rows_drawn = await page.locator('.rows > li').count();
    return { keys, open: answerOf(open), first_load: answerOf(first_load), drafts_waiting, rows_drawn };
  } finally {
    await browser.close();
  }
}

async function pageAt(browser: Browser, address: string, key: string): Promise<Page> {
  const context = await browser.newContext({
    viewport: DESK,
    extraHTTPHeaders: { authorization: `Bearer ${key}` },
  });
  const page = await context.newPage();
  await page.addInitScript(KEEP_EVENTS);
  await page.goto(address);
  return page;
}

async function draftsPage(browser: Browser, url: string, key: string): Promise<Page> {
  const page = await pageAt(browser, `${url}/drafts`, key);
  await page.getByRole('button', { name: /^Approve/ }).waitFor();
  return page;
}

async function loadDrafts(browser: Browser, url: string, key: string): Promise<number> {
  const page = await draftsPage(browser, url, key);
  const ms = Number(await page.evaluate('performance.now()'));
  await page.context().close();
  return ms;
}

/** From the key press to the frame that shows the first draft. */
async function openDrafts(browser: Browser, url: string, key: string): Promise<number> {
  const page = await pageAt(browser, `${url}/leads`, key);
  await page.locator('.rows .row').first().waitFor();
  await sleep(SETTLE_MS);
  await page.evaluate(AWAIT_DRAFT);
  await page.keyboard.press('g');
  await page.keyboard.press('d');
  const ms = Number(await page.evaluate('touchline_opened'));
  await page.context().close();
  return ms;
}

async function measureKeys(page: Page, presses: number): Promise<Record<string, Answer>> {
  const keys: Record<string, Answer> = {};
  const measure = async (name: string, press: (at: number) => Promise<void>) => {
    await page.evaluate(FORGET);
    for (let at = 0; at < presses; at += 1) await press(at);
    await sleep(BETWEEN_MS * 2);
    keys[name] = answerOf((await page.evaluate(durationsOf(name))) as number[]);
    say(`${name}: ${JSON.stringify(keys[name])}`);
  };
  const pressing = (key: string, wait_ms: number) => async () => {
    await sleep(wait_ms);
    await page.keyboard.press(key);
  };
  await measure('j', pressing('j', BETWEEN_MS));
  await measure('k', pressing('k', BETWEEN_MS));
  await measure('e', async () => {
    await sleep(BETWEEN_MS);
    await page.keyboard.press('e');
    await page.locator('.editor textarea').waitFor();
    await page.keyboard.press('Escape');
    await page.locator('.editor').waitFor({ state: 'detached' });
  });
  await measure('r', async () => {
    await sleep(BETWEEN_MS);
    await page.keyboard.press('r');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  });
  await measure('a', pressing('a', SEEN_MS));
  return keys;
}

/** In the browser: records every key press with the time until its paint. */
const KEEP_EVENTS = `
  globalThis.touchline_presses = [];
  addEventListener('keydown', (event) => touchline_presses.push({ key: event.key, at: event.timeStamp, ms: 0 }), true);
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      if (entry.name !== 'keydown') continue;
      const press = touchline_presses.find(({ at }) => Math.abs(at - entry.startTime) < 1);
      if (press) press.ms = entry.duration;
    }
  }).observe({ type: 'event', durationThreshold: 16, buffered: true });`;

/** In the browser: resolves with the time from the press of d to the frame with a draft in it. */
const AWAIT_DRAFT = `
  globalThis.touchline_opened = new Promise((resolve) => {
    let pressed_at = 0;
    addEventListener('keydown', (event) => { if (event.key === 'd') pressed_at = event.timeStamp; }, true);
    const look = () => {
      if (pressed_at > 0 && document.querySelector('.actions_main button.primary')) resolve(performance.now() - pressed_at);
      else requestAnimationFrame(look);
    };
    look();
  }); undefined`;

const FORGET = 'touchline_presses.length = 0';

/** Below 16 ms the browser reports no time; such presses count as 16 ms. */
function durationsOf(key: string): string {
  return `touchline_presses.filter((press) => press.key === '${key}').map(({ ms }) => Math.max(ms, 16))`;
}

function answerOf(durations_ms: readonly number[]): Answer {
  const sorted = [...durations_ms].sort((a, b) => a - b);
  const at = (share: number) =>
    Number((sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0).toFixed(1));
  return { p50_ms: at(0.5), p98_ms: at(0.98), max_ms: at(1), count: sorted.length };
}
