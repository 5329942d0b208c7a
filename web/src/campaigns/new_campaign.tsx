import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useRef, useState } from 'react';
import { cache } from '../api/cache.ts';
import { api, read } from '../api/client.ts';
import { faultsWithin } from '../api/faults.ts';
import { useClients } from '../plays/use_play.ts';
import { StepRows } from '../steps/step_rows.tsx';
import { ActionButton } from '../ui/action_button.tsx';
import { announce } from '../ui/announce.tsx';
import { Field } from '../ui/field.tsx';
import { go } from '../ui/route.ts';
import { focusFault, useUnsavedGuard } from '../ui/unsaved_guard.ts';
import { ApproversField } from './approvers_field.tsx';
import { Choice, OwnerField } from './campaign_fields.tsx';
import {
  type CampaignForm,
  definitionOf,
  EMPTY_FORM,
  formFaults,
  hasOtherRules,
  slugOf,
} from './campaign_form.ts';
import { DefinitionFailure, definitionFaults } from './definition_failure.tsx';
import { ExitFields } from './exit_fields.tsx';
import { PriorityField } from './priority_field.tsx';
import { useCampaignName, useCampaigns } from './use_campaigns.ts';
import { ENTRY_WORDS, SEND_RULE_WORDS, SEQUENCE_WORDS, SIDE_WORDS, TYPE_WORDS } from './words.ts';

const FIELDS = [
  'name',
  'slug',
  'client_id',
  'owner_role',
  'send_rule',
  'entry',
  'priority',
  'approvers',
  'sequence_type',
  'side',
  'steps',
  'on_exit',
] as const;

/** Form for a whole campaign. */
export function NewCampaign() {
  const [form, setForm] = useState(EMPTY_FORM);
  const [is_tried, setTried] = useState(false);
  const element = useRef<HTMLFormElement>(null);
  const campaigns = useCampaigns();
  const slugs = (campaigns.data?.items ?? []).map(({ slug }) => slug);
  useUnsavedGuard(form !== EMPTY_FORM);
  const making = useMutation({
    mutationFn: () => read(api.POST('/campaigns', { body: definitionOf(form) })),
    onSuccess: ({ slug, name }) => {
      cache.invalidateQueries({ queryKey: ['campaigns'] });
      announce(`Created ${name}. The campaign is active.`);
      go(`/campaigns/${slug}`);
    },
    onError: () => focusFault(element.current),
  });
  const own_faults = is_tried ? formFaults(form, slugs) : new Map<string, string>();
  const nameOf = useCampaignName();
  const own_slug = form.slug || slugOf(form.name);
  const told = definitionFaults(making.error, (slug) => (slug === own_slug ? form.name : nameOf(slug)));
  const faults = new Map([...told, ...own_faults]);
  const write = (change: Partial<CampaignForm>) => setForm({ ...form, ...change });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (making.isPending) return;
    if (formFaults(form, slugs).size > 0) focusFault(element.current);
    else making.mutate();
  };
  return (
    <form ref={element} className="campaign_form" noValidate onSubmit={submit}>
      <SettingsFields form={form} faults={faults} onWrite={write} />
      <fieldset className="group">
        <legend>Steps</legend>
        <StepRows
          steps={form.steps}
          faults={faultsWithin(faults, 'steps')}
          onChange={(steps) => write({ steps })}
        />
      </fieldset>
      <ExitFields on_exit={form.on_exit} faults={faults} onChoose={(on_exit) => write({ on_exit })} />
      <DefinitionFailure error={making.error} fields={FIELDS} />
      <div className="actions form_end">
        <ActionButton type="submit" className="primary" is_busy={making.isPending}>
          Create campaign
        </ActionButton>
      </div>
    </form>
  );
}

type FieldsProps = {
  form: CampaignForm;
  faults: ReadonlyMap<string, string>;
  onWrite(change: Partial<CampaignForm>): void;
};

function SettingsFields({ form, faults, onWrite }: FieldsProps) {
  const clients = useClients();
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
        <Field
          label="Short name"
          hint="Used in commands, files, and links. You cannot change it later."
          fault={faults.get('slug')}
        >
          <input
            maxLength={63}
            placeholder={slugOf(form.name)}
            value={form.slug}
            onChange={(event) => onWrite({ slug: event.target.value })}
          />
        </Field>
        <Field label="Brand" hint="The brand messages come from." fault={faults.get('client_id')}>
          <select value={form.client_id} onChange={(event) => onWrite({ client_id: event.target.value })}>
            <option value="">Choose a brand</option>
            {clients.data?.items.map(({ client_id, name }) => (
              <option key={client_id} value={client_id}>
                {name}
              </option>
            ))}
          </select>
        </Field>
        <OwnerField
          value={form.owner_role}
          hint="The agent that writes the messages, with its role in parentheses."
          fault={faults.get('owner_role')}
          onChoose={(owner_role) => onWrite({ owner_role, send_rule: 'approve_each' })}
        />
        <Choice
          label="Type"
          value={form.type}
          words={{
            membership: TYPE_WORDS.membership,
            event: TYPE_WORDS.event,
            platform: TYPE_WORDS.platform,
            onboarding: TYPE_WORDS.onboarding,
          }}
          onChoose={(type) => onWrite({ type })}
        />
        <Choice
          label="Stage"
          hint="The stage of its leads, checked by the State gate."
          fault={faults.get('sequence_type')}
          value={form.sequence_type}
          words={{ '': 'Owner’s default', ...SEQUENCE_WORDS }}
          onChoose={(sequence_type) => onWrite({ sequence_type })}
        />
        <Choice
          label="Side"
          hint="Sales or marketing. If both want a lead, the conflict rules decide."
          fault={faults.get('side')}
          value={form.side}
          words={{ '': 'Owner’s default', ...SIDE_WORDS }}
          onChoose={(side) => onWrite({ side })}
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
