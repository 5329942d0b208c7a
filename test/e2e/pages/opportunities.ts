import { test } from 'vitest';
import { expectAccessible, type PagesWorld } from '../pages_world.ts';
import { STEP_MS } from '../step_ms.ts';

/** Runs in the page, with its session. */
async function idOfOne(): Promise<string> {
  const answer = (await (await fetch('/api/v1/leads?limit=1')).json()) as { items: { id: string }[] };
  return answer.items[0]!.id;
}

/** The deals of a lead. */
export function opportunityPages(world: () => PagesWorld): void {
  test('an opportunity is recorded, corrected, and lost with its reason', { timeout: STEP_MS }, async () => {
    const page = await world().open('/leads');
    await world().open(`/leads/${await page.evaluate(idOfOne)}`);
    const deals = page.locator('section', { has: page.getByRole('heading', { name: 'Opportunities' }) });
    await deals.getByText('No opportunity yet.').waitFor();
    await deals.getByRole('button', { name: 'Add opportunity…' }).click();
    const adding = page.getByRole('dialog', { name: /^New opportunity/ });
    await adding.getByLabel('Name').fill('Acme, 50 seats');
    await adding.getByLabel('Amount').fill('twelve');
    await adding.getByText('Enter an amount such as 12,000.50.').waitFor();
    await adding.getByLabel('Amount').fill('12,000');
    await adding.getByRole('button', { name: 'Add opportunity' }).click();
    await adding.getByText('an amount needs a currency').waitFor();
    world().expectRefused(422);
    await adding.getByLabel('Currency').fill('eur');
    await adding.getByLabel('Term in months').fill('24');
    await expectAccessible(page);
    await world().pictures(page, 'opportunity_new');
    await adding.getByRole('button', { name: 'Add opportunity' }).click();
    await deals.getByText('€12,000.00 over 24 months, €6,000.00 a year.').waitFor();
    await deals.getByRole('button', { name: 'Edit Acme, 50 seats' }).click();
    const editing = page.getByRole('dialog', { name: 'Acme, 50 seats' });
    await editing.getByLabel('Stage').selectOption('lost');
    await editing.getByLabel('Reason of the loss').fill('no budget');
    await editing.getByRole('button', { name: 'Save' }).click();
    await deals.getByText('(“no budget”)').waitFor();
    await expectAccessible(page);
    await world().pictures(page, 'lead_opportunities');
  });
}
