import { useMutation, useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { cache } from '../api/cache.ts';
import { api, read } from '../api/client.ts';
import { faultsOf } from '../api/faults.ts';
import { readVersioned } from '../api/versioned.ts';
import { useMe } from '../sessions/me.ts';
import { ActionButton } from '../ui/action_button.tsx';
import { announce } from '../ui/announce.tsx';
import { Failure } from '../ui/failure.tsx';
import { ApplyRules } from './apply_rules.tsx';
import { bodyOf, draftOf, NEW_RULE, type RuleDraft } from './assignment_draft.ts';
import { RuleFields } from './rule_fields.tsx';
import { SettingsPage } from './settings_page.tsx';
import { mayPlan } from './tabs.ts';

/** The rules that assign new leads without an owner. */
export function AssignmentPage() {
  const rules = useQuery({
    queryKey: ['assignment_rules'],
    queryFn: () => readVersioned(api.GET('/assignment_rules')),
  });
  return (
    <SettingsPage tab="assignment">
      <p className="muted">
        Each new lead without an owner is assigned by the first rule that matches it, to the people of that
        rule in turn. Deactivated people are skipped.
      </p>
      <Failure error={rules.error} />
      {rules.data === undefined ? (
        <p className="muted">Loading…</p>
      ) : (
        <Rules
          key={rules.data.version}
          saved={rules.data.body.rules.map(draftOf)}
          version={rules.data.version}
        />
      )}
    </SettingsPage>
  );
}

function Rules({ saved, version }: { saved: readonly RuleDraft[]; version: string | null }) {
  const may_change = mayPlan(useMe());
  const [changed, setDrafts] = useState<readonly RuleDraft[] | null>(null);
  const drafts = changed ?? saved;
  const saving = useMutation({
    mutationFn: () => {
      const header = version === null ? {} : { header: { 'If-Match': version } };
      return read(api.PUT('/assignment_rules', { params: header, body: { rules: drafts.map(bodyOf) } }));
    },
    onSuccess: () => {
      announce('Rules saved.');
      cache.invalidateQueries({ queryKey: ['assignment_rules'] });
    },
  });
  const is_changed = changed !== null;
  const change = (at: number, rule: RuleDraft | null) =>
    setDrafts(drafts.flatMap((one, place) => (place === at ? (rule ?? []) : one)));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!saving.isPending) saving.mutate();
  };
  const faults = faultsOf(saving.error);
  return (
    <form className="policy" onSubmit={submit}>
      {drafts.length === 0 ? (
        <p>No rules. {may_change ? 'Add one to assign new leads.' : 'RevOps and admins add rules.'}</p>
      ) : null}
      {drafts.map((rule, at) => (
        <RuleFields
          key={rule.key}
          place={at + 1}
          rule={rule}
          may_change={may_change}
          fault={[...faults].find(([path]) => path.startsWith(`rules.${at}.`))?.[1]}
          onChange={(changed) => change(at, changed)}
          onRaise={at === 0 ? null : () => setDrafts(raised(drafts, at))}
        />
      ))}
      <Failure error={faults.size === 0 ? saving.error : null} />
      {may_change ? (
        <div className="actions">
          {is_changed || drafts.length > 0 ? (
            <ActionButton type="submit" className="primary" disabled={!is_changed} is_busy={saving.isPending}>
              Save rules
            </ActionButton>
          ) : null}
          <button type="button" onClick={() => setDrafts([...drafts, NEW_RULE()])}>
            Add rule
          </button>
          {is_changed || drafts.length === 0 ? null : <span className="muted">All changes are saved.</span>}
          {is_changed || drafts.length === 0 ? null : <ApplyRules />}
        </div>
      ) : null}
    </form>
  );
}

/** The rule at this place, one place earlier. */
function raised(drafts: readonly RuleDraft[], at: number): RuleDraft[] {
  return drafts.map((rule, place) =>
    place === at - 1 ? drafts[at]! : place === at ? drafts[at - 1]! : rule,
  );
}
