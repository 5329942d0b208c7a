import { expect, test } from 'vitest';
import { check, ok } from '../../src/doctor/check.ts';
import { diagnosisText } from '../../src/doctor/doctor.ts';

test('a check has a time limit and reports what it throws', async () => {
  expect(await check('slow', () => new Promise(() => {}), 20)).toMatchObject({
    status: 'failure',
    seen: expect.stringContaining('0.02 s'),
  });
  const bug = () => {
    throw new TypeError('x is not a function');
  };
  expect(await check('bug', bug)).toMatchObject({ status: 'failure', seen: 'x is not a function' });
  const sly = { name: 'sly', ...ok(`\u001b[2J${'x'.repeat(5_000)}`) };
  const text = diagnosisText({ ok: true, is_away: false, checks: [sly, { ...sly, status: 'warning' }] });
  expect(text).toContain('Nothing failed: 1 ok, 1 warning, 0 skipped.');
  expect(text).not.toContain('\u001b');
  expect(text.length).toBeLessThan(3_000);
  expect(await check('fine', () => ok('yes'))).toEqual({
    name: 'fine',
    status: 'ok',
    seen: 'yes',
    next: null,
  });
});
