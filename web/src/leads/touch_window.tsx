import './window_picture.css';
import { CHANNELS } from '../channels.gen.ts';
import { Time } from '../ui/time.tsx';
import type { Explanation } from './lead.ts';
import { WindowPicture } from './window_picture.tsx';

/** The rolling window that the caps count: as a picture, in figures, and as a list of touches. */
export function TouchWindow({ explanation }: { explanation: Explanation }) {
  const { window, as_of, lead } = explanation;
  const { touches_counted, cap, window_hours, touches, day } = window;
  const length = window_hours % 24 === 0 ? `${window_hours / 24} days` : `${window_hours} hours`;
  return (
    <section>
      <h2>Last {length}</h2>
      <WindowPicture explanation={explanation} />
      <p className="window_figures">
        <strong>
          {touches_counted} of {cap} touches
        </strong>{' '}
        in {length}, {day.touches_counted} of {day.cap} today. <NextFree explanation={explanation} />
      </p>
      {touches.length === 0 ? null : (
        <ul className="plain_list">
          {touches.map(({ at, campaign, channel, leaves_window_at }) => (
            <li key={`${at} ${campaign}`}>
              <Time iso={at} /> · {campaign}, {CHANNELS[channel].label}
              <span className="muted">
                {leaves_window_at === null ? (
                  ', in progress'
                ) : (
                  <>
                    , counts until <Time iso={leaves_window_at} />
                  </>
                )}
              </span>
            </li>
          ))}
        </ul>
      )}
      <p className="muted small">
        As of {clockOf(as_of, lead.time_zone)} local time ({lead.time_zone}).
      </p>
    </section>
  );
}

function NextFree({ explanation }: { explanation: Explanation }) {
  const { window, as_of } = explanation;
  if (window.next_free_at === null) return 'No touches allowed.';
  if (window.next_free_at <= as_of) return '1 touch available now.';
  return (
    <>
      1 touch available from <Time iso={window.next_free_at} />.
    </>
  );
}

function clockOf(iso: string, timeZone: string): string {
  const parts = { weekday: 'short', hour: 'numeric', minute: '2-digit', timeZone } as const;
  return new Intl.DateTimeFormat('en-US', parts).format(new Date(iso));
}
