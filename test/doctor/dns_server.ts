import { createSocket } from 'node:dgram';
import { once } from 'node:events';

export type DnsServer = { address: string; asked: string[]; close(): Promise<void> };

/** The records of a name. `mx` contains host names, the preferred one first. */
export type DnsName = { txt?: string[][]; a?: string[]; aaaa?: string[]; mx?: string[] };

const TYPES = { a: 1, mx: 15, txt: 16, aaaa: 28 };
const CODES = { none: 0, nxdomain: 3, servfail: 2 };

/**
 * A DNS server on loopback (RFC 1035, 3596) that answers from `zone`; a list contains the strings of each TXT record of a
 * name. A missing name does not exist; a 'servfail' name fails; a 'silent' name gets no answer.
 */
export async function startDns(
  zone: Record<string, DnsName | string[][] | 'servfail' | 'silent'>,
): Promise<DnsServer> {
  const socket = createSocket('udp4');
  const asked: string[] = [];
  socket.on('message', (query, from) => {
    const { name, type, end } = questionOf(query);
    asked.push(name);
    const found = Object.hasOwn(zone, name) ? zone[name]! : undefined;
    if (found === 'silent') return;
    const records = found === undefined || found === 'servfail' ? [] : dataOf(found, type);
    const code = found === undefined ? CODES.nxdomain : found === 'servfail' ? CODES.servfail : CODES.none;
    const head = Buffer.alloc(12);
    query.copy(head, 0, 0, 2);
    head.writeUInt16BE(0x8580 | code, 2);
    head.writeUInt16BE(1, 4);
    head.writeUInt16BE(records.length, 6);
    socket.send(
      Buffer.concat([head, query.subarray(12, end), ...records.map((data) => recordOf(type, data))]),
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

function questionOf(query: Buffer): { name: string; type: number; end: number } {
  const labels: string[] = [];
  let at = 12;
  while (query[at]! > 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + query[at]!));
    at += 1 + query[at]!;
  }
  return { name: labels.join('.').toLowerCase(), type: query.readUInt16BE(at + 1), end: at + 5 };
}

function dataOf(found: DnsName | string[][], type: number): Buffer[] {
  const { txt = [], a = [], aaaa = [], mx = [] } = Array.isArray(found) ? { txt: found } : found;
  switch (type) {
    case TYPES.a:
      return a.map((ip) => Buffer.from(ip.split('.').map(Number)));
    case TYPES.aaaa:
      // Written in full: eight groups of four digits.
      return aaaa.map((ip) => Buffer.from(ip.replaceAll(':', ''), 'hex'));
    case TYPES.mx:
      return mx.map((host, at) => Buffer.concat([Buffer.of(0, at), nameOf(host)]));
    default:
      return txt.map((strings) =>
        Buffer.concat(
          strings.map((text) => Buffer.concat([Buffer.of(Buffer.byteLength(text)), Buffer.from(text)])),
        ),
      );
  }
}

function nameOf(host: string): Buffer {
  const labels = host.split('.').map((label) => Buffer.concat([Buffer.of(label.length), Buffer.from(label)]));
  return Buffer.concat([...labels, Buffer.of(0)]);
}

/** Its name points back to the question. */
function recordOf(type: number, data: Buffer): Buffer {
  const head = Buffer.alloc(12);
  head.writeUInt16BE(0xc00c, 0);
  head.writeUInt16BE(type, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt32BE(60, 6);
  head.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, data]);
}
