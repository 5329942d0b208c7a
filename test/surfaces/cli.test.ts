import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { afterAll, describe, expect, test } from 'vitest';
import about from '../../package.json' with { type: 'json' };
import { readConfig } from '../../src/config.ts';
import { AppError } from '../../src/errors.ts';
import { registry } from '../../src/operations/registry.ts';
import { runCli } from '../../src/surfaces/cli.ts';
import { commandsOf } from '../../src/surfaces/cli_commands.ts';
import { changesNothing, example } from '../../src/surfaces/cli_help.ts';
import { BALL, REGISTRY } from './ball_operations.ts';
import { builtin, ran, sink, terminal } from './terminal.ts';
import { startWorld } from './world.ts';

const world = await startWorld();
const folder = mkdtempSync(join(tmpdir(), 'touchline-cli-'));
const run = terminal({ cli_url: world.url, cli_key: 'tl_rep', data_dir: folder });
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await world.close();
});

describe('help', () => {
  test('lists the local commands first, then every operation but signing in', async () => {
    const { code, out } = await run('help');
    expect(code).toBe(0);
    expect(out.indexOf('up ')).toBeLessThan(out.indexOf('balls'));
    expect(out).toContain('import leads FILE');
    expect(out).toContain('import campaign FILE');
    expect(out).toContain('delete session');
    expect(out).not.toContain('create session');
    expect((await run('')).out).toBe(out);
    expect((await run('--help')).out).toBe(out);
  });

  test('for a command names arguments, options, choices and refusals', async () => {
    const { code, out } = await run('balls --help');
    expect(code).toBe(0);
    expect(out).toContain('touchline balls [options]');
    expect(out).toMatch(/--color TEXT +only this color \(one of: red, blue\)/);
    expect(out).toMatch(/--limit NUMBER +how many, 1 to 200 \(50 unless given\)/);
    expect(out).toContain('--all');
    expect(out).toContain('cursor_invalid');
    expect(out).toContain('--lost / --no-lost');
    expect((await run('help balls')).out).toBe(out);
    expect((await run('throw --help')).out).toContain('touchline throw ID [options]');
    expect((await run('import leads --help')).out).toContain('--map FIELD=COLUMN');
    expect((await run('up --help')).out).toMatch(/--speed VALUE +seconds a second/);
  });

  test('for a change has an example that changes something, and without options requests nothing', async () => {
    const ask = terminal({ cli_url: 'http://127.0.0.1:1' }, registry);
    const changes = commandsOf(registry).filter(({ operation }) => operation.http.method === 'PATCH');
    expect(changes.length).toBeGreaterThan(5);
    const idle = changes.filter((command) => {
      const named = [...example(command).matchAll(/ --(?:no-)?([a-z-]+)/g)];
      const options = named.map(([, option]) => option!.replaceAll('-', '_'));
      return changesNothing(command, [...command.args, ...options]);
    });
    expect(idle).toEqual([]);
    const { code, err } = await ask('organization set');
    expect([code, err]).toEqual([
      2,
      expect.stringMatching(
        /^Nothing to change: give at least one option\.\n.*\nFor example: .* --name Acme\n/,
      ),
    ]);
    const { out } = await ask('organization set --help');
    expect(out.match(/^ +--[a-z-]+ TEXT$/gm)).toBeNull();
  });

  test('needs neither a server nor a valid environment', async () => {
    const readBroken = () => {
      throw new AppError('config_invalid', 'no', { errors: [{ path: 'PORT', message: 'expected a port' }] });
    };
    const out = sink();
    const io = {
      stdout: out.stream,
      stderr: out.stream,
      stdin: Readable.from([]),
      is_tty: false,
      columns: 0,
    };
    const options = { registry: REGISTRY, builtin, readConfig: readBroken, io };
    expect(await runCli(['help'], options)).toBe(0);
    expect(await runCli(['balls'], options)).toBe(2);
    expect(out.text()).toContain('PORT: expected a port');
  });
});

describe('input errors exit with 2', () => {
  test.each([
    ['bals', 'Did you mean: touchline balls'],
    ['import leds x', 'Did you mean: touchline import leads\nAvailable commands:'],
    ['import lead x', 'touchline import leads'],
    ['balls finder x', 'Too many arguments'],
    ['qqqqqqqqqq', 'touchline help'],
    ['balls --colour red', 'Did you mean --color?'],
    ['balls x', 'Too many arguments'],
    ['ball', 'Missing: ID'],
    [`throw ${BALL}`, 'Missing: --steps'],
    [`throw ${BALL}`, 'For example: touchline throw '],
    ['balls --limit', '--limit needs a value.'],
    ['balls --zzzzzzzzzz', '--help lists all options'],
    ['doctor now', 'takes no argument now'],
    ['finish', 'Missing: LINE. It is one of: first, last.'],
    ['finish never', 'Unknown value: never. It is one of: first, last.'],
    ['finish first last', 'takes no argument last'],
    ['up --sped 3', 'Did you mean --speed?'],
    ['up --speed -5', '--speed needs a value'],
    ['import campaign /dev/null', 'the file is empty'],
    ['up 3', 'takes no argument 3'],
    ['import leads', 'Missing: FILE'],
    ['import leads /nonexistent.csv', 'ENOENT'],
    ['import campaign /nonexistent.yaml', 'ENOENT'],
    ['import leads x --map email', '--map takes FIELD=COLUMN'],
  ])('%s', async (line, message) => {
    const { code, out, err } = await run(line);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(message);
  });

  test('for scripts include a code', async () => {
    const { code, out, err } = await run('balls --colour red --json');
    expect([code, err]).toEqual([2, '']);
    expect(JSON.parse(out)).toEqual({
      code: 'usage',
      detail: 'Unknown option: --colour. Did you mean --color?',
    });
    const invalid = await run('balls --limit many');
    expect([invalid.code, invalid.err]).toEqual([2, expect.stringContaining('input_invalid: ')]);
    const id = await run('ball nonsense');
    expect([id.code, id.err]).toEqual([2, expect.stringContaining('id: must be an id')]);
  });
});

test('the version is that of the package', async () => {
  expect(await run('--version')).toMatchObject({ code: 0, out: `${about.version}\n` });
});

describe('operations', () => {
  test('print lists as aligned tables of the main fields', async () => {
    const { code, out } = await run('balls');
    expect(code).toBe(0);
    const lines = out.trimEnd().split('\n');
    expect(lines[0]).toMatch(/^id +name +size +made_at +lost_at$/);
    expect(lines[1]).toMatch(/^01890000\S+ +red +3 +2026-05-04T09:00:00.000Z +-$/);
    expect(lines[0]!.indexOf('name')).toBe(lines[1]!.indexOf('red'));
    expect(lines).toHaveLength(3);
  });

  test('name the filters of an empty list, and its cursor', async () => {
    expect((await run('balls --sizes 77 --limit 5')).out).toBe(
      'No balls with sizes=77. To list all: touchline balls\n',
    );
    expect((await run('balls --sizes 77 --cursor 1')).out).toBe(
      'End of results. From the start: touchline balls\n',
    );
  });

  test('report when there are more rows, and read all of them on request', async () => {
    expect((await run('balls --limit 1')).out).toContain('More results: --all, or --cursor 1');
    const all = JSON.parse((await run('balls --limit=1 --all --json')).out);
    expect(all.items.map(({ name }: { name: string }) => name)).toEqual(['red', 'blue']);
    expect(all.next_cursor).toBeNull();
  });

  test('accept options in both spellings, flags, their opposites, lists and JSON', async () => {
    const names = async (options: string) =>
      JSON.parse((await run(`balls --json ${options}`)).out).items.map(({ name }: { name: string }) => name);
    expect(await names('--color=blue')).toEqual(['blue']);
    expect(await names('--lost')).toEqual(['blue']);
    expect(await names('--no-lost')).toEqual(['red']);
    expect(await names('--lost=false')).toEqual(['red']);
    expect(await names('--lost=true')).toEqual(['blue']);
    expect(await names('--lost true')).toEqual(['blue']);
    expect(await names('--lost false')).toEqual(['red']);
    expect(await names('--sizes 3')).toEqual(['red']);
    expect(await names('--sizes 3 --sizes 12')).toEqual(['red', 'blue']);
    const thrown = await run([
      'throw',
      BALL,
      '--steps',
      '[{"delay_days":1},{"delay_days":2}]',
      '--note',
      'a b',
    ]);
    expect(thrown.out).toBe('rep threw it 2 times.\n');
  });

  test('also accept their own name, and --json in front', async () => {
    expect((await run('list_balls')).out).toBe((await run('balls')).out);
    expect((await run('list-balls')).out).toBe((await run('balls')).out);
    expect((await run('--json balls')).out).toBe((await run('balls --json')).out);
  });

  test('print one thing as fields, and an empty result as Done', async () => {
    const { out } = await run(`ball ${BALL}`);
    expect(out).toMatch(/^name: +red$/m);
    expect(out).toMatch(/^lost_at: +-$/m);
    expect((await run(`drop ${BALL} --far --key tl_agent`)).out).toBe('Done.\n');
  });

  test('that are refused exit with 1 and give a reason', async () => {
    const steps = '[{"delay_days":1}]';
    const { code, out, err } = await run(['throw', BALL, '--steps', steps, '--note', 'flat']);
    expect([code, out]).toEqual([1, '']);
    expect(err).toBe('ball_flat: The ball is flat.\n  steps[0]: needs a full ball\nHint: Pump it up.\n');
    const as_json = await run(['throw', BALL, '--steps', steps, '--note', 'flat', '--json']);
    expect([as_json.code, JSON.parse(as_json.out).code]).toEqual([1, 'ball_flat']);
    expect((await run('balls --limit many')).err).toContain('  limit: ');
    expect((await run(`drop ${BALL}`)).code).toBe(1);
  });

  test('keep control characters off the terminal', async () => {
    const { err } = await run(['balls', '--color', '\u001b[31mred']);
    expect(err).not.toContain('\u001b');
  });
});

describe('the server', () => {
  test('that is not running exits with 3 and prints how to start it', async () => {
    const { code, err } = await run('balls --url http://127.0.0.1:1');
    expect(code).toBe(3);
    expect(err).toBe(
      'Touchline is not running at http://127.0.0.1:1: start it with npm start. ' +
        'If it runs elsewhere, set --url or TOUCHLINE_URL.\n',
    );
  });

  test('of another product exits with 3', async () => {
    const { createServer } = await import('node:http');
    const other = createServer((_request, response) => response.end('<html>'));
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as { port: number };
    const { code, err } = await run(`balls --url http://127.0.0.1:${port}`);
    other.close();
    expect(code).toBe(3);
    expect(err).toContain('is not Touchline');
  });

  test('is found by the file that `up` leaves, with its key', async () => {
    writeFileSync(join(folder, 'cli.json'), JSON.stringify({ url: world.url, key: 'tl_rep' }));
    const none = { cli_url: null, cli_key: null, port: 1 };
    expect((await run('balls', { config: none })).code).toBe(0);
    const elsewhere = await startWorld();
    const answer = await run(`balls --url ${elsewhere.url}`, { config: none });
    await elsewhere.close();
    rmSync(join(folder, 'cli.json'));
    // The key belongs to the first server: the second must not see it.
    expect([answer.code, answer.err]).toEqual([1, expect.stringContaining('unauthenticated')]);
    expect((await run('balls', { config: none })).code).toBe(3);
  });

  test('gets the given key before the one of the environment', async () => {
    expect((await run('balls --key tl_wrong')).code).toBe(1);
    expect((await run('balls --key tl_admin', { config: { cli_key: 'tl_wrong' } })).code).toBe(0);
  });
});

describe('a local command', () => {
  test('gets its options and returns its exit code', async () => {
    expect((await run('up --speed 3600')).code).toBe(0);
    expect(ran.at(-1)).toEqual({ speed: '3600' });
  });

  test('may take flags and one argument', async () => {
    expect((await run('doctor --json')).code).toBe(0);
    expect(ran.at(-1)).toEqual({ json: 'true' });
    expect((await run('finish last')).code).toBe(0);
    expect(ran.at(-1)).toEqual({ line: 'last' });
    const help = (await run('finish --help')).out;
    expect(help).toMatch(/^touchline finish LINE\n[\s\S]*LINE +one of: first, last/);
    expect((await run('doctor --help')).out).toMatch(/--json +as JSON/);
  });

  test('reports invalid input', async () => {
    const { code, err } = await run('serve');
    expect([code, err]).toEqual([3, 'port_taken: The port is taken.\nHint: Set PORT.\n']);
  });
});

test('a reader that closes the pipe is no error', async () => {
  const stdout = new Writable({
    write(_chunk, _encoding, done) {
      done(Object.assign(new Error('gone'), { code: 'EPIPE' }));
    },
  });
  const err = sink();
  const code = await runCli(['help'], {
    registry: REGISTRY,
    builtin,
    readConfig,
    io: { stdout, stderr: err.stream, stdin: Readable.from([]), is_tty: false, columns: 0 },
  });
  expect([code, err.text()]).toEqual([0, '']);
});
