import { expect, test } from 'vitest';
import { parseDatabaseUrl } from './database_url.ts';

const read = (text: string) => {
  const address = parseDatabaseUrl(text);
  if ('error' in address) return address;
  return { wanted: address.wanted, urls: address.servers.map(({ url }) => url) };
};

test.each([
  ['postgres://u:p@db.example/x', 'any', ['postgres://u:p@db.example/x']],
  ['postgresql://u@[::1]:5433/x?sslmode=require', 'any', ['postgresql://u@[::1]:5433/x?sslmode=require']],
  [
    'postgres://u:p%40w@one.example:5433,two.example/x?sslmode=verify-full&target_session_attrs=read-write',
    'read-write',
    [
      'postgres://u:p%40w@one.example:5433/x?sslmode=verify-full',
      'postgres://u:p%40w@two.example/x?sslmode=verify-full',
    ],
  ],
  [
    'postgres://u@/x?host=one.example,two.example&port=5433,5434&target_session_attrs=primary',
    'primary',
    ['postgres://u@one.example:5433/x', 'postgres://u@two.example:5434/x'],
  ],
  [
    'postgres://u@[::1]:1,[2001:db8::2]:2/x',
    'any',
    ['postgres://u@[::1]:1/x', 'postgres://u@[2001:db8::2]:2/x'],
  ],
  ['postgres:///x?host=/run/postgresql', 'any', ['postgres:///x?host=%2Frun%2Fpostgresql']],
])('%s', (text, wanted, urls) => {
  expect(read(text)).toEqual({ wanted, urls });
});

test('each server has the host and port for the driver and a name for people', () => {
  const address = parseDatabaseUrl('postgres://u:p@one.example:5433,[::1]/x');
  expect('servers' in address && address.servers).toEqual([
    { url: 'postgres://u:p@one.example:5433/x', host: 'one.example', port: 5433, name: 'one.example:5433' },
    { url: 'postgres://u:p@[::1]/x', host: '::1', port: 5432, name: '[::1]:5432' },
  ]);
});

test.each([
  ['db.example/x', 'expected postgres://USER:PASSWORD@HOST:PORT/DATABASE'],
  ['mysql://u:secret@db.example/x', 'expected postgres://USER:PASSWORD@HOST:PORT/DATABASE'],
  ['postgres://u:secret@one,,three/x', 'host 2 of 3 is empty'],
  ['postgres://u:secret@one:5432,two:54x2/x', 'port 54x2 of host two is not a number from 1 to 65535'],
  ['postgres://u:secret@one:0/x', 'port 0 of host one is not a number from 1 to 65535'],
  ['postgres://u:secret@o ne,two/x', 'o ne is not a host name'],
  ['postgres://u@/x?host=one,two,three&port=1,2', 'has 3 hosts and 2 ports'],
  [
    'postgres://u:secret@one,two/x?target_session_attrs=standby',
    'selects a read-only server, but Touchline writes: expected any, read-write, primary',
  ],
  [
    'postgres://u:secret@one,two/x?target_session_attrs=master',
    'target_session_attrs=master is unknown: expected any, read-write, primary',
  ],
])('%s: %s', (text, fault) => {
  const address = parseDatabaseUrl(text);
  expect('error' in address && address.error).toContain(fault);
  expect(JSON.stringify(address)).not.toContain('secret');
});
