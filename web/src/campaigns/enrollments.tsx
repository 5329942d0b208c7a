import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { cache } from '../api/cache.ts';
import { api, read } from '../api/client.ts';
import { usePages } from '../api/pages.ts';
import type { EnrollmentStatus } from '../api/schema.d.ts';
import { useMe, useNow } from '../sessions/me.ts';
import { canDecide } from '../sessions/roles.ts';
import { ActionButton } from '../ui/action_button.tsx';
import { announce } from '../ui/announce.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Failure } from '../ui/failure.tsx';
import { Field } from '../ui/field.tsx';
import { Link } from '../ui/link.tsx';
import { More } from '../ui/more.tsx';
import { fullName } from '../ui/names.ts';
import { OwnerOf } from '../ui/owner_of.tsx';
import { ReasonDialog } from '../ui/reason_dialog.tsx';
import { pauseWords } from '../ui/reasons.ts';
import { Time } from '../ui/time.tsx';
import { type Enrollment, EXIT_REASONS, type ExitReason } from './campaign.ts';
import { ENROLLMENT_WORDS, EXIT_WORDS, exitWords, onItsWayWords } from './words.ts';

const REFRESH_MS = 30_000;
const PAGE = 25;

type Status = EnrollmentStatus;

/** Enrolled leads of a campaign, with step and status. */
export function Enrollments({ slug }: { slug: string }) {
  const [status, setStatus] = useState<Status>('active');
  const pages = usePages(
    ['campaigns', 'enrollments', slug, status],
    (cursor) => fetchEnrollments(slug, status, cursor),
    REFRESH_MS,
  );
  return (
    <section>
      <div className="section_head">
        <h2>Enrolled leads</h2>
        <select
          aria-label="Status"
          value={status}
          onChange={(event) => setStatus(event.target.value as Status)}
        >
          {Object.entries(ENROLLMENT_WORDS).map(([one, words]) => (
            <option key={one} value={one}>
              {words}
            </option>
          ))}
        </select>
      </div>
      <Failure error={pages.error} />
      {pages.is_loading ? <p className="muted">Loading…</p> : null}
      {!pages.is_loading && pages.items.length === 0 ? (
        status === 'active' ? (
          <p className="muted">
            No leads enrolled. Enroll <Link to="/leads">one of your leads</Link> or{' '}
            <Link to="/leads/import">leads from a file</Link>. A play enrolls leads automatically. The gates
            check every lead.
          </p>
        ) : (
          <p className="muted">No leads with this status.</p>
        )
      ) : null}
      <ul className="people">
        {pages.items.map((enrollment) => (
          <EnrollmentRow key={enrollment.id} enrollment={enrollment} />
        ))}
      </ul>
      <More pages={pages} />
    </section>
  );
}

type Ask = 'pause' | 'exit' | null;

function EnrollmentRow({ enrollment }: { enrollment: Enrollment }) {
  const [asking, setAsking] = useState<Ask>(null);
  const me = useMe();
  const moving = useMutation({
    mutationFn: (move: Move) => carryOut(enrollment.id, move),
    onSuccess: (_, { said }) => {
      announce(`${said}: ${personOf(enrollment)}.`);
      setAsking(null);
      cache.invalidateQueries({ queryKey: ['campaigns'] });
    },
  });
  const close = () => {
    moving.reset();
    setAsking(null);
  };
  const is_open = enrollment.status === 'active' || enrollment.status === 'paused';
  return (
    <li>
      <div>
        <Link to={`/leads/${enrollment.lead_id}`}>{personOf(enrollment)}</Link>
        {enrollment.company === null ? null : (
          <>
            , <bdi>{enrollment.company}</bdi>
          </>
        )}
        <br />
        <span className="muted">
          <Standing enrollment={enrollment} />
        </span>{' '}
        <OwnerOf name={enrollment.owner_name} />
      </div>
      {is_open && canDecide(me) ? (
        <div className="actions">
          {enrollment.status === 'active' ? (
            <button type="button" onClick={() => setAsking('pause')}>
              Pause…
            </button>
          ) : (
            <ActionButton
              type="button"
              is_busy={moving.isPending}
              onClick={() => moving.mutate({ kind: 'resume', said: 'Resumed' })}
            >
              Resume
            </ActionButton>
          )}
          <button type="button" onClick={() => setAsking('exit')}>
            End…
          </button>
        </div>
      ) : null}
      {asking === null ? <Failure error={moving.error} /> : null}
      {asking === 'pause' ? (
        <ReasonDialog
          title={`Pause the enrollment of ${personOf(enrollment)}?`}
          text="No messages are sent until a person resumes the enrollment."
          action="Pause"
          is_busy={moving.isPending}
          error={moving.error}
          onReason={(reason) => moving.mutate({ kind: 'pause', reason, said: 'Paused' })}
          onClose={close}
        />
      ) : null}
      {asking === 'exit' ? (
        <ExitDialog
          person={personOf(enrollment)}
          is_busy={moving.isPending}
          error={moving.error}
          onExit={(exit_reason) => moving.mutate({ kind: 'exit', exit_reason, said: 'Ended' })}
          onClose={close}
        />
      ) : null}
    </li>
  );
}

function Standing({ enrollment }: { enrollment: Enrollment }) {
  const now_ms = useNow();
  const { status, current_step, next_send_at, paused_reason, paused_until, exit_reason, exited_at } =
    enrollment;
  if (status === 'active')
    return (
      onItsWayWords(enrollment) ?? (
        <>
          Step {current_step}
          {next_send_at === null ? (
            ', the last step'
          ) : (
            <>
              , due <Time iso={next_send_at} now_ms={now_ms} />
            </>
          )}
        </>
      )
    );
  if (status === 'paused')
    return (
      <>
        Paused at step {current_step}
        {paused_reason === null ? '' : `: ${pauseWords(paused_reason)}`}
        {paused_until === null ? null : (
          <>
            , until <Time iso={paused_until} />
          </>
        )}
      </>
    );
  return (
    <>
      Ended at step {current_step}
      {exit_reason === null ? '' : `: ${exitWords(exit_reason).toLowerCase()}`}
      {exited_at === null ? null : (
        <>
          , <Time iso={exited_at} now_ms={now_ms} />
        </>
      )}
    </>
  );
}

type ExitDialogProps = {
  person: string;
  is_busy: boolean;
  error: Error | null;
  onExit(reason: ExitReason): void;
  onClose(): void;
};

function ExitDialog({ person, is_busy, error, onExit, onClose }: ExitDialogProps) {
  const [reason, setReason] = useState<ExitReason>('rejected');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onExit(reason);
  };
  return (
    <Dialog title={`End the enrollment of ${person}?`} onClose={onClose}>
      <form onSubmit={submit}>
        <p>Pending touches are dropped, and the exit rule for this reason applies.</p>
        <Field label="Exit reason">
          <select value={reason} onChange={(event) => setReason(event.target.value as ExitReason)}>
            {EXIT_REASONS.map((one) => (
              <option key={one} value={one}>
                {EXIT_WORDS[one]}
              </option>
            ))}
          </select>
        </Field>
        <Failure error={error} />
        <div className="actions">
          <ActionButton type="submit" className="primary danger" is_busy={is_busy}>
            End enrollment
          </ActionButton>
        </div>
      </form>
    </Dialog>
  );
}

type Move = { said: string } & (
  | { kind: 'pause'; reason: string }
  | { kind: 'resume' }
  | { kind: 'exit'; exit_reason: ExitReason }
);

function carryOut(id: string, move: Move): Promise<unknown> {
  const params = { path: { id } };
  switch (move.kind) {
    case 'pause':
      return read(api.POST('/enrollments/{id}/pause', { params, body: { reason: move.reason } }));
    case 'resume':
      return read(api.POST('/enrollments/{id}/resume', { params }));
    case 'exit':
      return read(api.POST('/enrollments/{id}/exit', { params, body: { exit_reason: move.exit_reason } }));
  }
}

function fetchEnrollments(campaign_slug: string, status: Status, cursor: string | undefined) {
  const query = { campaign_slug, status, limit: PAGE, ...(cursor === undefined ? {} : { cursor }) };
  return read(api.GET('/enrollments', { params: { query } }));
}

function personOf({ first_name, last_name, lead_email }: Enrollment): string {
  return fullName(first_name, last_name) ?? lead_email;
}
