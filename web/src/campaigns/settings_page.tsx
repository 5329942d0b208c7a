import './campaigns.css';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, type KeyboardEvent, useRef, useState } from 'react';
import { useAgentName } from '../agents/names.ts';
import { cache } from '../api/cache.ts';
import { isRefusal } from '../api/refusal.ts';
import { useMe } from '../sessions/me.ts';
import { ActionButton } from '../ui/action_button.tsx';
import { announce } from '../ui/announce.tsx';
import { ConfirmDialog } from '../ui/confirm_dialog.tsx';
import { Empty } from '../ui/empty.tsx';
import { Failure } from '../ui/failure.tsx';
import { Field } from '../ui/field.tsx';
import { Link } from '../ui/link.tsx';
import { go } from '../ui/route.ts';
import { useTitle } from '../ui/title.ts';
import { focusFault, useUnsavedGuard } from '../ui/unsaved_guard.ts';
import { ApproversField } from './approvers_field.tsx';
import { type Campaign, exitsOf, fetchCampaign, patchCampaign, type ReadCampaign } from './campaign.ts';
import { Choice, OwnerField } from './campaign_fields.tsx';
import { hasOtherRules } from './campaign_form.ts';
import { canPlan } from './campaigns_page.tsx';
import { DefinitionFailure, definitionFaults } from './definition_failure.tsx';
import { ExitFields } from './exit_fields.tsx';
import { PriorityField } from './priority_field.tsx';
import { changesOf, rebased, type SettingsForm, settingsOf } from './settings_form.ts';
import { useCampaign, useCampaignName } from './use_campaigns.ts';
import { APPROVER_WORDS, ENTRY_WORDS, EXIT_WORDS, SEND_RULE_WORDS, targetWords } from './words.ts';

/** Edits a campaign’s name, owner, and exit rules. */
export function CampaignSettingsPage({ slug }: { slug: string }) {
  const read = useCampaign(slug);
  const me = useMe();
  const campaign = read.data?.campaign;
  useTitle(campaign === undefined ? 'Settings' : `Settings of ${campaign.name}`);
  const may_write = me === undefined || canPlan(me.roles);
  return (
    <div className="page">
      <p className="crumbs">
        <Link to={`/campaigns/${slug}`}>‹ The campaign</Link>
      </p>
      <Failure error={read.error} />
      <h1 className={campaign === undefined ? 'muted' : undefined}>
        {campaign === undefined ? 'Settings' : `Settings of ${campaign.name}`}
      </h1>
      {read.data === undefined ? null : may_write && read.data.campaign.play_id === null ? (
        <SettingsEditor key={slug} latest={read.data} />
      ) : (
        <NotHere play_id={read.data.campaign.play_id} may_write={may_write} />
      )}
    </div>
  );
}

function NotHere({ play_id, may_write }: { play_id: string | null; may_write: boolean }) {
  if (!may_write || play_id === null) {
    return (
      <Empty title="You cannot change these settings">
        <p>RevOps and admins can change campaigns.</p>
      </Empty>
    );
  }
  return (
    <Empty title="A play defines these settings">
      <p>
        This campaign runs <Link to={`/plays/${play_id}`}>a play</Link>. Its name, owner, and steps were
        approved with the play. To change them, copy the play and edit the copy.
      </p>
    </Empty>
  );
}

/** The user’s edits on top of the campaign as last read. */
function useSettings(latest: ReadCampaign, onSaved: () => void, onRefused: () => void) {
  const { slug } = latest.campaign;
  const [base, setBase] = useState(latest);
  const [form, setForm] = useState(() => settingsOf(latest.campaign));
  const [is_replaced, setReplaced] = useState(false);
  const changes = changesOf(form, base.campaign);
  const is_changed = Object.keys(changes).length > 0;
  useUnsavedGuard(is_changed);
  const saving = useMutation({
    mutationFn: () => patchCampaign(slug, base.version, changes),
    onSuccess: (changed) => {
      cache.setQueryData<ReadCampaign>(['campaigns', 'one', slug], changed);
      cache.invalidateQueries({ queryKey: ['campaigns'] });
      announce(`Saved: ${changed.campaign.name}.`);
      onSaved();
    },
    onError: async (error) => {
      if (!isRefusal(error, 'version_changed')) return onRefused();
      const now = await fetchCampaign(slug);
      setForm((typed) => rebased(typed, base.campaign, now.campaign));
      setBase(now);
      setReplaced(true);
      window.scrollTo(0, 0);
    },
  });
  return { base, form, setForm, is_replaced, is_changed, saving };
}

function SettingsEditor({ latest }: { latest: ReadCampaign }) {
  const { slug } = latest.campaign;
  const leave = () => go(`/campaigns/${slug}`);
  const element = useRef<HTMLFormElement>(null);
  const { base, form, setForm, is_replaced, is_changed, saving } = useSettings(latest, leave, () =>
    focusFault(element.current),
  );
  const [is_asking, setAsking] = useState(false);
  const nameOf = useCampaignName();
  const faults = new Map(definitionFaults(saving.error, nameOf));
  if (form.name.trim() === '') faults.set('name', 'Enter a name.');
  const save = (event: FormEvent | KeyboardEvent) => {
    event.preventDefault();
    if (saving.isPending) return;
    if (form.name.trim() === '') focusFault(element.current);
    else if (is_changed) saving.mutate();
    else leave();
  };
  return (
    <form
      ref={element}
      className="campaign_form"
      noValidate
      onSubmit={save}
      onKeyDown={(event) => {
        if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) save(event);
      }}
    >
      {is_replaced ? <Replaced campaign={base.campaign} /> : null}
      <SettingsFields form={form} faults={faults} onWrite={(change) => setForm({ ...form, ...change })} />
      <ExitFields
        own_slug={slug}
        on_exit={form.on_exit}
        faults={faults}
        onChoose={(on_exit) => setForm({ ...form, on_exit })}
      />
      <p className="muted">
        Enrolled leads stay enrolled. The new exit rules apply to leads who exit from now on.
      </p>
      <DefinitionFailure
        error={isRefusal(saving.error, 'version_changed') ? null : saving.error}
        fields={['name', 'owner_role', 'send_rule', 'entry', 'priority', 'approvers', 'on_exit']}
      />
      <div className="actions form_end">
        <ActionButton type="submit" className="primary" is_busy={saving.isPending}>
          Save settings <kbd className="key">Ctrl Enter</kbd>
        </ActionButton>
        <button type="button" onClick={() => (is_changed ? setAsking(true) : leave())}>
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

type SettingsFieldsProps = {
  form: SettingsForm;
  faults: ReadonlyMap<string, string>;
  onWrite(change: Partial<SettingsForm>): void;
};

function SettingsFields({ form, faults, onWrite }: SettingsFieldsProps) {
  return (
    <fieldset className="group">
      <legend>Settings</legend>
      <div className="group_grid">
        <Field label="Name" fault={faults.get('name')}>
          <input
            maxLength={200}
            value={form.name}
            onChange={(event) => onWrite({ name: event.target.value })}
          />
        </Field>
        <OwnerField
          value={form.owner_role}
          hint="The agent that writes new messages. Existing requests stay with the previous owner."
          fault={faults.get('owner_role')}
          onChoose={(owner_role) =>
            onWrite({ owner_role, ...(hasOtherRules(owner_role) ? {} : { send_rule: 'approve_each' }) })
          }
        />
        {hasOtherRules(form.owner_role) ? (
          <Choice
            label="Sending"
            fault={faults.get('send_rule')}
            value={form.send_rule}
            words={SEND_RULE_WORDS}
            onChoose={(send_rule) => onWrite({ send_rule })}
          />
        ) : null}
        <Choice
          label="Entry"
          hint="A request that may not enter becomes a hand-off for an executive."
          fault={faults.get('entry')}
          value={form.entry}
          words={ENTRY_WORDS}
          onChoose={(entry) => onWrite({ entry })}
        />
        <PriorityField
          value={form.priority}
          fault={faults.get('priority')}
          onWrite={(priority) => onWrite({ priority })}
        />
        <ApproversField
          value={form.approvers}
          fault={faults.get('approvers')}
          onChoose={(approvers) => onWrite({ approvers })}
        />
      </div>
    </fieldset>
  );
}

function Replaced({ campaign }: { campaign: Campaign }) {
  const nameOf = useCampaignName();
  const agentName = useAgentName();
  return (
    <div className="notice notice_bad" role="alert">
      <p>
        Not saved: someone else changed this campaign while you were editing. Your edits are kept. Saving
        again writes them over the current version:
      </p>
      <ul>
        <li>
          {campaign.name}, owned by {agentName(campaign.owner_role)}. {SEND_RULE_WORDS[campaign.send_rule]}.{' '}
          {ENTRY_WORDS[campaign.entry]}. Priority {campaign.priority}. Approvers:{' '}
          {APPROVER_WORDS[campaign.approvers]}.
        </li>
        {exitsOf(campaign).map(({ reason, target }) => (
          <li key={reason}>
            {EXIT_WORDS[reason]}: {targetWords(target, nameOf)}
          </li>
        ))}
      </ul>
    </div>
  );
}
