import { expect, test } from 'vitest';
import { expectAccessible, type PagesWorld, pressKey } from '../pages_world.ts';
import { STEP_MS } from '../step_ms.ts';

/** A busy machine takes its time. */
const SOON = { timeout: 10_000 };
const CSV = [
  'Mail 1;Given name;Surname;Firm;Note',
  'ines.imported@harbour-mills.example;Ines;Imported;Harbour Mills;met in spring',
  'otto.imported@harbour-mills.example;Otto;Imported;Harbour Mills;',
  'not an address;Nobody;At all;Harbour Mills;',
].join('\n');

const LEADS = 450;
const MANY = [
  'Email,First name,Company',
  ...Array.from({ length: LEADS }, (_, n) => `many${n}@many-mills.example,"Many, ${n}",Many Mills`),
].join('\n');

/** The list of leads, the page of one lead, and imports. */
export function leadPages(world: () => PagesWorld): void {
  test('the address keeps the filters of the leads list, and keys move through it', {
    timeout: STEP_MS,
  }, async () => {
    const page = await world().open('/leads');
    await page.getByLabel('Tier', { exact: true }).selectOption('T1');
    await page.waitForURL('**/leads?icp_tier=T1');
    await page.getByLabel('Segment', { exact: true }).selectOption('enterprise_strategic');
    await page.waitForURL('**segment=enterprise_strategic');
    const rows = page.locator('.lead_rows .row');
    await rows.first().waitFor();
    await expect.poll(() => rows.locator('.row_end').filter({ hasNotText: 'T1' }).count(), SOON).toBe(0);
    await page.locator('h1').click();
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    expect(await page.evaluate(`document.activeElement.getAttribute('href')`)).toBe(
      await rows.nth(1).getAttribute('href'),
    );
    await expectAccessible(page);
    await world().pictures(page, 'leads');
    await page.keyboard.press('/');
    await page.keyboard.type('brightpath');
    await expect.poll(() => page.url(), SOON).toContain('q=brightpath');
    await page.reload();
    await rows.first().waitFor();
    expect(await page.getByRole('searchbox').inputValue()).toBe('brightpath');
    await page.getByRole('button', { name: 'Clear filters' }).click();
    await page.waitForURL('**/leads');
  });

  test('lists of the user’s own leads stay in the address', { timeout: STEP_MS }, async () => {
    const page = await world().open('/leads');
    await page.getByLabel('Owner', { exact: true }).selectOption('mine');
    await page.waitForURL('**/leads?scope=mine');
    await page.getByRole('heading', { name: 'No leads match' }).waitFor();
    await expectAccessible(page);
    await world().pictures(page, 'leads_mine');
    await world().open('/personal');
    await page.getByLabel('Owner', { exact: true }).selectOption('mine');
    await page.waitForURL('**/personal?scope=mine');
    await page.getByRole('heading', { name: 'No manual sends for you' }).waitFor();
    await expectAccessible(page);
    await world().pictures(page, 'personal_mine');
    await page.getByRole('link', { name: 'Show all manual sends' }).click();
    await page.waitForURL('**/personal?scope=all');
  });

  test('a user takes a lead, finds it among the user’s own, and gives it up', {
    timeout: STEP_MS,
  }, async () => {
    const page = await world().open('/leads');
    await page.locator('.lead_rows .row').first().click();
    await page.getByText('Owner: none').waitFor();
    const address = page.url();
    await page.getByLabel('Owner', { exact: true }).selectOption({ label: 'Admin (you)' });
    await page.getByText('Owner: you').waitFor();
    await expectAccessible(page);
    await world().pictures(page, 'lead_owned');
    await world().open('/leads?scope=mine');
    await page.locator('.lead_rows .row').first().waitFor();
    expect(await page.locator('.lead_rows .row').count()).toBe(1);
    await page.locator('.lead_rows').getByText('owner: Admin').waitFor();
    await page.goto(address);
    await page.getByLabel('Owner', { exact: true }).selectOption('No owner');
    await page.getByText('Owner: none').waitFor();
    await page.getByLabel('Owner', { exact: true }).selectOption({ index: 1 });
    await page.getByText(/^Owner: (?!none)/).waitFor();
    await page.getByLabel('Owner', { exact: true }).selectOption('No owner');
    await page.getByText('Owner: none').waitFor();
  });

  test('a lead is enrolled after a preview of the gates', {
    timeout: STEP_MS,
  }, async () => {
    const page = await world().open('/leads?icp_tier=T3&blocked=false');
    await page.locator('.lead_rows .row').first().click();
    await page.getByRole('heading', { name: 'Next steps' }).waitFor();
    await pressKey(page, 's');
    const dialog = page.getByRole('dialog', { name: /^Enroll / });
    await dialog.getByLabel('Campaign').selectOption('b2bea_membership_close');
    await dialog.getByRole('button', { name: 'Check gates' }).click();
    await dialog.getByText('T3 leads belong to marketing').waitFor();
    expect(await dialog.getByRole('button', { name: 'Enroll', exact: true }).isDisabled()).toBe(true);
    await expectAccessible(page);
    await world().pictures(page, 'lead_refused');
    await dialog.getByLabel('Campaign').selectOption('b2bea_nurture');
    await dialog.getByRole('button', { name: 'Check gates' }).click();
    await dialog.getByText('All gates passed.').waitFor();
    await dialog.getByRole('button', { name: 'Enroll', exact: true }).click();
    await page.getByText('The first step is drafted next.').waitFor();
    await page.locator('.lead_aside').getByRole('link', { name: 'B2BEA vendor nurture' }).waitFor();
    await page.locator('.timeline_line').first().waitFor();
    await page.getByRole('button', { name: 'Enrollments', exact: true }).click();
    await expect.poll(() => page.locator('.timeline_line').count(), SOON).toBe(1);
    await page.getByRole('button', { name: 'All', exact: true }).click();
    await expectAccessible(page);
    await world().pictures(page, 'lead');
  });

  test('an edit of a lead keeps the concurrent change of another user', {
    timeout: STEP_MS,
  }, async () => {
    const page = await world().open('/leads?icp_tier=T2&blocked=false');
    await page.locator('.lead_rows .row').first().click();
    await page.getByRole('heading', { name: 'Next steps' }).waitFor();
    await pressKey(page, 'e');
    const dialog = page.getByRole('dialog', { name: /^Edit / });
    await dialog.getByLabel('Title', { exact: true }).fill('Head of Harbours');
    await page.evaluate(changeCountry, page.url().split('/').at(-1)!);
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.getByText('Not saved: someone else changed this lead').waitFor();
    expect(await dialog.getByLabel('Title', { exact: true }).inputValue()).toBe('Head of Harbours');
    expect(await dialog.getByLabel('Country').inputValue()).toBe('NZ');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Head of Harbours').waitFor();
    world().desk.complaints.splice(0, Infinity, ...others(world().desk.complaints, '412'));
  });

  test('an opt-out shows its time, source, user, and the effect of lifting it', {
    timeout: STEP_MS,
  }, async () => {
    const page = await world().open('/leads?blocked=false&cadence_state=idle');
    await page.locator('.lead_rows .row').nth(3).click();
    await page.getByRole('button', { name: 'Opt out…' }).click();
    await page.getByRole('dialog').getByLabel('Reason').fill('asked on the phone');
    await page.getByRole('dialog').getByRole('button', { name: 'Opt out' }).click();
    const aside = page.locator('.lead_aside');
    await aside.getByText('Admin opted the lead out (“asked on the phone”)').waitFor();
    await aside.getByText('Ended enrollments stay ended').waitFor();
    await page.getByRole('button', { name: 'Delete personal data…' }).click();
    const forget = page.getByRole('dialog', { name: /^Delete personal data of / });
    await forget.getByLabel('Reason').fill('asked to be');
    expect(await forget.getByRole('button', { name: 'Delete personal data' }).isDisabled()).toBe(true);
    await page.keyboard.press('Escape');
    await world().pictures(page, 'lead_opted_out');
  });

  test('personal data is deleted, with a review before and what remains after', {
    timeout: STEP_MS,
  }, async () => {
    const page = await world().open('/leads?blocked=false&cadence_state=idle');
    await page.locator('.lead_rows .row').nth(4).click();
    await page.getByRole('button', { name: 'Delete personal data…' }).waitFor();
    const name = (await page.getByRole('heading', { level: 1 }).textContent())!;
    await page.evaluate(nameInCampaign, name);
    await page.getByRole('button', { name: 'Delete personal data…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Reason').fill('asked by phone');
    await dialog.getByRole('textbox').last().fill(name);
    await dialog.getByRole('button', { name: 'Delete personal data' }).click();
    await dialog.getByRole('heading', { name: 'Not reached' }).waitFor();
    await dialog.getByText('Backups of the database keep the lead').waitFor();
    await dialog.getByRole('link', { name: 'Campaign, name' }).waitFor();
    await expectAccessible(page);
    await world().pictures(page, 'lead_erased_answer');
    await page.keyboard.press('Escape');
    await page.getByRole('heading', { name: 'Texts to review' }).waitFor();
    await expectAccessible(page);
    await world().pictures(page, 'lead_erased');
    await page.getByRole('button', { name: 'Mark reviewed' }).click();
    await page.getByRole('heading', { name: 'Texts to review' }).waitFor({ state: 'hidden' });
  });

  test('an import previews a CSV file, maps its columns, and imports the valid rows', {
    timeout: STEP_MS,
  }, async () => {
    const page = await world().open('/leads/import');
    await expectAccessible(page);
    await world().pictures(page, 'import_empty');
    await page.getByLabel('Or paste rows').fill(CSV);
    await page.getByRole('button', { name: 'Preview import' }).click();
    await page.getByText('Select the column with the email address.').waitFor();
    // Recognized columns stay mapped.
    expect(await page.getByLabel('Given name maps to').inputValue()).toBe('first_name');
    expect(await page.getByLabel('Surname maps to').inputValue()).toBe('last_name');
    await page.getByLabel('Mail 1 maps to').selectOption('email');
    await page.getByRole('heading', { name: 'Preview of 3 rows' }).waitFor();
    await page.getByLabel('Firm maps to').selectOption('company');
    await page.getByRole('button', { name: 'Import 2 leads' }).waitFor();
    await expect.poll(() => page.getByText('Checking the file').count(), SOON).toBe(0);
    expect(await page.locator('.import_errors tbody tr').count()).toBe(1);
    await expectAccessible(page);
    await world().pictures(page, 'import_preview');
    await page.getByRole('button', { name: 'Import 2 leads' }).click();
    await page.getByText('2 leads imported').waitFor();
    await page.getByRole('link', { name: /Ines Imported/ }).waitFor();
    await world().pictures(page, 'import_done');
    await page.getByRole('button', { name: 'Enroll in a campaign…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Enroll 2 leads' });
    await dialog.getByLabel('Campaign').selectOption('b2bea_nurture');
    await dialog.getByRole('button', { name: 'Check gates' }).click();
    await dialog.getByRole('button', { name: 'Enroll 2 leads' }).click();
    const started = page.getByRole('dialog', { name: '2 leads enrolled' });
    await started.getByRole('button', { name: 'Close' }).last().click();
    await page.getByRole('link', { name: /Ines Imported/ }).click();
    await page.getByRole('heading', { name: 'Ines Imported' }).waitFor();
    world().desk.complaints.splice(0, Infinity, ...others(world().desk.complaints, '422'));
  });

  test('all imported leads are enrolled in one campaign, and refused leads are listed by reason', {
    timeout: STEP_MS,
  }, async () => {
    const page = await world().open('/leads/import');
    await page.getByLabel('Or paste rows').fill(MANY);
    await page.getByRole('button', { name: 'Preview import' }).click();
    await page.getByRole('button', { name: `Import ${LEADS} leads` }).click();
    await page.getByRole('button', { name: 'Enroll in a campaign…' }).click();
    const dialog = page.getByRole('dialog', { name: `Enroll ${LEADS} leads` });
    // A campaign that refuses all of them, so that the other tests find no drafts of these leads.
    await dialog.getByLabel('Campaign').selectOption('b2bea_membership_cs');
    await dialog.getByRole('button', { name: 'Check gates' }).click();
    const refused = dialog.getByText(
      new RegExp(`^${LEADS} would be refused: the sequence is not allowed in the state`),
    );
    await refused.waitFor(SOON);
    await refused.click();
    await dialog.getByText(`And ${LEADS - 20} more.`).waitFor();
    expect(await dialog.getByRole('button', { name: 'Enroll 0 leads' }).isDisabled()).toBe(true);
    await expectAccessible(page);
    await world().pictures(page, 'import_start');
    await page.keyboard.press('Escape');
  });
}

/** The browser logs every response that is not a success. */
function others(complaints: readonly string[], status: string): string[] {
  return complaints.filter((text) => !text.includes(`status of ${status}`));
}

/** Changes the lead outside the page, as another user would. */
async function changeCountry(id: string): Promise<void> {
  await fetch(`/api/v1/leads/${id}`, {
    method: 'PATCH',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ country: 'NZ' }),
  });
}

/** Creates a campaign whose name contains the name of one person. */
async function nameInCampaign(name: string): Promise<void> {
  const step = {
    step_number: 1,
    delay_days: 0,
    channel: 'email',
    content_type: 'follow_up',
    template_instructions: 'Ask.',
  };
  const about = { client: 'b2bea', type: 'membership', owner_role: 'roles.sales', on_exit: {} };
  const made = await fetch('/api/v1/campaigns', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ slug: 'one_person', name: `Follow up with ${name}`, ...about, steps: [step] }),
  });
  if (!made.ok) throw new Error(await made.text());
}
