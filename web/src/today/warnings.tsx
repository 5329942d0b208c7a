import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { cache } from '../api/cache.ts';
import { api, read } from '../api/client.ts';
import { usePages } from '../api/pages.ts';
import { useMe, useNow } from '../sessions/me.ts';
import { canDecide } from '../sessions/roles.ts';
import { ActionButton } from '../ui/action_button.tsx';
import { announce } from '../ui/announce.tsx';
import { Failure } from '../ui/failure.tsx';
import { Link } from '../ui/link.tsx';
import { More } from '../ui/more.tsx';
import { ReasonDialog } from '../ui/reason_dialog.tsx';
import { Time } from '../ui/time.tsx';
import { countText, type Today } from './use_today.ts';
import { type Flag, KIND_WORDS, placeOf, saysOf } from './words.ts';

const REFRESH_MS = 60_000;
const PAGE = 8;

/** Open warnings, each with a link to its cause. Shows the user's own first, all on request. */
export function Warnings({ today }: { today: Today | undefined }) {
  const [is_mine, setMine] = useState(true);
  const pages = usePages(['flags', is_mine], (cursor) => fetchFlags(is_mine, cursor), REFRESH_MS);
  const count = is_mine ? today?.own_flags : today?.flags;
  const others = today === undefined ? 0 : today.flags.count - today.own_flags.count;
  return (
    <section aria-labelledby="warnings">
      <div className="section_head">
        <h2 id="warnings">
          Warnings{' '}
          {count === undefined || count.count === 0 ? null : (
            <span className="count">{countText(count)}</span>
          )}
        </h2>
        {is_mine && others <= 0 ? null : (
          <button type="button" className="quiet" aria-pressed={!is_mine} onClick={() => setMine(!is_mine)}>
            {is_mine ? `Show all (${others.toLocaleString('en')} more)` : 'Show only mine'}
          </button>
        )}
      </div>
      <Failure error={pages.error} />
      {pages.items.length === 0 ? (
        <p className="muted">
          {pages.is_loading
            ? ' '
            : is_mine && others > 0
              ? 'No warnings for you.'
              : 'No warnings. Stalled enrollments, reached caps, and mailbox problems appear here.'}
        </p>
      ) : (
        <ul className="lines">
          {pages.items.map((flag) => (
            <Warning key={flag.id} flag={flag} />
          ))}
        </ul>
      )}
      <More pages={pages} />
    </section>
  );
}

function fetchFlags(mine: boolean, cursor: string | undefined) {
  const query = { mine, limit: PAGE, ...(cursor === undefined ? {} : { cursor }) };
  return read(api.GET('/flags', { params: { query } }));
}

function Warning({ flag }: { flag: Flag }) {
  const now_ms = useNow();
  const me = useMe();
  const place = placeOf(flag);
  return (
    <li className="line">
      <p>
        <span className="badge badge_strong">{KIND_WORDS[flag.kind]}</span>{' '}
        {flag.lead_id === null ? null : (
          <>
            <Link to={`/leads/${flag.lead_id}`}>{flag.lead_email}</Link>{' '}
          </>
        )}
        {saysOf(flag)}{' '}
        <span className="muted">
          <Time iso={flag.raised_at} now_ms={now_ms} />
          {flag.for_user_name === null ? '' : `, for ${flag.for_user_name}`}
          {flag.acknowledged_at === null ? '' : ', acknowledged'}
        </span>
      </p>
      <div className="actions">
        <Link to={place.to}>{place.label}</Link>
        {canDecide(me) ? <Answers flag={flag} /> : null}
      </div>
    </li>
  );
}

function Answers({ flag }: { flag: Flag }) {
  const [is_asking, setAsking] = useState(false);
  const { acknowledge, resolve } = useAnswers(flag, () => setAsking(false));
  return (
    <>
      {flag.acknowledged_at === null ? (
        <ActionButton type="button" onClick={() => acknowledge.mutate()} is_busy={acknowledge.isPending}>
          Acknowledge
        </ActionButton>
      ) : null}
      <button type="button" onClick={() => setAsking(true)}>
        Resolve…
      </button>
      <Failure error={acknowledge.error} />
      {is_asking ? (
        <ReasonDialog
          title="Resolve this warning?"
          text={`${saysOf(flag)} It returns only if the cause clears and recurs.`}
          action="Resolve"
          is_busy={resolve.isPending}
          error={resolve.error}
          onReason={resolve.mutate}
          onClose={() => {
            resolve.reset();
            setAsking(false);
          }}
        />
      ) : null}
    </>
  );
}

function useAnswers({ id }: Flag, onResolved: () => void) {
  const params = { path: { id } };
  const readAgain = () => {
    cache.invalidateQueries({ queryKey: ['flags'] });
    cache.invalidateQueries({ queryKey: ['today'] });
  };
  const acknowledge = useMutation({
    mutationFn: () => read(api.POST('/flags/{id}/acknowledge', { params })),
    onSuccess: () => {
      announce('Acknowledged. The warning closes when its cause clears.');
      readAgain();
    },
  });
  const resolve = useMutation({
    mutationFn: (reason: string) => read(api.POST('/flags/{id}/resolve', { params, body: { reason } })),
    onSuccess: () => {
      announce('Resolved.');
      onResolved();
      readAgain();
    },
  });
  return { acknowledge, resolve };
}
