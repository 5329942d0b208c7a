import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { expect } from 'vitest';
import { scale } from '../scale.ts';
import { openPage, type WatchedPage } from './browser.ts';
import type { Product } from './product.ts';

/** The shared setup of the page tests: one product, one browser, one signed-in user. */
export type PagesWorld = {
  product: Product;
  browser: Browser;
  desk: WatchedPage;
  /** Shows a page of the product on the desk and waits for its first heading. */
  open(path: string): Promise<Page>;
  /** Takes pictures of the page in light, in dark, and at 380 px, and stores them in SCREENSHOT_DIR if set. */
  pictures(page: Page, name: string): Promise<void>;
  /** Takes a picture of the page as it is now, if pictures are wanted. */
  picture(page: Page, name: string): Promise<void>;
  /** Browsers log every refusal: one with this status is expected. */
  expectRefused(status: number): void;
};

const PHONE = { width: 380, height: 760 };

export const DESK = { width: 1280, height: 820 };

/** `picture_dir` null: no pictures are kept. */
export async function pagesWorld(
  browser: Browser,
  product: Product,
  picture_dir: string | null,
): Promise<PagesWorld> {
  const desk = await openPage(browser, { viewport: DESK });
  await desk.page.goto(product.sign_in_link);
  await desk.page.getByRole('navigation', { name: 'Main' }).waitFor();
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

/** Waits until the button with this key is enabled: a page ignores the key of a text that has just appeared. */
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
 * Expects no serious or critical axe findings; in dark, where only colors differ, none about contrast. The content security
 * policy stays in force.
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

/**
 * An element that is still fading in has less contrast than its final state, so this waits until every animation has ended.
 */
const SETTLED = `Promise.all(
  document
    .getAnimations()
    .filter(({ effect }) => effect.getComputedTiming().endTime < Infinity)
    .map(({ finished }) => finished.catch(() => {})),
)`;

/** The short run skips the dark theme, whose colors are pairs of the same properties (web/src/ui/tokens.css). */
const RULES: Readonly<Record<string, string>> = {
  light: `{ resultTypes: ['violations'] }`,
  ...(scale(0, 1) === 0
    ? {}
    : {
        dark: `{ resultTypes: ['violations'], runOnly: { type: 'rule', values: ['color-contrast'] } }`,
      }),
};
