import { useMutation } from '@tanstack/react-query';
import { type FormEvent, type KeyboardEvent, useRef, useState } from 'react';
import { cache } from '../api/cache.ts';
import { faultsOf, toldBy } from '../api/faults.ts';
import { isRefusal } from '../api/refusal.ts';
import { ActionButton } from '../ui/action_button.tsx';
import { announce } from '../ui/announce.tsx';
import { ConfirmDialog } from '../ui/confirm_dialog.tsx';
import { Failure } from '../ui/failure.tsx';
import { go } from '../ui/route.ts';
import { focusFault, useUnsavedGuard } from '../ui/unsaved_guard.ts';
import { EditConflict } from './edit_conflict.tsx';
import { editPlay, fetchPlay, type Play, type ReadPlay } from './play.ts';
import { PlayFields } from './play_fields.tsx';
import {
  type Conflict,
  changesOf,
  formFaults,
  formOf,
  isSameForm,
  merged,
  type PlayForm,
} from './play_form.ts';
import { pathWords } from './words.ts';

/** Unsaved edits by play, which survive visits to other pages. */
const unsaved = new Map<string, { base: ReadPlay; form: PlayForm }>();

/**
 * Edits a play. Unsaved edits always stay; another user's save is shown before this one replaces it. `latest` is the
 * newest version from the server.
 */
export function PlayEditor({ latest }: { latest: ReadPlay }) {
  const { base, form, conflicts, is_changed, saving, write, takeIn, settle, leave } = usePlayForm(latest);
  const [is_tried, setTried] = useState(false);
  const [is_asking, setAsking] = useState(false);
  const element = useRef<HTMLFormElement>(null);
  const own_faults = is_tried ? formFaults(form) : new Map<string, string>();
  const server_faults = faultsOf(saving.error);
  const faults = new Map([...server_faults, ...own_faults]);
  const save = (event: FormEvent | KeyboardEvent) => {
    event.preventDefault();
    setTried(true);
    if (saving.isPending) return;
    if (formFaults(form).size > 0) focusFault(element.current);
    else if (is_changed) saving.mutate();
    else leave();
  };
  const cancel = () => (is_changed ? setAsking(true) : leave());
  const is_newer = conflicts === null && latest.play.content_hash !== base.play.content_hash;
  return (
    <form
      ref={element}
      className="play_form"
      onSubmit={save}
      noValidate
      onKeyDown={(event) => {
        if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) save(event);
      }}
    >
      <h1>Edit {base.play.name}</h1>
      {is_newer ? <NewerPlay onTake={() => takeIn(latest)} /> : null}
      {conflicts === null ? null : <EditConflict play={base.play} conflicts={conflicts} onTake={settle} />}
      <PlayFields form={form} play={base.play} faults={faults} onWrite={write} />
      {own_faults.size > 0 ? (
        <p className="notice notice_bad" role="alert">
          Not saved yet: {[...own_faults.keys()].map(pathWords).join('; ')}.
        </p>
      ) : null}
      <Failure error={isRefusal(saving.error, 'version_changed') ? null : toldBy(saving.error, pathWords)} />
      <div className="actions form_actions">
        <ActionButton type="submit" className="primary" is_busy={saving.isPending}>
          Save <kbd className="key">Ctrl Enter</kbd>
        </ActionButton>
        <button type="button" onClick={cancel}>
          Cancel
        </button>
      </div>
      {is_asking ? (
        <ConfirmDialog
          title="Discard your changes?"
          action="Discard"
          otherwise="Keep editing"
          onConfirm={leave}
          onClose={() => setAsking(false)}
        />
      ) : null}
    </form>
  );
}

/** Holds the form, its base version, and another user's later save. */
function usePlayForm(latest: ReadPlay) {
  const { play_id } = latest.play;
  const [base, setBase] = useState<ReadPlay>(() => unsaved.get(play_id)?.base ?? latest);
  const [form, setForm] = useState<PlayForm>(() => unsaved.get(play_id)?.form ?? formOf(latest.play));
  const [conflicts, setConflicts] = useState<readonly Conflict[] | null>(null);
  const is_changed = !isSameForm(form, formOf(base.play));
  useUnsavedGuard(is_changed);
  const write = (change: Partial<PlayForm>) => {
    const written = { ...form, ...change };
    unsaved.set(play_id, { base, form: written });
    setForm(written);
  };
  const leave = () => {
    unsaved.delete(play_id);
    go(`/plays/${play_id}`);
  };
  const takeIn = (theirs: ReadPlay) => {
    const both = merged(form, formOf(base.play), formOf(theirs.play));
    unsaved.set(play_id, { base: theirs, form: both.form });
    setBase(theirs);
    setForm(both.form);
    setConflicts(both.conflicts);
    window.scrollTo(0, 0);
  };
  const settle = ({ field, theirs }: Pick<Conflict, 'field' | 'theirs'>) => {
    write({ [field]: theirs[field] });
    setConflicts((open) => open?.filter((one) => one.field !== field) ?? null);
  };
  const saving = useMutation({
    mutationFn: () => editPlay(play_id, base.version, changesOf(form, base.play)),
    onSuccess: () => {
      cache.invalidateQueries({ queryKey: ['plays'] });
      announce(savedWords(base.play));
      leave();
    },
    onError: async (error) => {
      if (isRefusal(error, 'version_changed')) takeIn(await fetchPlay(play_id));
    },
  });
  return { base, form, conflicts, is_changed, saving, write, takeIn, settle, leave };
}

function NewerPlay({ onTake }: { onTake: () => void }) {
  return (
    <div className="notice" role="status">
      <p>Someone changed this play while you were editing.</p>
      <button type="button" onClick={onTake}>
        Merge their changes
      </button>
    </div>
  );
}

function savedWords({ revops_approved_at, slm_approved_at }: Play): string {
  const was_approved = revops_approved_at !== null || slm_approved_at !== null;
  return was_approved ? 'Saved. The approval is void, because it covered the earlier text.' : 'Saved.';
}
