import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { expect } from 'vitest';
import { scale } from '../scale.ts';
import { openPage, type WatchedPage } from './browser.ts';
import type { Product } from './product.ts';

/** The page tests share one product, one browser, and one signed-in user. */
export type PagesWorld = {
  product: Product;
  browser: Browser;
  desk: WatchedPage;
  /** Opens a page and waits for its first heading. */
  open(path: string): Promise<Page>;
  /** Takes screenshots in light, in dark, and at 380 px; SCREENSHOT_DIR keeps them. */
  pictures(page: Page, name: string): Promise<void>;
  /** Takes one screenshot of the current page if SCREENSHOT_DIR is set. */
  picture(page: Page, name: string): Promise<void>;
  /** Removes one expected complaint with this status: browsers log every refused request. */
  expectRefused(status: number): void;
};

const PHONE = { width: 380, height: 760 };

export const DESK = { width: 1280, height: 820 };

const KINDS = ['reply', 'meeting', 'assigned', 'manual_send', 'warning', 'play', 'request'];

/** Sets how notifications leave by email. At the start none does: the pages read and answer the newest caught mail. */
export async function chooseEmails(page: Page, email: 'off' | 'at_once', kinds = KINDS): Promise<void> {
  const status = await page.evaluate(async (body) => {
    const headers = { 'content-type': 'application/json' };
    return (await fetch('/api/v1/notification_preferences', { method: 'PUT', headers, body })).status;
  }, JSON.stringify({ kinds, email }));
  expect(status).toBe(200);
}

/** `picture_dir` is null if no screenshots are wanted. */
export async function pagesWorld(
  browser: Browser,
  product: Product,
  picture_dir: string | null,
): Promise<PagesWorld> {
  const desk = await openPage(browser, { viewport: DESK });
  await desk.page.goto(product.sign_in_link);
  await desk.page.getByRole('navigation', { name: 'Main' }).waitFor();
  await chooseEmails(desk.page, 'off');
  if (picture_dir !== null) await mkdir(picture_dir, { recursive: true });
  const take = async (page: Page, name: string) => {
    if (picture_dir !== null) await page.screenshot({ path: join(picture_dir, `${name}.png`) });
  };
  return {
    product,
    browser,
    desk,
    async open(path) {
      await desk.page.goto(`${product.url}${path}`);
      await desk.page.getByRole('heading', { level: 1 }).first().waitFor();
      return desk.page;
    },
    picture: take,
    expectRefused(status) {
      const at = desk.complaints.findIndex((text) => text.includes(`status of ${status}`));
      expect(at, desk.complaints.join()).not.toBe(-1);
      desk.complaints.splice(at, 1);
    },
    async pictures(page, name) {
      await take(page, `${name}_light`);
      if (picture_dir !== null) {
        await page.emulateMedia({ colorScheme: 'dark' });
        await take(page, `${name}_dark`);
        await page.emulateMedia({ colorScheme: 'light' });
      }
      await page.setViewportSize(PHONE);
      await take(page, `${name}_phone`);
      const wide = await page.evaluate('document.documentElement.scrollWidth');
      await page.setViewportSize(DESK);
      expect(wide, `${name} scrolls sideways at ${PHONE.width} px`).toBeLessThanOrEqual(PHONE.width);
    },
  };
}

/** Waits until the button with this key is enabled: a page ignores keys for text that has just appeared. */
export async function keyReady(page: Page, letter: string): Promise<void> {
  await page
    .locator(`button[aria-keyshortcuts="${letter.toUpperCase()}"]:enabled:not([aria-disabled])`)
    .first()
    .waitFor();
}

export async function pressKey(page: Page, letter: string): Promise<void> {
  await keyReady(page, letter);
  await page.keyboard.press(letter);
}

type Violation = { id: string; impact: string | null; help: string; nodes: { html: string }[] };

/**
 * Expects no serious or critical finding of axe; in dark, where only colors differ, none about contrast. The security policy
 * of the pages stays active.
 */
export async function expectAccessible(page: Page): Promise<void> {
  await page.evaluate(axe.source);
  for (const [colorScheme, rules] of Object.entries(RULES)) {
    await page.emulateMedia({ colorScheme: colorScheme as 'light' | 'dark' });
    await page.evaluate(SETTLED);
    const found = (await page.evaluate(
      `axe.run(document, ${rules}).then((results) => results.violations)`,
    )) as Violation[];
    const bad = found.filter(({ impact }) => impact === 'serious' || impact === 'critical');
    const told = bad.map(
      ({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html }) => html).join(' | ')}`,
    );
    expect(told, colorScheme).toEqual([]);
  }
  await page.emulateMedia({ colorScheme: 'light' });
}

/** Waits for finite animations to end, since text that is fading in has too little contrast. */
const SETTLED = `Promise.all(
  document
    .getAnimations()
    .filter(({ effect }) => effect.getComputedTiming().endTime < Infinity)
    .map(({ finished }) => finished.catch(() => {})),
)`;

/** The short run skips dark: its colors are pairs of the same properties (web/src/ui/tokens.css). */
const RULES: Readonly<Record<string, string>> = {
  light: `{ resultTypes: ['violations'] }`,
  ...(scale(0, 1) === 0
    ? {}
    : {
        dark: `{ resultTypes: ['violations'], runOnly: { type: 'rule', values: ['color-contrast'] } }`,
      }),
};
