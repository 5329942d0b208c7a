import { useMutation, useQuery } from '@tanstack/react-query';
import { type FormEvent, useRef, useState } from 'react';
import { cache } from '../api/cache.ts';
import { api, read } from '../api/client.ts';
import { faultsOf, faultsWithin, toldBy } from '../api/faults.ts';
import { useClients } from '../plays/use_play.ts';
import { pathWords } from '../plays/words.ts';
import { StepRows } from '../steps/step_rows.tsx';
import { announce } from '../ui/announce.tsx';
import { Failure } from '../ui/failure.tsx';
import { Field } from '../ui/field.tsx';
import { go } from '../ui/route.ts';
import { focusFault, useUnsavedGuard } from '../ui/unsaved_guard.ts';
import { EXIT_REASONS, type ExitReason } from './campaign.ts';
import {
  type CampaignForm,
  definitionOf,
  EMPTY_FORM,
  exitChoice,
  formFaults,
  slugOf,
} from './campaign_form.ts';
import { useCampaigns } from './use_campaigns.ts';
import { EXIT_WORDS, SEND_RULE_WORDS, SEQUENCE_WORDS, SIDE_WORDS, TYPE_WORDS } from './words.ts';

/** Whose messages may leave without a person reading each one. */
const OWNERS_WITH_OTHER_RULES = ['AGT-301', 'AGT-304'];

/** A form for a whole campaign. */
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
      announce(`${name} is there, and active.`);
      go(`/campaigns/${slug}`);
    },
  });
  const own_faults = is_tried ? formFaults(form, slugs) : new Map<string, string>();
  const faults = new Map([...faultsOf(making.error), ...own_faults]);
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
        <legend>Touches</legend>
        <StepRows
          steps={form.steps}
          faults={faultsWithin(faults, 'steps')}
          onChange={(steps) => write({ steps })}
        />
      </fieldset>
      <ExitFields form={form} faults={faults} onWrite={write} />
      <Failure error={toldBy(making.error, (path) => pathWords(path))} />
      <div className="actions form_end">
        <button type="submit" className="primary" disabled={making.isPending}>
          Make the campaign
        </button>
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
  const agents = useQuery({ queryKey: ['agents'], queryFn: () => read(api.GET('/agents')) });
  const owners = (agents.data?.items ?? []).filter(({ kind }) => kind !== 'brain');
  const has_rules = OWNERS_WITH_OTHER_RULES.includes(form.owner_role);
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
        <Field label="Short name" hint="For commands and files; it stays." fault={faults.get('slug')}>
          <input
            maxLength={63}
            placeholder={slugOf(form.name)}
            value={form.slug}
            onChange={(event) => onWrite({ slug: event.target.value })}
          />
        </Field>
        <Field label="Brand" hint="Whose messages these are." fault={faults.get('client')}>
          <select value={form.client} onChange={(event) => onWrite({ client: event.target.value })}>
            <option value="">Choose one</option>
            {clients.data?.items.map(({ client_id, name }) => (
              <option key={client_id} value={client_id}>
                {name}
              </option>
            ))}
          </select>
        </Field>
        <Field label="Owner" hint="Who writes its messages." fault={faults.get('owner_role')}>
          <select
            value={form.owner_role}
            onChange={(event) => onWrite({ owner_role: event.target.value, send_rule: 'approve_each' })}
          >
            {owners.map(({ id, display_name }) => (
              <option key={id} value={id}>
                {display_name} ({id})
              </option>
            ))}
          </select>
        </Field>
        <Choice
          label="Kind"
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
          label="Where its people stand"
          fault={faults.get('sequence_type')}
          value={form.sequence_type}
          words={{ '': 'As its owner’s others', ...SEQUENCE_WORDS }}
          onChoose={(sequence_type) => onWrite({ sequence_type })}
        />
        <Choice
          label="Side"
          fault={faults.get('side')}
          value={form.side}
          words={{ '': 'As its owner’s others', ...SIDE_WORDS }}
          onChoose={(side) => onWrite({ side })}
        />
        {has_rules ? (
          <Choice
            label="Sending"
            fault={faults.get('send_rule')}
            value={form.send_rule}
            words={SEND_RULE_WORDS}
            onChoose={(send_rule) => onWrite({ send_rule })}
          />
        ) : null}
      </div>
    </fieldset>
  );
}

function ExitFields({ form, faults, onWrite }: FieldsProps) {
  const campaigns = useCampaigns();
  const others = (campaigns.data?.items ?? []).filter(({ play_id }) => play_id === null);
  const choose = (reason: ExitReason, choice: string) =>
    onWrite({ on_exit: { ...form.on_exit, [reason]: choice } });
  return (
    <fieldset className="group">
      <legend>What follows when someone leaves</legend>
      <div className="group_grid">
        {EXIT_REASONS.map((reason) => (
          <Field key={reason} label={EXIT_WORDS[reason]} fault={faults.get(`on_exit.${reason}`)}>
            <select value={form.on_exit[reason]} onChange={(event) => choose(reason, event.target.value)}>
              <option value={exitChoice(null)}>Nothing</option>
              <option value={exitChoice({ gate: 'exec', suggest: null })}>A person decides</option>
              <optgroup label="By itself">
                {others.map(({ slug, name }) => (
                  <option key={slug} value={exitChoice(slug)}>
                    {name}
                  </option>
                ))}
              </optgroup>
              <optgroup label="A person decides; suggested is">
                {others.map(({ slug, name }) => (
                  <option key={slug} value={exitChoice({ gate: 'exec', suggest: slug })}>
                    {name}, if a person says so
                  </option>
                ))}
              </optgroup>
            </select>
          </Field>
        ))}
      </div>
    </fieldset>
  );
}

type ChoiceProps<Value extends string> = {
  label: string;
  fault?: string | undefined;
  value: Value;
  words: Readonly<Record<Value, string>>;
  onChoose(value: Value): void;
};

function Choice<Value extends string>({ label, fault, value, words, onChoose }: ChoiceProps<Value>) {
  return (
    <Field label={label} fault={fault}>
      <select value={value} onChange={(event) => onChoose(event.target.value as Value)}>
        {Object.entries<string>(words).map(([one, text]) => (
          <option key={one} value={one}>
            {text}
          </option>
        ))}
      </select>
    </Field>
  );
}
