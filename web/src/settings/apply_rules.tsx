import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { cache } from '../api/cache.ts';
import { api, read } from '../api/client.ts';
import type { RulesApplied } from '../api/schema.d.ts';
import { ActionButton } from '../ui/action_button.tsx';
import { countWords } from '../ui/count.ts';
import { Dialog } from '../ui/dialog.tsx';
import { Failure } from '../ui/failure.tsx';

/** Assigns existing leads without an owner, after a dry run that counts them by person. */
export function ApplyRules() {
  const [is_open, setOpen] = useState(false);
  return (
    <>
      <button type="button" onClick={() => setOpen(true)}>
        Assign existing leads…
      </button>
      {is_open ? <ApplyDialog onClose={() => setOpen(false)} /> : null}
    </>
  );
}

function ApplyDialog({ onClose }: { onClose(): void }) {
  const trying = useMutation({ mutationFn: () => applyAll(true) });
  const assigning = useMutation({
    mutationFn: () => applyAll(false),
    onSettled: () => cache.invalidateQueries({ queryKey: ['leads'] }),
  });
  const told = assigning.data ?? trying.data;
  const step = trying.data === undefined ? trying : assigning;
  return (
    <Dialog title="Assign existing leads" onClose={onClose}>
      {told === undefined ? (
        <p className="muted">Check first who would get leads. This changes nothing.</p>
      ) : (
        <Counts {...told} />
      )}
      <Failure error={step.error} />
      <div className="actions">
        {assigning.data === undefined ? (
          <ActionButton
            type="button"
            className="primary"
            is_busy={step.isPending}
            onClick={() => step.mutate()}
          >
            {trying.data === undefined ? 'Check' : 'Assign leads'}
          </ActionButton>
        ) : null}
        <button type="button" onClick={onClose}>
          {assigning.data === undefined ? 'Cancel' : 'Close'}
        </button>
      </div>
    </Dialog>
  );
}

function Counts({ people, no_rule_count, dry_run }: RulesApplied) {
  return (
    <>
      <p>{dry_run ? 'These people would get leads:' : 'Assigned:'}</p>
      <ul className="lines">
        {people.map(({ user_id, name, lead_count }) => (
          <li key={user_id} className="line">
            {name}: {countWords(lead_count, 'lead')}
          </li>
        ))}
      </ul>
      <p className="muted">No rule fits {countWords(no_rule_count, 'lead')}.</p>
    </>
  );
}

async function applyAll(dry_run: boolean): Promise<RulesApplied> {
  let continue_from: string | undefined;
  for (;;) {
    const body = { dry_run, ...(continue_from === undefined ? {} : { continue_from }) };
    const told = await read(api.POST('/assignment_rules/apply', { body }));
    if (told.continue_from === null) return told;
    continue_from = told.continue_from;
  }
}
