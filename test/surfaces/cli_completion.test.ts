import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { registry } from '../../src/operations/registry.ts';
import { commandsOf } from '../../src/surfaces/cli_commands.ts';
import { completionScript } from '../../src/surfaces/cli_completion.ts';
import { SHELLS, type Shell } from '../../src/surfaces/cli_completion_shells.ts';

const builtin = {
  up: { summary: "Starts everything; it's quick.", options: { speed: 'seconds a second' } },
  doctor: { summary: 'Looks.', options: {}, flags: { json: 'as JSON' } },
  completion: { summary: 'Completes.', options: {}, argument: { name: 'shell', choices: SHELLS } },
};
const commands = commandsOf(registry);
const folder = mkdtempSync(join(tmpdir(), 'touchline-completion-'));
afterAll(() => rmSync(folder, { recursive: true }));
writeFileSync(join(folder, 'some leads.csv'), '');

const scripts = new Map(
  SHELLS.map((shell) => {
    const file = join(folder, `touchline.${shell}`);
    writeFileSync(file, completionScript(shell, builtin, commands));
    return [shell, file];
  }),
);

/** Bash's completions of the last of these words. */
function offered(...words: string[]): string[] {
  const lines = [
    `source ${scripts.get('bash')}`,
    'COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _touchline',
    'printf "%s\\n" "$' + '{COMPREPLY[@]}"',
  ];
  const args = ['--norc', '-uc', lines.join('\n'), 'bash', 'touchline', ...words];
  const text = execFileSync('bash', args, { cwd: folder, encoding: 'utf8' });
  return text.split('\n').filter((line) => line !== '');
}

describe('bash', () => {
  test('completes commands, word by word', () => {
    const first = offered('');
    for (const { words } of commands) expect(first).toContain(words[0]);
    expect(first).toEqual(expect.arrayContaining(['up', 'doctor', 'completion', 'help']));
    expect(new Set(first).size).toBe(first.length);
    expect(offered('imp')).toEqual(['import']);
    expect(offered('import', '')).toEqual(['leads', 'campaign']);
    expect(offered('mailbox', 'res')).toEqual(['resume']);
    expect(offered('completion', '')).toEqual([...SHELLS]);
    expect(offered('help', 'mailboxe')).toEqual(['mailboxes']);
  });

  test('completes every option of every command, its flags and no other’s', { timeout: 120_000 }, () => {
    for (const { words, fields, args, operation } of commands) {
      const options = offered(...words, '--');
      const secrets = Object.keys(operation.cli?.secrets ?? {});
      for (const { name, is_flag } of fields.filter((field) => !args.includes(field.name))) {
        if (secrets.includes(name)) continue;
        const option = `--${name.replaceAll('_', '-')}`;
        expect(options, words.join(' ')).toContain(option);
        expect(options.includes(`--no-${option.slice(2)}`)).toBe(is_flag);
      }
      expect(options).toEqual(expect.arrayContaining(['--json', '--url', '--key', '--help']));
    }
    // A secret is asked for, and refused on the command line.
    expect(offered('crm', 'connect', '--api')).toEqual([]);
    expect(offered('up', '--')).toEqual(['--speed', '--help']);
    expect(offered('doctor', '--j')).toEqual(['--json']);
    expect(offered('queue', '--stat')).toEqual(['--status']);
  });

  test('completes the values of an option, and continues after it', () => {
    const statuses = ['pending', 'drafted', 'approved', 'sent', 'failed', 'held', 'unknown', 'canceled'];
    expect(offered('queue', '--status', '')).toEqual(statuses);
    expect(offered('queue', '--status', 'h')).toEqual(['held']);
    // The words into which bash splits --status=h.
    expect(offered('queue', '--status', '=', 'h')).toEqual(['held']);
    expect(offered('queue', '--status', '=')).toEqual(statuses);
    expect(offered('queue', '--status', 'held', '--lim')).toEqual(['--limit']);
    expect(offered('--url', 'http://x', 'imp')).toEqual(['import']);
    expect(offered('import', '--url', 'leads', 'c')).toEqual(['campaign']);
    expect(offered('queue', '--limit', '')).toEqual([]);
  });

  test('completes file names where a file is expected, with spaces in the names', () => {
    expect(offered('import', 'leads', 'some')).toEqual(['some leads.csv']);
    expect(offered('explain', 'some')).toEqual([]);
  });

  test('works with the command’s own name', () => {
    const text = execFileSync(
      'bash',
      ['--norc', '-c', `source ${scripts.get('bash')}; complete -p touchline`],
      {
        encoding: 'utf8',
      },
    );
    expect(text.trim()).toBe('complete -F _touchline touchline');
  });
});

/** Parses a script without running it, if that shell is installed. */
const READERS: Readonly<Record<Shell, readonly string[]>> = {
  bash: ['bash', '-n'],
  zsh: ['zsh', '-n'],
  fish: ['fish', '--no-execute'],
};

test.each(SHELLS)('%s: the script lists every command, and that shell can parse it', (shell) => {
  const script = completionScript(shell, builtin, commands);
  for (const { words } of commands) {
    const named = shell === 'fish' ? `'${words.join(' ')}'` : `'${words.join(' ')}')`;
    expect(script).toContain(named);
  }
  expect(script).not.toMatch(/undefined|\[object/);
  const [program, ...args] = READERS[shell];
  const read = spawnSync(program!, [...args, scripts.get(shell)!], { encoding: 'utf8' });
  const is_missing = (read.error as NodeJS.ErrnoException | undefined)?.code === 'ENOENT';
  if (!is_missing) expect([read.status, read.stderr]).toEqual([0, '']);
});
