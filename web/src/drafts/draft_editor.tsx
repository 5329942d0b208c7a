import './versions.css';
import {
  type FormEvent,
  type KeyboardEvent,
  useDeferredValue,
  useEffect,
  useId,
  useRef,
  useState,
} from 'react';
import { ActionButton } from '../ui/action_button.tsx';
import { ConfirmDialog } from '../ui/confirm_dialog.tsx';
import type { Text } from './decisions.ts';
import { DiffText } from './diff_view.tsx';
import { diffWords, isSame as isSameDiff } from './text_diff.ts';
import { forgetUnsaved, isSameWords as isSame, keepUnsaved, unsavedOf, type Words } from './unsaved.ts';

type DraftEditorProps = {
  queue_id: string;
  shown: Text;
  is_busy: boolean;
  onSave(words: Words): void;
  onCancel(): void;
};

/** Edits a text in place. Saving creates a version; the previous one is kept. */
export function DraftEditor({ queue_id, shown, is_busy, onSave, onCancel }: DraftEditorProps) {
  const [words, setWords] = useState<Words>(() => unsavedOf(queue_id)?.words ?? wordsOf(shown));
  const [is_asking, setAsking] = useState(false);
  const body = useRef<HTMLTextAreaElement>(null);
  const id = useId();
  useEffect(() => body.current?.focus(), []);
  const write = (change: Partial<Words>) => {
    const written = { ...words, ...change };
    // During a save, even the old text counts as an unsaved change.
    if (isSame(written, shown) && !is_busy) forgetUnsaved(queue_id);
    else keepUnsaved(queue_id, written, shown);
    setWords(written);
  };
  const close = () => {
    forgetUnsaved(queue_id);
    onCancel();
  };
  const cancel = () => (isSame(words, shown) ? close() : setAsking(true));
  const is_empty = words.body.trim() === '' || words.subject?.trim() === '';
  const save = (event: FormEvent | KeyboardEvent) => {
    event.preventDefault();
    if (is_empty || is_busy) return;
    if (isSame(words, shown)) close();
    else onSave(words);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) save(event);
    if (event.key === 'Escape') {
      // Otherwise the same key press would close the dialog that it opens.
      event.preventDefault();
      cancel();
    }
  };
  return (
    <>
      <form className="letter editor" aria-label="Edit the message" onSubmit={save} onKeyDown={onKeyDown}>
        {words.subject === null ? null : (
          <>
            <label htmlFor={`${id}-subject`}>Subject</label>
            <input
              id={`${id}-subject`}
              value={words.subject}
              maxLength={250}
              required
              onChange={(event) => write({ subject: event.target.value })}
            />
          </>
        )}
        <div className="editor_sides">
          <div className="field">
            <label htmlFor={`${id}-body`}>Text</label>
            <textarea
              id={`${id}-body`}
              ref={body}
              value={words.body}
              maxLength={50_000}
              required
              onChange={(event) => write({ body: event.target.value })}
            />
          </div>
          <Changes shown={shown} words={words} />
        </div>
        <div className="actions">
          <ActionButton type="submit" className="primary" disabled={is_empty} is_busy={is_busy}>
            Save <kbd className="key">Ctrl Enter</kbd>
          </ActionButton>
          <button type="button" onClick={cancel}>
            Cancel <kbd className="key">Esc</kbd>
          </button>
        </div>
      </form>
      {is_asking ? (
        <ConfirmDialog
          title="Discard your changes?"
          action="Discard"
          otherwise="Keep editing"
          onConfirm={close}
          onClose={() => setAsking(false)}
        />
      ) : null}
    </>
  );
}

/** Changes against the original text. The comparison follows the typing and never delays it. */
function Changes({ shown, words }: { shown: Text; words: Words }) {
  const { subject, body } = useDeferredValue(words);
  const of_subject = diffWords(shown.subject ?? '', subject ?? '');
  const of_body = diffWords(shown.body, body);
  return (
    <section className="changes" aria-label="Your changes">
      <p className="changes_title">Compared with version {shown.version}</p>
      {isSameDiff(of_subject) && isSameDiff(of_body) ? (
        <p className="muted">Your changes are highlighted here.</p>
      ) : (
        <>
          {isSameDiff(of_subject) ? null : <DiffText parts={of_subject} is_subject />}
          <DiffText parts={of_body} />
        </>
      )}
    </section>
  );
}

function wordsOf({ subject, body }: Text): Words {
  return { subject, body };
}
