import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useRef, useState } from 'react';
import { api, read } from '../api/client.ts';
import { faultsOf } from '../api/faults.ts';
import { isRefusal } from '../api/refusal.ts';
import { useMe } from '../sessions/me.ts';
import { ActionButton } from '../ui/action_button.tsx';
import { announce } from '../ui/announce.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Failure } from '../ui/failure.tsx';
import { focusFault } from '../ui/unsaved_guard.ts';
import { changedFields, fetchMailbox, mergedDraft, patchMailbox, type ReadMailbox } from './mailbox.ts';
import { bodyOf, DRAFT_WORDS, type MailboxDraft, mailboxDraft } from './mailbox_draft.ts';
import { MailboxFields } from './mailbox_fields.tsx';
import { isAdmin } from './tabs.ts';
import { type Mailbox, settingsChanged } from './use_settings.ts';

type MailboxFormProps = {
  /** The mailbox as read when the user opened the form, even if others change it. Null: a new one. */
  known: ReadMailbox | null;
  onSaved(mailbox: Mailbox): void;
  onClose(): void;
};

/** Adds or changes a mailbox. */
export function MailboxForm({ known, onSaved, onClose }: MailboxFormProps) {
  const [base, setBase] = useState(known);
  const [theirs, setTheirs] = useState<readonly DraftName[]>([]);
  const mailbox = base?.mailbox ?? null;
  const [draft, setDraft] = useState(() => mailboxDraft(mailbox));
  const me = useMe();
  const form = useRef<HTMLFormElement>(null);
  const saving = useMutation({
    mutationFn: () => {
      const body = bodyOf(draft, mailbox, isAdmin(me));
      return base === null
        ? read(api.POST('/mailboxes', { body: { ...body, address: draft.address.trim() } }))
        : patchMailbox(base, body);
    },
    onSuccess: (saved) => {
      announce(mailbox === null ? 'Mailbox added. Send a test message to check it.' : 'Saved.');
      settingsChanged('mailboxes');
      onSaved(saved);
    },
    onError: async (error) => {
      focusFault(form.current);
      if (base === null || !isRefusal(error, 'version_changed')) return;
      const current = await fetchMailbox(base.mailbox.id);
      setTheirs(changedFields(base.mailbox, current.mailbox));
      setDraft((mine) => mergedDraft(mine, base.mailbox, current.mailbox));
      setBase(current);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!saving.isPending) saving.mutate();
  };
  return (
    <Dialog title={mailbox === null ? 'Add mailbox' : `Edit ${mailbox.address}`} is_wide onClose={onClose}>
      <form ref={form} onSubmit={submit}>
        <MailboxFields
          draft={draft}
          is_new={mailbox === null}
          faults={faultsOf(saving.error)}
          onChange={(part) => setDraft({ ...draft, ...part })}
        />
        {isRefusal(saving.error, 'version_changed') ? (
          <ChangedMeanwhile mailbox={mailbox} theirs={theirs} />
        ) : (
          <Failure error={saving.error} />
        )}
        <div className="actions">
          <ActionButton type="submit" className="primary" is_busy={saving.isPending}>
            {mailbox === null ? 'Add mailbox' : 'Save'}
          </ActionButton>
          <button type="button" onClick={onClose}>
            Cancel
          </button>
        </div>
      </form>
    </Dialog>
  );
}

type DraftName = keyof MailboxDraft;

/** Shows typed values that others changed; chosen options appear by name only. */
function ChangedMeanwhile({ mailbox, theirs }: { mailbox: Mailbox | null; theirs: readonly DraftName[] }) {
  const now = mailboxDraft(mailbox);
  const told = theirs.map((name) => {
    const value = now[name];
    if (CHOICES.includes(name) || typeof value !== 'string') return DRAFT_WORDS[name];
    return `${DRAFT_WORDS[name]} (${value === '' ? 'empty' : value})`;
  });
  return (
    <p className="notice notice_bad" role="alert">
      {told.length === 0
        ? 'Not saved: another setting of this mailbox changed. Save again.'
        : `Not saved: someone else changed ${told.join(', ')}. Your edits are kept. Save again to apply them.`}
    </p>
  );
}

const CHOICES: readonly DraftName[] = ['owner_user_id', 'client_id'];
