import { afterAll, expect, it } from 'vitest';
import type { Rendering, Template } from '../../src/templates/port.ts';
import { type OverBudget, openTemplates } from '../../src/templates/threads.ts';
import { aliasBomb, BOMBS, GREEDY, slowYaml } from './bombs.ts';

const told: OverBudget[] = [];
const templates = openTemplates((over) => told.push(over));
afterAll(() => templates.close());

const DATA: Rendering['data'] = {
  lead: { first_name: 'Ada', last_name: 'Lovelace', title: 'Head of Commerce' },
  account: { name: 'Engines', vertical: '', segment: '' },
  campaign: { name: 'Fair' },
  enrollment: { goal: '' },
  sender: { name: 'Brooke' },
  client: { name: 'B2BEA', postal_address: '1 Example Street' },
};
const plain = (body: string): Template => ({ subject: null, body });
const check = (bodies: string[], asker = 'someone') =>
  templates.check({ kind: 'campaign', templates: bodies.map(plain), pre_approved: false }, asker);

it.each([BOMBS.loop, BOMBS.loop_in_loop])(
  'the engine ends %# with its step, and the thread with it',
  async (bomb) => {
    told.length = 0;
    expect(await check(['Hello', bomb, bomb])).toMatchObject({ step: 1, field: 'body', over_budget: 'time' });
    expect(told).toEqual([{ kind: 'campaign', budget: 'time' }]);
    // The next caller has a new thread.
    expect(await check(['Hello'])).toBeNull();
  },
);

it.each(Object.values(GREEDY))('the engine refuses %# for the text that it joins', async (greedy) => {
  expect(await check([greedy])).toMatchObject({ step: 0, over_budget: 'memory' });
});

it('the engine keeps all messages of a document within one output limit', async () => {
  const long = '{% for i in (1..4900) %}0123456789{% endfor %}';
  expect(await check(Array(10).fill(long))).toBeNull();
  expect(await check(Array(11).fill(long))).toMatchObject({ step: 10, over_budget: 'output' });
});

it('the engine has no tag that reads files or keeps counters', async () => {
  for (const tag of ['{% include "x" %}', '{% render "x" %}', '{% layout "x" %}', '{% increment n %}'])
    expect(await check([tag])).toMatchObject({ message: expect.stringMatching(/tag "\w+" not found/) });
});

it('the engine takes turns, so that only the asker of a large job waits for it', async () => {
  await check(['Hello']);
  let bombs_done = 0;
  const bombs = Array.from({ length: 3 }, () =>
    check([BOMBS.loop], 'much').then(() => {
      bombs_done += 1;
    }),
  );
  expect(await check(['Hello'], 'little')).toBeNull();
  expect(bombs_done).toBeLessThanOrEqual(2);
  await Promise.all(bombs);
}, 60_000);

it('the engine refuses one asker’s excessive queue, and no job of another', async () => {
  const asked = Array.from({ length: 40 }, () => check(['Hello'], 'flood').catch((error) => error.code));
  const other = check(['Hello'], 'other');
  expect((await Promise.all(asked)).filter((answer) => answer === 'checks_busy')).not.toHaveLength(0);
  expect(await other).toBeNull();
});

it('the engine limits the parsing of YAML, however it is nested', async () => {
  expect(await templates.readYaml('a: [1, two]', 'x')).toMatchObject({ value: { a: [1, 'two'] } });
  const refused = async (yaml: string) =>
    templates.readYaml(yaml, 'x').then(
      (read) => ('faults' in read ? read.faults[0]!.message : 'read'),
      (error) => error.code,
    );
  expect(await refused(aliasBomb())).toMatch(/alias/);
  expect(await refused(slowYaml())).toMatch(/yaml_over_budget|more than 20000/);
  for (const pit of ['['.repeat(100_000), '- '.repeat(100_000)]) expect(await refused(pit)).not.toBe('read');
}, 60_000);

it('the engine renders the other messages of a batch, and retries a template that took too long once', async () => {
  const texts = new Map([
    ['bomb', plain(BOMBS.one_lead)],
    ['good', plain('Hi {{ lead.first_name }}')],
  ]);
  const bomb = { ...DATA, lead: { ...DATA.lead, title: 'Bomb' } };
  const batch = [
    { template: 'good', data: DATA },
    { template: 'bomb', data: bomb },
    { template: 'good', data: DATA },
  ];
  const made = { subject: '', body: 'Hi Ada' };
  const over = { error: 'the template takes too long', over_budget: 'time' };
  expect(await templates.render(texts, batch)).toEqual([made, over, made]);
  const began_ms = performance.now();
  expect(await templates.render(texts, [...batch, ...batch])).toEqual([made, over, made, made, over, made]);
  expect(performance.now() - began_ms).toBeLessThan(200);
}, 30_000);

it('the engine refuses jobs after its end, and does not hang', async () => {
  const own = openTemplates();
  const document = { kind: 'play', templates: [plain(BOMBS.loop)], pre_approved: false } as const;
  const waiting = own.check(document, 'x').catch((error) => error.code);
  await own.close();
  expect(await waiting).toBe('checks_busy');
  await expect(own.check(document, 'x')).rejects.toMatchObject({ code: 'checks_busy' });
});
