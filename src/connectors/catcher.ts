import type { AddressInfo } from 'node:net';
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server';
import type { Clock } from '../clock.ts';
import { AppError } from '../errors.ts';
import { readableText, textOfType } from '../mail/body.ts';
import { fieldAddresses, fieldText, fieldValue } from '../mail/headers.ts';
import { type MailTree, readParts } from '../mail/parts.ts';
import {
  type CaughtRecord,
  type Journal,
  type NumberedRecord,
  openJournal,
  rawBytes,
  rawText,
} from './catcher_journal.ts';
import type { CaughtMail, CaughtOrigin, MailCatcher } from './connector.ts';

// Larger than any message of this product, small enough that a page of them fits in memory.
const MAX_MESSAGE_BYTES = 10 * 1024 * 1024;
const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 200;
// A sender keeps its session open for the next message; closing must not wait for it.
const CLOSE_WAIT_MS = 200;

export type CatcherOptions = {
  clock: Clock;
  /** The directory of the journal, `caught.jsonl`. */
  dir: string;
  /** Default 0: any free port. */
  port?: number;
};

/**
 * The mail server of the embedded mode: listens on this machine only, accepts every message with or without a login, and
 * forwards none. A message is in the journal before it is acknowledged.
 *
 * Throws `AppError('catcher_unavailable')` if it cannot listen, for example because the port is taken.
 */
export async function startCatcher(options: CatcherOptions): Promise<MailCatcher> {
  const journal = await openJournal(options.dir);
  const server = new SMTPServer({
    name: 'touchline-catcher',
    authOptional: true,
    allowInsecureAuth: true,
    onAuth: (auth, _session, done) => done(null, { user: auth.username ?? 'anyone' }),
    // No certificate to offer, and nothing leaves this machine.
    disabledCommands: ['STARTTLS'],
    disableReverseLookup: true,
    size: MAX_MESSAGE_BYTES,
    rejectOversized: true,
    closeTimeout: CLOSE_WAIT_MS,
    logger: false,
    onData(stream, session, done) {
      catchMessage(stream, session, options.clock, journal).then(
        (number) => done(null, `caught as ${number}`),
        () => done(Object.assign(new Error('the journal cannot be written'), { responseCode: 451 })),
      );
    },
  });
  const port = await listen(server, options.port ?? 0, journal);
  return {
    port,
    url: `smtp://127.0.0.1:${port}`,
    get message_count() {
      return journal.count;
    },
    messages: (page) => readPage(journal, page ?? {}),
    erase: (isErased) =>
      journal.erase((record) => isErased({ ...originOf(record), addresses: addressesOf(record) })),
    async close() {
      await new Promise<void>((resolve) => server.close(resolve));
      await journal.close();
    },
  };
}

async function listen(server: SMTPServer, port: number, journal: Journal): Promise<number> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', resolve);
    });
  } catch (cause) {
    await journal.close();
    throw new AppError('catcher_unavailable', `The mail catcher cannot listen on port ${port}.`, {
      hint: 'Another instance may be running.',
      cause,
    });
  }
  // A client that drops its connection causes an error event, which without a listener ends the process.
  server.removeAllListeners('error');
  server.on('error', () => undefined);
  return (server.server.address() as AddressInfo).port;
}

async function catchMessage(
  stream: SMTPServerDataStream,
  session: SMTPServerSession,
  clock: Clock,
  journal: Journal,
): Promise<number> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) if (!stream.sizeExceeded) chunks.push(chunk as Buffer);
  // The server answers 552 automatically (rejectOversized), so no part of the message is kept.
  if (stream.sizeExceeded) return 0;
  const bytes = Buffer.concat(chunks);
  const { fields } = treeOf(bytes);
  const record: CaughtRecord = {
    received_at: clock.now().toISOString(),
    envelope: {
      from: session.envelope.mailFrom === false ? '' : session.envelope.mailFrom.address,
      to: session.envelope.rcptTo.map(({ address }) => address),
    },
    message_id: fieldText(fields, 'message-id') ?? '',
    subject: fieldText(fields, 'subject') ?? '',
    ...rawText(bytes),
  };
  return journal.append(record);
}

async function readPage(
  journal: Journal,
  page: Parameters<MailCatcher['messages']>[0] & object,
): Promise<{ items: CaughtMail[]; next_cursor: string | null }> {
  const limit = Math.min(Math.max(Math.trunc(page.limit ?? DEFAULT_LIMIT), 1), MAX_LIMIT);
  if (page.cursor !== undefined && !/^\d{1,15}$/.test(page.cursor)) {
    throw new AppError('cursor_invalid', 'The cursor is not one of ours.', { status: 400 });
  }
  const below = page.cursor === undefined ? Number.POSITIVE_INFINITY : Number(page.cursor);
  const { isShown = () => true } = page;
  const found: NumberedRecord[] = [];
  // One more than the page shows whether there is a next page.
  for (const caught of journal.recent.toReversed()) {
    if (found.length > limit) break;
    if (caught.number < below && isShown(originOf(caught.record))) found.push(caught);
  }
  const items = found.slice(0, limit).map(caughtMail);
  return { items, next_cursor: found.length > limit ? (items.at(-1)?.id ?? null) : null };
}

/** The addresses of the envelope and of the headers: copies to others name them there. */
function addressesOf({ envelope, raw }: CaughtRecord): string[] {
  const named = [...headOf(raw).matchAll(/^(?:from|to|cc|bcc|reply-to|sender):(.*)$/gim)].flatMap(
    ([, value]) => value!.match(ADDRESS) ?? [],
  );
  return [...new Set([envelope.from, ...envelope.to, ...named].map((address) => address.toLowerCase()))];
}

const ADDRESS = /[^\s<>,;:"()]+@[^\s<>,;:"()]+/g;

function originOf({ message_id, raw }: CaughtRecord): CaughtOrigin {
  const unsubscribe_url = /^List-Unsubscribe:\s*<([^>\s]+)>/im.exec(headOf(raw))?.[1] ?? null;
  return { message_id, unsubscribe_url };
}

/** The header with each field in one line. */
function headOf(raw: string): string {
  const end = raw.indexOf('\r\n\r\n');
  return (end < 0 ? raw : raw.slice(0, end)).replace(/\r\n[ \t]+/g, ' ');
}

function caughtMail({ number, record }: NumberedRecord): CaughtMail {
  const bytes = rawBytes(record);
  const { fields, parts } = treeOf(bytes);
  return {
    id: String(number),
    received_at: record.received_at,
    envelope: record.envelope,
    message_id: record.message_id,
    from: people(fields, 'from')[0] ?? '',
    to: people(fields, 'to'),
    subject: record.subject,
    text: textOfType(bytes, parts, 'text/plain') || readableText(bytes, parts).text,
    html: textOfType(bytes, parts, 'text/html'),
    headers: fields.map((field) => ({ name: field.written_name, value: fieldValue(field) })),
    raw: record.raw,
  };
}

/** Anyone can send anything here: an unreadable message (nested too deeply) is shown as source only. */
function treeOf(bytes: Buffer): Pick<MailTree, 'fields' | 'parts'> {
  const tree = readParts(bytes);
  return 'fault' in tree ? { fields: [], parts: [] } : tree;
}

function people(fields: MailTree['fields'], name: string): string[] {
  return fieldAddresses(fields, name).map((one) =>
    one.name === '' ? one.address : `${one.name} <${one.address}>`,
  );
}
