import { describe, expect, it } from 'vitest';
import { editLines, editsOf } from './words.ts';

const drafted = {
  name: 'A',
  target_definition: { titles: ['CFO'] },
  suggested_cadence: { steps: [{ delay_days: 0 }] },
};

describe('the edits of a play', () => {
  it('show old and new values, each relative to the previous edit', () => {
    const edits = editsOf(drafted, [
      {
        at: '2026-11-23T09:00:00.000Z',
        user_name: 'Ada',
        patch: [
          { op: 'replace', path: '/name', value: 'B' },
          { op: 'add', path: '/target_definition/titles/1', value: 'Controller' },
        ],
      },
      {
        at: '2026-11-23T10:30:00.000Z',
        user_name: 'Bo',
        patch: [
          { op: 'replace', path: '/name', value: 'C' },
          { op: 'remove', path: '/target_definition/titles/0' },
          { op: 'replace', path: '/target_definition/titles/0', value: 'x/y' },
        ],
      },
    ]);
    expect(editLines(edits)).toEqual([
      '  2026-11-23 09:00 UTC, Ada:',
      '    name: from “A” to “B”',
      '    target_definition.titles.1: added “Controller”',
      '  2026-11-23 10:30 UTC, Bo:',
      '    name: from “B” to “C”',
      '    target_definition.titles.0: removed “CFO”',
      '    target_definition.titles.0: from “Controller” to “x/y”',
    ]);
    expect(drafted.name).toBe('A');
  });

  it('show as much as can be reconstructed, and shorten long values', () => {
    const patch = [{ op: 'replace', path: '/no/such~1place', value: 'x'.repeat(500) }] as const;
    const [line = ''] = editLines(
      editsOf(drafted, [{ at: '2026-11-23T09:00:00Z', user_name: 'Ada', patch }]),
    ).slice(1);
    expect(line).toMatch(/^ {4}no\.such\/place: added “x+…$/);
    expect(line.length).toBeLessThan(200);
  });
});
