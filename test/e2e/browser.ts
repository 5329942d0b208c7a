import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sparticuz from '@sparticuz/chromium';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

const MANIFEST = new URL('../../package.json', import.meta.url);

/**
 * Chromium from CHROMIUM_PATH, or from the npm package. Without that package's arguments: they switch off the web security
 * that is tested here.
 */
export async function openBrowser(): Promise<Browser> {
  const executablePath = process.env.CHROMIUM_PATH || (await unpackedChromium());
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
}

/**
 * Unpacked once per machine, outside this run's directory. Test files that start together may both unpack: each uses its
 * own directory, and the first to finish renames its own for all.
 */
async function unpackedChromium(): Promise<string> {
  const { TMPDIR, LASTING_TMPDIR = tmpdir() } = process.env;
  const { devDependencies } = JSON.parse(await readFile(MANIFEST, 'utf8'));
  const kept = join(LASTING_TMPDIR, `touchline-chromium-${devDependencies['@sparticuz/chromium']}`);
  if (!existsSync(kept)) {
    const own = await mkdtemp(`${kept}.`);
    process.env.TMPDIR = own;
    await sparticuz.executablePath();
    if (TMPDIR === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = TMPDIR;
    await rename(own, kept).catch(() => rm(own, { recursive: true, force: true }));
  }
  return join(kept, 'chromium');
}

export type WatchedPage = { page: Page; complaints: string[] };

/** A page with a record of console errors, uncaught exceptions, and violations of the content security policy. */
export async function openPage(browser: Browser, options: BrowserContextOptions = {}): Promise<WatchedPage> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(`console: ${message.text()} (${message.location().url})`);
  });
  page.on('pageerror', (error) => complaints.push(`exception: ${error.message}`));
  await context.exposeFunction('touchlineViolation', (text: string) => complaints.push(`policy: ${text}`));
  await context.addInitScript(() => {
    const scope = globalThis as unknown as {
      addEventListener(type: string, listener: (event: Violation) => void): void;
      touchlineViolation(text: string): void;
    };
    type Violation = { violatedDirective: string; blockedURI: string };
    scope.addEventListener('securitypolicyviolation', (event) =>
      scope.touchlineViolation(`${event.violatedDirective} stopped ${event.blockedURI}`),
    );
  });
  return { page, complaints };
}
