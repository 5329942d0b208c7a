import './policy.css';
import { useMutation } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { api, read } from '../api/client.ts';
import { faultsOf, toldBy } from '../api/faults.ts';
import { isRefusal } from '../api/refusal.ts';
import { useMe } from '../sessions/me.ts';
import { ActionButton } from '../ui/action_button.tsx';
import { announce } from '../ui/announce.tsx';
import { Failure } from '../ui/failure.tsx';
import { ReasonDialog } from '../ui/reason_dialog.tsx';
import { focusFault, useUnsavedGuard } from '../ui/unsaved_guard.ts';
import { type Chosen, choose, type Document, valueAt, withChosen } from './policy_form.ts';
import { PolicyHistory } from './policy_history.tsx';
import { PolicyPreview } from './policy_preview.tsx';
import { PolicySections } from './policy_sections.tsx';
import { pathWords, valueWords } from './policy_words.ts';
import { SettingsPage } from './settings_page.tsx';
import { mayPlan } from './tabs.ts';
import { type Policy, settingsChanged, usePolicy, useShippedPolicy } from './use_settings.ts';

const NOTHING: Chosen = new Map();

/** All values the gates use, with their reasons, a preview of changes, and the history. */
export function PolicyPage() {
  const policy = usePolicy();
  const shipped = useShippedPolicy();
  const me = useMe();
  return (
    <SettingsPage tab="policy">
      <p className="muted">
        These values decide every touch, the same way for all leads.{' '}
        {me === undefined || mayPlan(me) ? '' : 'Only RevOps and admins can change them.'}
      </p>
      <Failure error={policy.error ?? shipped.error} />
      {policy.data === undefined || shipped.data === undefined ? (
        <p className="muted">Loading…</p>
      ) : (
        <PolicyForm policy={policy.data} shipped={shipped.data.items} may_change={mayPlan(me)} />
      )}
    </SettingsPage>
  );
}

type Shipped = NonNullable<ReturnType<typeof useShippedPolicy>['data']>['items'];

function PolicyForm({
  policy: current,
  shipped,
  may_change,
}: {
  policy: Policy;
  shipped: Shipped;
  may_change: boolean;
}) {
  const form = useRef<HTMLFormElement>(null);
  const { policy, chosen, document, preview, putting, is_putting, setPutting, change, undo } =
    usePolicyChange(current, () => focusFault(form.current));
  const error = putting.error ?? preview.error;
  const faults = faultsOf(error);
  const is_outdated = current.version !== policy.version;
  return (
    <>
      <form
        ref={form}
        className="policy"
        onSubmit={(event) => {
          event.preventDefault();
          if (chosen.size > 0) preview.mutate();
        }}
      >
        <PolicySections
          shipped={shipped}
          document={document}
          chosen={chosen}
          faults={faults}
          may_change={may_change}
          onChange={change}
        />
        {chosen.size === 0 ? null : (
          <section className="policy_bar" aria-label="Your changes">
            <Changes before={policy.document as Document} chosen={chosen} />
            {is_outdated ? (
              <p className="notice">
                Someone published version {current.version} while you were editing. Undo, then review that
                version first.
              </p>
            ) : null}
            <Failure error={is_putting ? null : toldBy(error, pathWords)} />
            {preview.data === undefined ? null : <PolicyPreview preview={preview.data} />}
            <div className="actions">
              <ActionButton type="submit" is_busy={preview.isPending}>
                {preview.isPending ? 'Replaying the last 7 days…' : 'Preview effect'}
              </ActionButton>
              <button
                type="button"
                className="primary"
                disabled={is_outdated}
                onClick={() => setPutting(true)}
              >
                Publish…
              </button>
              <button type="button" className="quiet" onClick={undo}>
                Undo
              </button>
            </div>
          </section>
        )}
      </form>
      <PolicyHistory paths={shipped.filter(({ is_group }) => !is_group).map(({ path }) => path)} />
      {is_putting ? (
        <ReasonDialog
          title={`Publish ${chosen.size === 1 ? 'this change' : `these ${chosen.size} changes`}?`}
          text="All decisions from now on use it. Waiting requests are checked again."
          action="Publish"
          is_busy={putting.isPending}
          error={isRefusal(putting.error, 'policy_invalid') ? null : putting.error}
          onReason={putting.mutate}
          onClose={() => {
            setPutting(false);
            putting.reset();
          }}
        />
      ) : null}
    </>
  );
}

/** Keeps the version the user started from, even if others publish a new one. */
function usePolicyChange(current: Policy, onFault: () => void) {
  const [base, setBase] = useState(current);
  const [chosen, setChosen] = useState(NOTHING);
  const [is_putting, setPutting] = useState(false);
  const policy = chosen.size === 0 ? current : base;
  const document = withChosen(policy.document as Document, chosen);
  const preview = useMutation({
    mutationFn: () => read(api.POST('/policy/preview', { body: { document } })),
    onError: () => onFault(),
  });
  const putting = useMutation({
    mutationFn: (note: string) =>
      read(api.PUT('/policy', { body: { document, expected_version: policy.version, note } })),
    onSuccess: ({ version }) => {
      announce(`Version ${version} published.`);
      setPutting(false);
      setChosen(NOTHING);
      preview.reset();
      settingsChanged('policy');
    },
    onError: (error) => {
      if (faultsOf(error).size === 0) return;
      setPutting(false);
      onFault();
    },
  });
  useUnsavedGuard(chosen.size > 0);
  const change = (path: string, value: unknown) => {
    if (chosen.size === 0) setBase(current);
    setChosen(choose(chosen, path, value, valueAt(policy.document, path)));
    preview.reset();
    putting.reset();
  };
  const undo = () => {
    setChosen(NOTHING);
    preview.reset();
    putting.reset();
  };
  return { policy, chosen, document, preview, putting, is_putting, setPutting, change, undo };
}

function Changes({ before, chosen }: { before: Document; chosen: Chosen }) {
  return (
    <ul className="policy_changes">
      {[...chosen].map(([path, value]) => (
        <li key={path}>
          {pathWords(path)}: <s>{valueWords(path, valueAt(before, path))}</s>{' '}
          <strong>{valueWords(path, value)}</strong>
        </li>
      ))}
    </ul>
  );
}
