import { Readable } from 'node:stream';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { crmConnector } from '../../src/connectors/crm/connector.ts';
import { crmSecretOwner } from '../../src/coordinator/crm/opened.ts';
import { openSecret } from '../../src/coordinator/sending/sealed_secret.ts';
import { registry } from '../../src/operations/registry.ts';
import { runCli } from '../../src/surfaces/cli.ts';
import { testDatabase } from '../database.ts';
import { type CrmDouble, DOUBLES } from '../policy/crm_doubles.ts';
import { type ServedProduct, serveProduct } from './product.ts';
import { sink } from './terminal.ts';

const { db } = await testDatabase();
let product: ServedProduct;
let attio: CrmDouble;
let hubspot: CrmDouble;

beforeAll(async () => {
  const crm = crmConnector({ allow_local: true, only_local: false });
  [attio, hubspot] = await Promise.all([DOUBLES.attio({ seed: 3 }), DOUBLES.hubspot({ seed: 3 })]);
  product = await serveProduct(db, {}, { observed: { crm } });
});
afterAll(async () => {
  await product.close();
  await Promise.all([attio.close(), hubspot.close()]);
});
beforeEach(() => run('crm disconnect'));

/** A command line and what its user types, at a terminal or from a pipe. */
async function run(line: string, typed = '', is_terminal = false) {
  const [out, err] = [sink(), sink()];
  const raw: boolean[] = [];
  const terminal = { isTTY: true, setRawMode: (is_raw: boolean) => void raw.push(is_raw) };
  // A terminal delivers line by line.
  const lines = typed.match(/[^\r\n]*(?:\r\n?|\n|$)/g) ?? [];
  const stdin = Readable.from(lines.map((text) => Buffer.from(text)));
  const code = await runCli(line.split(' '), {
    registry,
    builtin: {},
    readConfig: () => readConfig({ TOUCHLINE_URL: product.server.url, TOUCHLINE_API_KEY: product.key }),
    io: {
      stdout: out.stream,
      stderr: err.stream,
      stdin: is_terminal ? Object.assign(stdin, terminal) : stdin,
      is_tty: is_terminal,
      columns: 0,
    },
  });
  return { code, out: out.text(), err: err.text(), raw };
}

const at = ({ input }: CrmDouble) => `--base-url ${input.base_url}`;

async function stored() {
  const { worker_context, org_id } = product.world;
  const [row] = await product.world.rows<{ api_key: Buffer; client_secret: Buffer | null }>(
    'crm_connections',
  );
  const opened = (column: 'api_key' | 'client_secret') => {
    const sealed = row![column];
    return sealed && openSecret(worker_context.secret, sealed, crmSecretOwner(org_id, column));
  };
  return { api_key: opened('api_key'), client_secret: opened('client_secret') };
}

it('reads the key from the first line of a pipe, and the client secret from the second', async () => {
  const { api_key, app_id, client_secret } = hubspot.input;
  const line = `crm connect hubspot --app-id ${app_id} ${at(hubspot)}`;
  const { code, out, err } = await run(line, `${api_key}\n${client_secret}\n`);
  expect([code, err]).toEqual([0, '']);
  expect(await stored()).toEqual({ api_key, client_secret });
  expect(out).not.toContain(client_secret);
  await run('crm disconnect');
  expect(await run(line, `${api_key}\r\n${client_secret}\r\n`)).toMatchObject({ code: 0, err: '' });
  expect(await stored()).toEqual({ api_key, client_secret });
  expect((await run('crm')).out).toMatch(new RegExp(`app_id:\\s+${app_id}\\n`));
});

it('asks at a terminal for each without showing it', async () => {
  const { api_key, app_id, client_secret } = hubspot.input;
  const line = `crm connect hubspot --app-id ${app_id} ${at(hubspot)}`;
  const { code, out, err, raw } = await run(line, `${api_key}\r${client_secret}\r`, true);
  expect([code, err]).toEqual([0, 'API key (hidden): \nClient secret (hidden): \n']);
  expect([raw, await stored()]).toEqual([[true, false, true, false], { api_key, client_secret }]);
  expect(out + err).not.toContain(client_secret);
});

it('asks for a client secret only with an app', async () => {
  const { code, err } = await run(`crm connect attio ${at(attio)}`, attio.input.api_key, true);
  expect([code, err]).toEqual([0, 'API key (hidden): \n']);
  expect(await stored()).toEqual({ api_key: attio.input.api_key, client_secret: null });
  const without = await run(`crm connect hubspot ${at(hubspot)}`, `${hubspot.input.api_key}\n`);
  expect([without.code, without.err]).toEqual([1, expect.stringContaining('--app-id')]);
  const alone = await run(`crm connect hubspot --app-id 7 ${at(hubspot)}`, `${hubspot.input.api_key}\n`);
  expect([alone.code, alone.err]).toEqual([2, expect.stringContaining('No input.')]);
});

it('refuses a secret as an argument, and explains itself', async () => {
  for (const option of ['--api-key', '--client-secret']) {
    const { code, err } = await run(`crm connect hubspot --app-id 7 ${option} hidden`, 'a\nb\n');
    expect([code, err]).toEqual([2, expect.stringContaining('list of processes')]);
  }
  const { out } = await run('crm connect --help');
  expect(out).toMatch(/one line each:\n {2}API key\n {2}Client secret +if --app-id is given/);
  expect(out).not.toMatch(/--api-key|--client-secret/);
  expect((await run('mailbox connect --help')).out).toContain('--client-secret');
});
