import { expect, test } from 'vitest';
import { expectAccessible, type PagesWorld } from '../pages_world.ts';
import { STEP_MS } from '../step_ms.ts';

const CSV = `Email,First name,Last name,LinkedIn
robin@vale.example,Robin,Vale,https://linkedin.com/in/robin-vale
r.vale@home.example,R,,https://linkedin.com/in/robin-vale
`;

/** Runs in the page, with its session. */
async function imports(body: string): Promise<number> {
  const headers = { 'Content-Type': 'text/csv' };
  return (await fetch('/api/v1/leads/import', { method: 'POST', headers, body })).status;
}

async function idOf(email: string): Promise<string> {
  return ((await (await fetch(`/api/v1/leads/${email}`)).json()) as { id: string }).id;
}

/** The addresses of a lead, and the merge of a second row of the same person. */
export function addressPages(world: () => PagesWorld): void {
  test('an address is added, becomes primary, and a second row is merged', { timeout: STEP_MS }, async () => {
    const page = await world().open('/leads');
    expect(await page.evaluate(imports, CSV)).toBe(200);
    const other_id = await page.evaluate(idOf, 'r.vale@home.example');
    await world().open(`/leads/${await page.evaluate(idOf, 'robin@vale.example')}`);
    const addresses = page.locator('section', { has: page.getByRole('heading', { name: 'Addresses' }) });
    await addresses.getByRole('button', { name: 'Add address…' }).click();
    const adding = page.getByRole('dialog', { name: 'Add address' });
    await adding.getByLabel('Email address').fill('nonsense');
    await adding.getByRole('button', { name: 'Add', exact: true }).click();
    await adding
      .getByText(/exactly one @/i)
      .first()
      .waitFor();
    world().expectRefused(422);
    await adding.getByLabel('Email address').fill('robin@new.example');
    await adding.getByRole('button', { name: 'Add', exact: true }).click();
    await addresses.getByRole('button', { name: 'Change robin@new.example' }).click();
    await page
      .getByRole('dialog', { name: 'robin@new.example' })
      .getByRole('button', { name: 'Make primary' })
      .click();
    const primary = addresses.locator('li', { hasText: 'robin@new.example' }).filter({ hasText: 'Primary' });
    await primary.waitFor();

    const suggested = page.locator('section', {
      has: page.getByRole('heading', { name: 'Maybe the same person' }),
    });
    await suggested.getByText('same LinkedIn profile').waitFor();
    await expectAccessible(page);
    await world().pictures(page, 'lead_addresses');
    await suggested.getByRole('button', { name: 'Compare and merge…' }).click();
    const merging = page.getByRole('dialog', { name: 'Merge into Robin Vale' });
    await merging.getByRole('button', { name: 'Preview merge' }).click();
    await merging.getByRole('columnheader', { name: 'Is merged' }).waitFor();
    for (const name of ['Name', 'Company', 'Addresses', 'Owner', 'Last touch', 'Consent'])
      await merging.getByRole('rowheader', { name }).waitFor();
    await merging.getByRole('table').getByText('r.vale@home.example').waitFor();
    await world().picture(page, 'lead_merge');
    await merging.getByRole('button', { name: 'Merge', exact: true }).click();
    await addresses.getByText('r.vale@home.example').waitFor();
    await expect.poll(() => suggested.count()).toBe(0);
    await world().open(`/leads/${other_id}`);
    await page.getByRole('heading', { level: 1, name: 'Robin Vale' }).waitFor();
  });
}
