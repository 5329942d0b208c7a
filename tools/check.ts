import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/* Runs every script `check:*` of package.json in parallel and shows the output of those that fail. A new check is a new
   script there. Most parts use one core, so running them one after the other would leave the others idle. */

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const OUTPUT_LIMIT_BYTES = 50_000_000;

type Part = { name: string; command: string };
type Result = Part & { passed: boolean; output: string; seconds: number };

const results = await Promise.all(readParts().map(run));
const failed = results.filter(({ passed }) => !passed);
for (const { name, output } of failed) process.stdout.write(`\n${name} failed:\n${output}\n`);
process.exitCode = failed.length === 0 ? 0 : 1;

function readParts(): Part[] {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  const parts = Object.entries(scripts).map(([name, command]) => ({ name, command }));
  return parts.filter(({ name }) => name.startsWith('check:'));
}

/** In a shell with the programs of the installed packages, as npm runs a script, without npm's half second. */
function run({ name, command }: Part): Promise<Result> {
  const begun_ms = performance.now();
  const PATH = [join(ROOT, 'node_modules/.bin'), process.env.PATH].join(delimiter);
  const options = { cwd: ROOT, env: { ...process.env, PATH }, maxBuffer: OUTPUT_LIMIT_BYTES };
  return new Promise((done) => {
    execFile('/bin/sh', ['-c', command], options, (error, stdout, stderr) => {
      const seconds = (performance.now() - begun_ms) / 1000;
      process.stdout.write(`${error === null ? 'passed' : 'FAILED'}  ${name}  ${seconds.toFixed(1)} s\n`);
      done({ name, command, passed: error === null, output: stdout + stderr, seconds });
    });
  });
}
