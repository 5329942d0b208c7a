import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBrowser } from './browser.ts';
import { addressPages } from './pages/addresses.ts';
import { campaignPages } from './pages/campaigns.ts';
import { coordinatorPages } from './pages/coordinator.ts';
import { crmPages } from './pages/crm.ts';
import { doNotContactPages } from './pages/do_not_contact.ts';
import { draftsFastPages } from './pages/drafts_fast.ts';
import { draftsLatePages } from './pages/drafts_late.ts';
import { handOffPages } from './pages/hand_offs.ts';
import { leadPages } from './pages/leads.ts';
import { longWordPages } from './pages/long_words.ts';
import { notificationPages } from './pages/notifications.ts';
import { opportunityPages } from './pages/opportunities.ts';
import { playsPages } from './pages/plays.ts';
import { repliesPages } from './pages/replies.ts';
import { settingsPages } from './pages/settings.ts';
import { shellPages } from './pages/shell.ts';
import { todayPages } from './pages/today.ts';
import { type PagesWorld, pagesWorld } from './pages_world.ts';
import { buildWeb, type Product, startProduct } from './product.ts';

/*
 * Each page's main job in a real browser, with its accessibility and screenshots. All pages share one product, since a start
 * takes longer than most tests. SCREENSHOT_DIR keeps the screenshots.
 */

let product: Product;
let browser: Browser;
let world: PagesWorld;

beforeAll(async () => {
  await buildWeb();
  [product, browser] = await Promise.all([startProduct({ TOUCHLINE_LOCAL_WEBHOOKS: '1' }), openBrowser()]);
  world = await pagesWorld(browser, product, process.env.SCREENSHOT_DIR ?? null);
}, 120_000);

afterAll(async () => {
  await browser?.close();
  await product?.stop();
}, 60_000);

shellPages(() => world);
leadPages(() => world);
addressPages(() => world);
opportunityPages(() => world);
doNotContactPages(() => world);
coordinatorPages(() => world);
playsPages(() => world);
todayPages(() => world);
handOffPages(() => world);
repliesPages(() => world);
draftsFastPages(() => world);
draftsLatePages(() => world);
campaignPages(() => world);
settingsPages(() => world);
crmPages(() => world);
notificationPages(() => world);
longWordPages(() => world);

test('no page violates the policy or logs an error', () => {
  expect(world.desk.complaints).toEqual([]);
});
