import { expect, test } from 'vitest';
import { expectAccessible, type PagesWorld } from '../pages_world.ts';
import { STEP_MS } from '../step_ms.ts';

const CSV = 'email,reason\nkim@rival.example,asked at the fair\nnonsense,\n';

/** The list of addresses and domains that are never contacted. */
export function doNotContactPages(world: () => PagesWorld): void {
  test('addresses and domains are checked, added, imported, searched, and lifted', {
    timeout: STEP_MS,
  }, async () => {
    const page = await world().open('/leads');
    await page.getByRole('link', { name: 'Do not contact' }).click();
    await page.getByRole('heading', { level: 1, name: 'Do not contact' }).waitFor();
    await page.getByRole('button', { name: 'Add…' }).click();
    const adding = page.getByRole('dialog', { name: 'Add to do not contact' });
    await adding.getByLabel('Addresses, domains, or phone numbers').fill('rival.example\nnonsense');
    await adding.getByLabel('Reason').fill('a competitor');
    await adding.getByRole('button', { name: 'Check' }).click();
    await adding.getByText('Reason (required)').waitFor();
    await adding
      .getByText('nonsense is not an address, domain, or phone number: the domain has no dot.')
      .waitFor();
    expect(await adding.getByRole('alert').count()).toBe(0);
    world().expectRefused(422);
    await adding.getByLabel('Addresses, domains, or phone numbers').fill('rival.example\n+1 202 555 0199');
    await adding.getByRole('button', { name: 'Check' }).click();
    await adding.getByText('2 suppressions to add. No current lead is affected.').waitFor();
    await world().picture(page, 'do_not_contact_add');
    await adding.getByRole('button', { name: 'Add', exact: true }).click();
    const lines = page.locator('.record_list > li');
    await lines.filter({ hasText: 'rival.example' }).filter({ hasText: 'a competitor' }).waitFor();

    await page.getByRole('button', { name: 'Import CSV…' }).click();
    const importing = page.getByRole('dialog', { name: 'Import a do not contact list' });
    await importing
      .getByLabel('CSV file')
      .setInputFiles({ name: 'list.csv', mimeType: 'text/csv', buffer: Buffer.from(CSV) });
    await importing.getByText('2 rows: 1 to add, 0 already on the list or repeated, 1 invalid.').waitFor();
    await importing.getByRole('button', { name: 'Import', exact: true }).click();
    await lines.filter({ hasText: 'asked at the fair' }).waitFor();
    await expectAccessible(page);
    await world().pictures(page, 'do_not_contact');

    await page.getByRole('searchbox').fill('rival');
    await expect.poll(() => lines.count()).toBe(1);
    await lines.getByRole('button', { name: 'Lift…' }).click();
    const lifting = page.getByRole('dialog', { name: 'Lift the suppression of rival.example?' });
    await lifting.getByLabel('Reason').fill('a partner now');
    await lifting.getByRole('button', { name: 'Lift' }).click();
    await page.getByText('Nothing on the list begins with “rival”').waitFor();
    await page.getByLabel('Status').selectOption('lifted');
    await lines.filter({ hasText: 'a partner now' }).waitFor();
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Export CSV' }).click();
    expect((await download).suggestedFilename()).toBe('do_not_contact.csv');
  });
}
