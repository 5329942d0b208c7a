import { expect, test } from 'vitest';
import { COVERED_BY_NOTICES } from '../in_browser.ts';
import { DESK, expectAccessible, type PagesWorld, pressKey } from '../pages_world.ts';
import { STEP_MS } from '../step_ms.ts';

const NAME = 'Spring follow-up';
const FILE = `slug: autumn_follow_up
name: Autumn follow-up
client: b2bea
type: membership
owner_role: roles.sales
steps:
  - { step_number: 1, delay_days: 0, channel: fax, content_type: follow_up, template_instructions: Write. }
`;

/** Campaigns: list, exit rules, funnel, steps, and creation. */
export function campaignPages(world: () => PagesWorld): void {
  test('the list shows enrollment counts and exit rules', {
    timeout: STEP_MS,
  }, async () => {
    const page = await world().open('/campaigns');
    await page
      .getByText(/ active · .* ended/)
      .first()
      .waitFor();
    await page.getByRole('heading', { name: 'Exit rules' }).waitFor();
    await page.getByText('Converted: ').first().waitFor();
    await expectAccessible(page);
    await world().pictures(page, 'campaigns');
    await page.locator('.exit_map').scrollIntoViewIfNeeded();
    await world().pictures(page, 'campaigns_map');
  });

  test('a campaign shows its funnel, a key pauses and activates it, and a dialog ends an enrollment', {
    timeout: STEP_MS,
  }, async () => {
    const page = await world().open('/campaigns/b2bea_membership_close');
    await page.getByRole('row', { name: /^1\. Follow-up/ }).waitFor();
    await page.locator('.people li').first().waitFor();
    await expectAccessible(page);
    await world().pictures(page, 'campaign');
    await pressKey(page, 'p');
    await page.getByText('Paused. Steps wait until you activate the campaign.').waitFor();
    await page.getByRole('button', { name: 'Activate campaign' }).waitFor();
    for (const viewport of [DESK, { width: 900, height: 600 }, { width: 380, height: 760 }]) {
      await page.setViewportSize(viewport);
      expect(await page.evaluate(COVERED_BY_NOTICES)).toEqual({ notices: 1, covered: [] });
      await world().picture(page, `notice_${viewport.width}`);
    }
    await page.setViewportSize(DESK);
    await pressKey(page, 'p');
    await page.getByRole('button', { name: 'Pause campaign' }).waitFor();
    await page.getByRole('heading', { name: 'Enrolled leads' }).scrollIntoViewIfNeeded();
    await world().pictures(page, 'campaign_people');
    const person = await page.locator('.people li a').last().textContent();
    await page.locator('.people li').last().getByRole('button', { name: 'End…' }).click();
    await page.getByLabel('Exit reason').selectOption('rejected');
    await page.getByRole('button', { name: 'End enrollment' }).click();
    await page.getByText(`Ended: ${person}.`).waitFor();
    await page.getByLabel('Status').selectOption('rejected');
    await page.locator('.people').getByRole('link', { name: person! }).waitFor();
  });

  test('a form creates a campaign, and editing its steps shows the effect before saving', {
    timeout: STEP_MS,
  }, async () => {
    const page = await world().open('/campaigns/new');
    await page.getByLabel('From a YAML file').setInputFiles({
      name: 'autumn.yaml',
      mimeType: 'application/yaml',
      buffer: Buffer.from(FILE),
    });
    await page
      .getByText(/steps\[0\]\.channel, line 7/)
      .first()
      .waitFor();
    world().expectRefused(422);
    await page.getByRole('button', { name: 'Create campaign' }).click();
    await page.getByText('Enter a name.').waitFor();
    await page.getByLabel('Name', { exact: true }).fill(NAME);
    await page.getByLabel('Brand').selectOption('b2bea');
    await page.getByLabel('What to write').fill('Pick up what they said in spring.');
    await page.getByLabel('Converted').selectOption('b2bea_membership_cs');
    await expectAccessible(page);
    await world().pictures(page, 'campaign_new');
    await page.getByRole('button', { name: 'Create campaign' }).click();
    await page.getByRole('heading', { name: NAME, level: 1 }).waitFor();
    await pressKey(page, 'e');
    await page.getByText('No leads are enrolled.').waitFor();
    await page.getByRole('button', { name: 'Add step' }).click();
    // The step that was just added, not the first one before it appears.
    await page.getByLabel('What to write').nth(1).fill('Ask once more, in one line.');
    await page.getByText('Add template').first().click();
    await page.getByLabel('Subject').first().fill('Spring');
    await page.getByLabel('Text', { exact: true }).first().fill('Dear {{ lead.firstname }},');
    await page.keyboard.press('Control+Enter');
    await page.getByText('Not saved. Fix the marked field').waitFor();
    world().expectRefused(422);
    await page
      .locator('.field_fault')
      .getByText(/lead\.firstname; a template may name lead\.first_name/)
      .waitFor();
    await page.getByLabel('Text', { exact: true }).first().fill('Dear {{ lead.first_name }},');
    await page.keyboard.press('Control+Enter');
    await page.getByRole('row', { name: /^2\. Follow-up/ }).waitFor();
    await page.goto(`${world().product.url}/campaigns/b2bea_membership_close/steps`);
    await page.getByText('leads are enrolled').waitFor();
    await page.getByRole('button', { name: 'Remove step 1' }).click();
    await expectAccessible(page);
    await world().pictures(page, 'campaign_steps');
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('button', { name: 'Discard' }).click();
    await page.getByRole('heading', { name: 'Funnel' }).waitFor();
    expect(await page.locator('.funnel tbody tr').count()).toBe(8);
  });

  test('settings change name, owner, and exit rules, and a loop of exit rules is refused', {
    timeout: STEP_MS,
  }, async () => {
    const page = await world().open('/campaigns/b2bea_membership_cs');
    await page.getByRole('button', { name: 'Pause campaign' }).waitFor();
    await pressKey(page, 's');
    await page.getByLabel('Name', { exact: true }).fill('B2BEA success');
    await page.getByLabel('Owner', { exact: true }).selectOption('roles.sales');
    await page.getByLabel('Rejected').selectOption('gate b2bea_nurture');
    await page.getByLabel('Converted').selectOption('b2bea_membership_close');
    await page.getByRole('button', { name: 'Save settings' }).click();
    await page
      .getByText(/^The exit rules form a loop: B2BEA .+ → B2BEA membership close → B2BEA .+\.$/)
      .waitFor();
    await page.getByText('Not saved: the exit rules form a loop.').waitFor();
    world().expectRefused(422);
    await expectAccessible(page);
    await world().pictures(page, 'campaign_settings');
    await page.getByLabel('Converted').selectOption('gate b2bea_membership_close');
    await page.evaluate(pauseByAnother, 'b2bea_membership_cs');
    await page.getByRole('button', { name: 'Save settings' }).click();
    await page.getByText('someone else changed this campaign while you were editing').waitFor();
    world().expectRefused(412);
    await page.keyboard.press('Control+Enter');
    await page.getByRole('heading', { name: 'B2BEA success', level: 1 }).waitFor();
    await page.getByText('a person decides; suggested: B2BEA vendor nurture').waitFor();
    await page.locator('.facts dd').filter({ hasText: 'roles.sales' }).waitFor();
    await page.locator('.badge').filter({ hasText: 'Paused' }).waitFor();
    await pressKey(page, 'p');
    await page.getByText('Active. Paused steps resume.').waitFor();
  });
}

/** A colleague's change in another window, past the page. */
async function pauseByAnother(slug: string): Promise<void> {
  await fetch(`/api/v1/campaigns/${slug}`, {
    method: 'PATCH',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ status: 'paused' }),
  });
}
