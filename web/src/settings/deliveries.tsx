import { api, read } from '../api/client.ts';
import { usePages } from '../api/pages.ts';
import { useNow } from '../sessions/me.ts';
import { Failure } from '../ui/failure.tsx';
import { More } from '../ui/more.tsx';
import { Time } from '../ui/time.tsx';
import { REFRESH_MS } from './use_settings.ts';
import { EVENT_WORDS, type WebhookEvent } from './webhook_words.ts';

const STATUS_WORDS = { pending: 'Pending', delivered: 'Delivered', failed: 'Failed' } as const;

/** Deliveries of a webhook, newest first. */
export function Deliveries({ webhook_id }: { webhook_id: string }) {
  const now_ms = useNow();
  const params = { path: { id: webhook_id } };
  const pages = usePages(
    ['settings', 'webhooks', webhook_id, 'deliveries'],
    (cursor) =>
      read(
        api.GET('/webhooks/{id}/deliveries', {
          params: { ...params, query: { limit: 20, ...(cursor === undefined ? {} : { cursor }) } },
        }),
      ),
    REFRESH_MS,
  );
  return (
    <div className="deliveries">
      <Failure error={pages.error} />
      {!pages.is_loading && pages.items.length === 0 ? <p className="muted">No deliveries yet.</p> : null}
      <ol>
        {pages.items.map(
          ({ id, event, occurred_at, status, attempt_count, last_status, last_error, next_at }) => (
            <li key={id}>
              {EVENT_WORDS[event as WebhookEvent] ?? event}, <Time iso={occurred_at} now_ms={now_ms} />.{' '}
              <span className={status === 'failed' ? 'badge badge_bad' : 'badge'}>
                {STATUS_WORDS[status]}
              </span>
              <span className="muted">
                {attempt_count > 1 ? ` ${attempt_count} attempts` : ''}
                {last_status === null ? '' : ` status ${last_status}`}
                {last_error === null ? '' : ` ${last_error}`}
                {next_at === null ? null : (
                  <>
                    {' '}
                    again <Time iso={next_at} now_ms={now_ms} />
                  </>
                )}
              </span>
            </li>
          ),
        )}
      </ol>
      <More pages={pages} />
    </div>
  );
}
