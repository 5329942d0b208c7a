import { expect, it } from 'vitest';
import { Pauses } from '../../src/templates/pauses.ts';

it('the engine pauses an asker after three timeouts in the same minute, until the minute ends', () => {
  let now_ms = 0;
  const pauses = new Pauses(() => now_ms);
  for (const at_ms of [0, 20_000]) {
    now_ms = at_ms;
    pauses.add('a');
    pauses.check('a');
  }
  now_ms = 30_000;
  pauses.add('a');
  const refusal = { code: 'checks_paused', status: 429, extra: { retry_after: 30 } };
  expect(() => pauses.check('a')).toThrow(expect.objectContaining(refusal));
  pauses.check('b');
  now_ms = 60_000;
  pauses.check('a');
  pauses.add('a');
  pauses.check('a');
});

it('the engine forgets the oldest of more than a thousand askers', () => {
  const pauses = new Pauses(() => 0);
  for (let times = 0; times < 3; times += 1) pauses.add('first');
  for (let at = 0; at < 999; at += 1) pauses.add(`a${at}`);
  expect(() => pauses.check('first')).toThrow();
  pauses.add('another');
  pauses.check('first');
});
