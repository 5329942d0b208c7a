import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openIdConfiguration, openIdProvider } from '../../src/connectors/openid.ts';
import { type SingleSignOn, singleSignOn } from '../../src/operations/access/sso.ts';
import { changeFeeds } from '../../src/operations/log/change_feeds.ts';
import { CALLBACK_PATH } from '../../src/surfaces/oidc.ts';
import { testDatabase } from '../database.ts';
import { addPerson, type Door, openDoor, PASSWORD } from '../sending/door.ts';
import { CLIENT, type IdentityProvider, startIdentityProvider } from '../surfaces/identity_provider.ts';
import { createWorld } from '../world.ts';
import { openBrowser, openPage } from './browser.ts';
import { buildWeb } from './product.ts';
import { STEP_MS } from './step_ms.ts';

/* Sign-in without a printed link, in a real browser. */

const { db } = await testDatabase();
let door: Door;
let provider: IdentityProvider;
let browser: Browser;
let email: string;

beforeAll(async () => {
  const web_dir = await buildWeb();
  const world = await createWorld(db);
  const context = { ...world.worker_context, has_sso: true };
  // Server and provider need each other's address, so one is filled in later.
  const later: { sso?: SingleSignOn } = {};
  const sso: SingleSignOn = {
    begin: () => later.sso!.begin(),
    finish: (sealed, query, client) => later.sso!.finish(sealed, query, client),
  };
  door = await openDoor(
    db,
    { ...world, worker_context: context },
    { sso, web_dir, changes: changeFeeds(context) },
  );
  const callback = door.url + CALLBACK_PATH;
  provider = await startIdentityProvider(callback);
  const configuration = openIdConfiguration({ issuer: provider.issuer, ...CLIENT });
  later.sso = singleSignOn(context, openIdProvider(configuration), () => callback);
  ({ email } = await addPerson(db, world.org_id, { roles: ['rep'] }));
  browser = await openBrowser();
}, 120_000);

afterAll(async () => {
  await browser?.close();
  await Promise.all([door?.close(), provider?.close()]);
});

test('a password signs in, after a wrong one', { timeout: STEP_MS }, async () => {
  const { page, complaints } = await openPage(browser);
  await page.goto(`${door.url}/sign-in`);
  await page.getByLabel('Email').fill(email);
  await page.getByLabel('Password').fill('not my password');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('alert').getByText('The address or the password is wrong.').waitFor();
  expect(await page.getByLabel('Email').inputValue()).toBe(email);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.keyboard.press('Enter');
  await page.getByRole('banner').getByText('Person').waitFor();
  expect(page.url()).toBe(`${door.url}/`);
  expect(complaints.filter((text) => !text.includes('401'))).toEqual([]);
  await page.context().close();
});

test.each([
  ['/leads?q=ada', '/leads?q=ada'],
  ['/sign-in?to=https://elsewhere.example/', '/'],
  ['/sign-in?to=//elsewhere.example/leads', '/'],
])('after signing in at %s the browser opens %s', { timeout: STEP_MS }, async (first, then) => {
  const { page } = await openPage(browser);
  await page.goto(door.url + first);
  await page.getByLabel('Email').fill(email);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.keyboard.press('Enter');
  await page.getByRole('banner').getByText('Person').waitFor();
  expect(page.url()).toBe(door.url + then);
  await page.context().close();
});

test('single sign-on signs in at the identity provider', { timeout: STEP_MS }, async () => {
  const { page } = await openPage(browser);
  await page.goto(`${door.url}/sign-in`);
  await page.getByRole('link', { name: 'Sign in with SSO' }).click();
  await page.locator('input[name=login]').fill(email);
  await page.locator('input[name=password]').fill('any');
  await page.locator('button[type=submit]').click();
  await page.locator('input[name=prompt][value=consent]').waitFor({ state: 'attached' });
  await page.locator('button[type=submit]').click();
  await page.getByRole('banner').getByText('Person').waitFor();
  expect(page.url()).toBe(`${door.url}/`);
  await page.context().close();
});
