import { createSocket } from 'node:dgram';
import { once } from 'node:events';

export type DnsServer = { address: string; asked: string[]; close(): Promise<void> };

const TXT = 16;
const CODES = { none: 0, nxdomain: 3, servfail: 2 };

/**
 * A DNS server on loopback that answers TXT (RFC 1035) from `zone`: the strings of each record of a name. A name that is
 * not there does not exist; one with 'servfail' fails, one with 'silent' is never answered.
 */
export async function startDns(zone: Record<string, string[][] | 'servfail' | 'silent'>): Promise<DnsServer> {
  const socket = createSocket('udp4');
  const asked: string[] = [];
  socket.on('message', (query, from) => {
    const { name, end } = questionOf(query);
    asked.push(name);
    const found = Object.hasOwn(zone, name) ? zone[name]! : undefined;
    if (found === 'silent') return;
    const records = found === undefined || found === 'servfail' ? [] : found;
    const code = found === undefined ? CODES.nxdomain : found === 'servfail' ? CODES.servfail : CODES.none;
    const head = Buffer.alloc(12);
    query.copy(head, 0, 0, 2);
    head.writeUInt16BE(0x8580 | code, 2);
    head.writeUInt16BE(1, 4);
    head.writeUInt16BE(records.length, 6);
    socket.send(
      Buffer.concat([head, query.subarray(12, end), ...records.map(recordOf)]),
      from.port,
      from.address,
    );
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return {
    address: `127.0.0.1:${socket.address().port}`,
    asked,
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}

function questionOf(query: Buffer): { name: string; end: number } {
  const labels: string[] = [];
  let at = 12;
  while (query[at]! > 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + query[at]!));
    at += 1 + query[at]!;
  }
  return { name: labels.join('.').toLowerCase(), end: at + 5 };
}

/** Its name points back to the question. */
function recordOf(strings: string[]): Buffer {
  const data = Buffer.concat(
    strings.map((text) => Buffer.concat([Buffer.of(Buffer.byteLength(text)), Buffer.from(text)])),
  );
  const head = Buffer.alloc(12);
  head.writeUInt16BE(0xc00c, 0);
  head.writeUInt16BE(TXT, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt32BE(60, 6);
  head.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, data]);
}
