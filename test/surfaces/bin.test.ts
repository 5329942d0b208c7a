import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, expect, test } from 'vitest';

/* The launcher alone, with a stand-in for the product. An older Node is simulated by overwriting the version of this one
   before the launcher runs. */

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'touchline-bin-'));
afterAll(() => rmSync(folder, { recursive: true }));

const run = promisify(execFile);
const starter = install('whole', true);
const old = [
  '--import',
  `data:text/javascript,${encodeURIComponent("Object.defineProperty(process.versions,'node',{value:'20.9.0'})")}`,
];

function install(name: string, with_node: boolean): string {
  const home = join(folder, name);
  mkdirSync(join(home, 'src'), { recursive: true });
  cpSync(join(ROOT, 'bin'), join(home, 'bin'), { recursive: true });
  writeFileSync(join(home, 'package.json'), '{"type":"module"}');
  writeFileSync(
    join(home, 'src', 'main.ts'),
    `const given: string[] = process.argv.slice(2);
if (given[0] === 'wait') {
  process.on('SIGTERM', () => process.exit(7));
  setInterval(() => {}, 1000);
} else process.exitCode = Number(given[0] ?? 0);
process.stdout.write(JSON.stringify({ given, exec: process.execPath }));
`,
  );
  if (with_node) {
    const pinned = join(ROOT, 'node_modules', 'node');
    expect(existsSync(pinned)).toBe(true);
    mkdirSync(join(home, 'node_modules'));
    symlinkSync(pinned, join(home, 'node_modules', 'node'));
  }
  return join(home, 'bin', 'touchline.mjs');
}

test('the launcher runs the product in the current Node if that is new enough', async () => {
  const { stdout } = await run(process.execPath, [starter, '0', '--x']);
  expect(JSON.parse(stdout)).toEqual({ given: ['0', '--x'], exec: process.execPath });
});

test('the launcher runs it in its bundled Node if the current one is old, through a link as npm creates it', async () => {
  const link = join(folder, 'touchline');
  symlinkSync(starter, link);
  const failed = await run(process.execPath, [...old, link, '5', 'a b']).catch((error) => error);
  expect(failed.code).toBe(5);
  const { given, exec } = JSON.parse(failed.stdout);
  expect(given).toEqual(['5', 'a b']);
  expect(exec).toContain(join('node', 'bin'));
});

test('the launcher explains what to do if there is none', async () => {
  const failed = await run(process.execPath, [...old, install('bare', false)]).catch((error) => error);
  expect(failed.code).toBe(3);
  expect(failed.stderr).toContain('npm ci');
});

test('npm start ends with the signal that npm passes on, without a shell between', async () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    scripts: { start: string };
  };
  const line = `${scripts.start.replace(/ up$/, ' wait')}`;
  // The command after it keeps a shell from replacing itself, as some do for the last one.
  const child = spawn('sh', ['-c', `${line}; exit 9`], {
    cwd: join(folder, 'whole'),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  child.kill('SIGTERM');
  const [code] = await once(child, 'exit');
  expect(code).toBe(7);
});

test('the launcher forwards signals and returns the exit code', async () => {
  const child = spawn(process.execPath, [...old, starter, 'wait'], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  child.kill('SIGTERM');
  const [code] = await once(child, 'exit');
  expect(code).toBe(7);
});
