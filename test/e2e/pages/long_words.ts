import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { DESK, type PagesWorld } from '../pages_world.ts';

const TEST_MS = 180_000;
/** Allows for a busy machine. */
const SOON_MS = 10_000;
const PHONE = { width: 380, height: 760 };
const WORD = 'W'.repeat(200);
/** Fields that users fill in. */
const WRITTEN =
  /^(name|first_name|last_name|lead_name|person|company|title|campaign_name|display_name|note|description|hypothesis)$/;
const PAGES = [
  '/',
  '/leads',
  '/campaigns',
  '/campaigns/b2bea_membership_close',
  '/campaigns/b2bea_membership_close/settings',
  '/campaigns/b2bea_membership_close/steps',
  '/plays',
  '/coordinator',
  '/settings/policy',
  '/settings/caps',
  '/settings/mailboxes',
  '/settings/people',
  '/settings/organization',
  '/settings/audit',
];
const SHOWS_WORDS = `(({ innerText }) => innerText.includes('${'W'.repeat(20)}') && !innerText.includes('Loading…'))(document.querySelector('main'))`;

/** Pages whose names are one long word each. */
export function longWordPages(world: () => PagesWorld): void {
  test('no page scrolls sideways when names are one long word', { timeout: TEST_MS }, async () => {
    const page = await world().open('/leads');
    const lead = await firstLink(page, '/leads/', '.lead_rows .row');
    await world().open('/plays');
    const play = await firstLink(page, '/plays/', '.board .row');
    const api = `${world().product.url}/api/v1/`;
    const isAnswer = ({ href }: URL) => href.startsWith(api) && !href.endsWith('/stream');
    await page.route(isAnswer, async (route) => {
      if (route.request().method() !== 'GET') return route.fallback();
      const response = await route.fetch();
      const is_json = response.headers()['content-type']?.includes('json') ?? false;
      return is_json
        ? route.fulfill({ response, json: lengthened(await response.json()) })
        : route.fulfill({ response });
    });
    const wide: string[] = [];
    for (const path of [...PAGES, lead, play, `${play}/edit`]) {
      await world().open(path);
      await expect.poll(() => page.evaluate(SHOWS_WORDS), { timeout: SOON_MS, message: path }).toBe(true);
      for (const viewport of [DESK, PHONE]) {
        await page.setViewportSize(viewport);
        const width = Number(await page.evaluate('document.documentElement.scrollWidth'));
        if (width > viewport.width) wide.push(`${path} at ${viewport.width}: ${width}`);
        await world().picture(page, `long${path.replaceAll('/', '_')}_${viewport.width}`);
      }
      await page.setViewportSize(DESK);
    }
    await page.unrouteAll({ behavior: 'ignoreErrors' });
    expect(wide).toEqual([]);
  });
}

async function firstLink(page: Page, begins: string, row: string): Promise<string> {
  const link = page.locator(`${row}[href^="${begins}"]`).first();
  return (await link.getAttribute('href'))!.split('?')[0]!;
}

function lengthened(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(lengthened);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      typeof inner === 'string' && WRITTEN.test(key) ? WORD : lengthened(inner),
    ]),
  );
}
