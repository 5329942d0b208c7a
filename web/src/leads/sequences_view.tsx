import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, read } from '../api/client.ts';
import { onItsWayWords } from '../campaigns/words.ts';
import { useMe, useNow } from '../sessions/me.ts';
import { mayWork } from '../sessions/roles.ts';
import { ActionButton } from '../ui/action_button.tsx';
import { announce } from '../ui/announce.tsx';
import { Failure } from '../ui/failure.tsx';
import { Link } from '../ui/link.tsx';
import { ReasonDialog } from '../ui/reason_dialog.tsx';
import { pauseWords } from '../ui/reasons.ts';
import { Time } from '../ui/time.tsx';
import { EndSequence } from './end_sequence.tsx';
import { type Enrollment, leadChanged, REFRESH_MS } from './lead.ts';

/** Current and past enrollments of a lead. Open ones can be paused, resumed, and ended. */
export function SequencesView({ lead_id }: { lead_id: string }) {
  const enrollments = useQuery({
    queryKey: ['leads', lead_id, 'enrollments'],
    queryFn: () => read(api.GET('/enrollments', { params: { query: { lead_id, limit: 200 } } })),
    refetchInterval: REFRESH_MS,
  });
  const all = enrollments.data?.items ?? [];
  const open = all.filter(({ status }) => status === 'active' || status === 'paused');
  const ended = all.filter((one) => !open.includes(one)).toReversed();
  return (
    <section>
      <h2>Enrollments</h2>
      <Failure error={enrollments.error} />
      {enrollments.data !== undefined && all.length === 0 ? (
        <p className="muted">No enrollments yet.</p>
      ) : null}
      <ul className="lead_reasons">
        {open.map((enrollment) => (
          <Open key={enrollment.id} enrollment={enrollment} />
        ))}
      </ul>
      {ended.length === 0 ? null : (
        <details className="gates_fold">
          <summary>{ended.length === 1 ? '1 ended' : `${ended.length} ended`}</summary>
          <ul className="plain_list">
            {ended.map(({ id, campaign_slug, campaign_name, exited_at, exit_reason }) => (
              <li key={id}>
                <Link to={`/campaigns/${campaign_slug}`}>{campaign_name}</Link>
                <span className="muted">
                  : {exit_reason?.replaceAll('_', ' ') ?? 'ended'}
                  {exited_at === null ? null : (
                    <>
                      , <Time iso={exited_at} />
                    </>
                  )}
                </span>
              </li>
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}

function Open({ enrollment }: { enrollment: Enrollment }) {
  const { campaign_slug, campaign_name, status } = enrollment;
  return (
    <li>
      <p>
        <strong>
          <Link to={`/campaigns/${campaign_slug}`}>{campaign_name}</Link>
        </strong>{' '}
        {status === 'paused' ? <span className="badge badge_strong">Paused</span> : null}
      </p>
      <Standing enrollment={enrollment} />
      <Acts enrollment={enrollment} />
    </li>
  );
}

function Standing({ enrollment }: { enrollment: Enrollment }) {
  const { status, next_send_at, paused_reason, paused_until, current_step, step_count } = enrollment;
  const now_ms = useNow();
  if (status === 'paused') {
    return (
      <p className="muted">
        Paused{paused_reason === null ? '' : `: ${pauseWords(paused_reason)}`}
        {paused_until === null ? (
          '.'
        ) : (
          <>
            {' '}
            until <Time iso={paused_until} />.
          </>
        )}
      </p>
    );
  }
  const on_its_way = onItsWayWords(enrollment);
  if (on_its_way !== null) return <p className="muted">{on_its_way}.</p>;
  if (next_send_at === null) return <p className="muted">The last step is being sent.</p>;
  return (
    <p className="muted">
      Step {current_step} of {step_count} due <Time iso={next_send_at} now_ms={now_ms} />.
    </p>
  );
}

function Acts({ enrollment }: { enrollment: Enrollment }) {
  const [asked, setAsked] = useState<'pause' | 'end' | null>(null);
  const close = () => setAsked(null);
  const me = useMe();
  const { id, status, campaign_name } = enrollment;
  const params = { path: { id } };
  const pausing = useMutation({
    mutationFn: (reason: string) => read(api.POST('/enrollments/{id}/pause', { params, body: { reason } })),
    onSuccess: () => done(`${campaign_name} paused.`, close),
  });
  const resuming = useMutation({
    mutationFn: () => read(api.POST('/enrollments/{id}/resume', { params })),
    onSuccess: () => done(`${campaign_name} resumed. Its next touch must pass every gate.`, close),
  });
  if (!mayWork(me)) return null;
  return (
    <>
      <div className="actions actions_small">
        {status === 'active' ? (
          <button type="button" onClick={() => setAsked('pause')}>
            Pause…
          </button>
        ) : (
          <ActionButton type="button" onClick={() => resuming.mutate()} is_busy={resuming.isPending}>
            Resume
          </ActionButton>
        )}
        <button type="button" onClick={() => setAsked('end')}>
          End…
        </button>
      </div>
      <Failure error={resuming.error} />
      {asked === 'pause' ? (
        <ReasonDialog
          title={`Pause ${campaign_name}?`}
          text="None of its messages are sent until a person resumes it."
          action="Pause"
          is_busy={pausing.isPending}
          error={pausing.error}
          onReason={pausing.mutate}
          onClose={close}
        />
      ) : null}
      {asked === 'end' ? <EndSequence enrollment={enrollment} onClose={close} /> : null}
    </>
  );
}

function done(words: string, close: () => void): void {
  announce(words);
  leadChanged();
  close();
}
