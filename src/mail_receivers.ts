import type { Config } from './config.ts';
import { imapReceiver } from './connectors/imap.ts';
import { imapTarget, imapTargetOf } from './connectors/imap_url.ts';
import type { Context } from './context.ts';
import { type ReceiverOptions, startMailboxReceivers } from './worker/receive_mailboxes.ts';

/** Not where time runs fast: nothing that is real has to do with it. Throws `imap_url_invalid`. */
export function startReceivers(
  context: Context,
  { imap_url }: Config,
  closers: { close(): Promise<void> }[],
): void {
  if (context.clock.speed > 1) return;
  const shared =
    imap_url === null
      ? null
      : { receiver: imapReceiver({ url: imap_url }), user: imapTarget(imap_url).auth?.user ?? '' };
  const open: ReceiverOptions['open'] = (connection, credentials) =>
    imapReceiver({ url: imapTargetOf(connection), ...(credentials === undefined ? {} : { credentials }) });
  const receivers = startMailboxReceivers(context, { shared, open });
  closers.push({ close: () => receivers.stop() });
}
