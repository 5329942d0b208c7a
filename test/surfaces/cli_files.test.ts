import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { terminal } from './terminal.ts';
import { startWorld } from './world.ts';

const world = await startWorld();
const folder = mkdtempSync(join(tmpdir(), 'touchline-cli-'));
const run = terminal({ cli_url: world.url, cli_key: 'tl_rep', data_dir: folder });
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await world.close();
});

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

describe('files', () => {
  const csv = `email\n${'a@b.test\n'.repeat(200_000)}bad\n`;

  test('are streamed, with the errors by line', async () => {
    const path = file('leads.csv', csv);
    const { code, out, err } = await run(['import', 'leads', path, '--dry-run', '--map', 'email=E-Mail=x']);
    expect(code).toBe(1);
    expect(out).toMatch(/^rows: +200001$/m);
    expect(out).toMatch(/^dry_run: +yes$/m);
    expect(out).toContain('{"email":"E-Mail=x"}');
    expect(out).toMatch(/^media_type: +text\/csv$/m);
    expect(err).toContain('line 200002, email: is no address (bad)');
    expect(err).toContain('1 row rejected.');
    expect(err).not.toContain('\r');
  });

  test('show their progress on a terminal, on the error stream only', async () => {
    const path = file('leads.csv', csv);
    const { code, out, err } = await run(['import', 'leads', path], { is_tty: true });
    expect(code).toBe(1);
    expect(err).toMatch(/\[#{24}\] 100 %/);
    expect(out).not.toContain('#');
  });

  test('can be read from the standard input too', async () => {
    const leads = await run('import leads - --json', { stdin: 'email\na@b.test\n' });
    expect(leads.code).toBe(0);
    expect(JSON.parse(leads.out)).toMatchObject({ rows: 1, bytes: 15 });
    const bad = await run('import leads - --json', { stdin: 'email\nbad\nbad\n' });
    expect([bad.code, JSON.parse(bad.out).error_count]).toEqual([1, 2]);
    const campaign = await run('import campaign -', { stdin: 'slug: x\n' });
    expect(campaign.out).toBe('length: 8\n');
    expect((await run(['import', 'campaign', file('x.yaml', 'slug: xy\n')])).out).toBe('length: 9\n');
  });

  test('of another type are reported', async () => {
    const path = file('leads.json', '[]');
    expect((await run(['import', 'leads', path])).out).toMatch(/^media_type: +application\/json$/m);
  });

  test('that are refused exit with 1', async () => {
    const { code, err } = await run('import leads -', { stdin: `refuse${'x'.repeat(500_000)}` });
    expect([code, err]).toEqual([1, 'no_header: The first line is no header.\n']);
    const early = await run('import leads - --key tl_wrong', { stdin: 'x'.repeat(5_000_000) });
    expect([early.code, early.err]).toEqual([1, expect.stringContaining('unauthenticated')]);
  });
});
