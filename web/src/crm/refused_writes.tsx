import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { api, read } from '../api/client.ts';
import { dropFromPages } from '../api/pages.ts';
import { isRefusal } from '../api/refusal.ts';
import type { CrmWrite } from '../api/schema.d.ts';
import { useMe, useNow } from '../sessions/me.ts';
import { mayPlan } from '../settings/tabs.ts';
import { ActionButton } from '../ui/action_button.tsx';
import { announce } from '../ui/announce.tsx';
import { ConfirmDialog } from '../ui/confirm_dialog.tsx';
import { Failure } from '../ui/failure.tsx';
import { More } from '../ui/more.tsx';
import { ReasonDialog } from '../ui/reason_dialog.tsx';
import { Time } from '../ui/time.tsx';
import { useCrmWrites, writesChanged } from './use_crm.ts';
import { asksToDelete, capitalized, causeOf, faultOf, subjectOf, waitingWords, whatOf } from './words.ts';
import { Subject } from './writes.tsx';

const PAGE = 20;

/** Writes that the CRM refused. RevOps and admins retry or skip each. */
export function RefusedWrites({ lead_id }: { lead_id: string | null }) {
  const pages = useCrmWrites({ status: 'refused', lead_id }, PAGE);
  const me = useMe();
  const may_decide = mayPlan(me);
  if (pages.error === null && pages.items.length === 0) return null;
  return (
    <section className="crm_section" aria-labelledby="crm_refused">
      <h2 id="crm_refused">Refused writes</h2>
      <p className="muted">
        Later writes about the same lead wait.{' '}
        {may_decide || me === undefined
          ? 'Correct the cause in the CRM or here, then retry, or skip the write.'
          : 'RevOps and admins retry or skip them.'}
      </p>
      <Failure error={pages.error} />
      <ul className="record_list record_list_wide">
        {pages.items.map((write) => (
          <Refused key={write.id} write={write} may_decide={may_decide} />
        ))}
      </ul>
      <More pages={pages} />
    </section>
  );
}

function Refused({ write, may_decide }: { write: CrmWrite; may_decide: boolean }) {
  const now_ms = useNow();
  const fault = faultOf(write);
  const waiting = waitingWords(write);
  return (
    <li>
      <div>
        <p>
          <strong>{whatOf(write)}</strong>: <Subject write={write} />{' '}
          <span className="muted">
            <Time iso={write.occurred_at} now_ms={now_ms} />
          </span>
        </p>
        <p>{capitalized(causeOf(write) ?? 'The CRM gave no reason')}</p>
        {fault === null ? null : <p className="muted">{fault}</p>}
        {waiting === null ? null : <p className="muted">{waiting}</p>}
      </div>
      {may_decide ? <Decisions write={write} /> : null}
    </li>
  );
}

const TO_WRITE = {
  retry: 'Retry',
  retried: 'Retrying',
  skip: 'Skip',
  skipped: 'Skipped',
  title: 'Skip this write?',
  effect: 'The CRM does not receive this write; later writes continue.',
};

const TO_DELETE: typeof TO_WRITE = {
  retry: 'Delete record…',
  retried: 'Queued',
  skip: 'Keep record',
  skipped: 'Skipped',
  title: 'Keep this record?',
  effect: 'The CRM keeps the record of the lead.',
};

function Decisions({ write }: { write: CrmWrite }) {
  const [asked, setAsked] = useState<'delete' | 'skip' | null>(null);
  const params = { path: { id: write.id } };
  const deletes = asksToDelete(write);
  const words = deletes ? TO_DELETE : TO_WRITE;
  const what = `${whatOf(write)}, ${subjectOf(write)}`;
  const onDecided = (text: string) => {
    announce(text);
    dropFromPages<CrmWrite>(['crm', 'writes', 'refused'], ({ id }) => id === write.id);
    writesChanged();
  };
  const onRefused = (error: Error) => {
    if (!isRefusal(error, 'illegal_status_move')) return;
    announce(`Already decided: ${error.message}`);
    writesChanged();
  };
  const retrying = useMutation({
    mutationFn: () => read(api.POST('/crm/writes/{id}/retry', { params })),
    onSuccess: () => onDecided(`${words.retried}: ${what}.`),
    onError: onRefused,
  });
  const skipping = useMutation({
    mutationFn: (reason: string) => read(api.POST('/crm/writes/{id}/skip', { params, body: { reason } })),
    onSuccess: () => onDecided(`${words.skipped}: ${what}.`),
    onError: onRefused,
  });
  return (
    <div className="actions">
      <ActionButton
        type="button"
        className={deletes ? 'danger' : undefined}
        is_busy={retrying.isPending}
        onClick={() => (deletes ? setAsked('delete') : retrying.mutate())}
      >
        {words.retry}
      </ActionButton>
      <button type="button" onClick={() => setAsked('skip')}>
        {words.skip}…
      </button>
      <Failure error={retrying.error} />
      {asked === 'delete' ? (
        <ConfirmDialog
          title="Delete the lead’s record in the CRM?"
          action="Delete record"
          otherwise="Not now"
          onConfirm={() => {
            setAsked(null);
            retrying.mutate();
          }}
          onClose={() => setAsked(null)}
        />
      ) : null}
      {asked === 'skip' ? (
        <ReasonDialog
          title={words.title}
          text={`${what}. ${words.effect}`}
          action={words.skip}
          is_busy={skipping.isPending}
          error={skipping.error}
          onReason={skipping.mutate}
          onClose={() => {
            skipping.reset();
            setAsked(null);
          }}
        />
      ) : null}
    </div>
  );
}
