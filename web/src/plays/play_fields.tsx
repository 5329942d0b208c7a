import { useQuery } from '@tanstack/react-query';
import { api, read } from '../api/client.ts';
import { faultsWithin } from '../api/faults.ts';
import { StepRows } from '../steps/step_rows.tsx';
import { Field } from '../ui/field.tsx';
import type { Play } from './play.ts';
import { type PlayForm, TIERS } from './play_form.ts';
import { useClients } from './use_play.ts';

type PlayFieldsProps = {
  form: PlayForm;
  play: Play;
  /** By the field paths of the server. */
  faults: ReadonlyMap<string, string>;
  onWrite(change: Partial<PlayForm>): void;
};

/** All fields of a play that users can edit. */
export function PlayFields(props: PlayFieldsProps) {
  const { form, faults, onWrite } = props;
  return (
    <>
      <Field label="Name" fault={faults.get('name')}>
        <input
          maxLength={128}
          value={form.name}
          onChange={(event) => onWrite({ name: event.target.value })}
        />
      </Field>
      <Field label="Hypothesis" hint="The thesis this play tests." fault={faults.get('hypothesis')}>
        <textarea
          rows={4}
          maxLength={5_000}
          value={form.hypothesis}
          onChange={(event) => onWrite({ hypothesis: event.target.value })}
        />
      </Field>
      <AudienceFields {...props} />
      <CadenceFields {...props} />
      <CriteriaFields {...props} />
      <PeriodFields {...props} />
    </>
  );
}

const LISTS = [
  ['titles', 'Titles', 'One per line. A title matches if it contains one of these as whole words.', 'titles'],
  ['verticals', 'Verticals', 'One per line.', 'verticals'],
  ['lifecycle_stages', 'Lifecycle stages', 'One per line.', 'lifecycle_stages'],
  ['signals_any', 'Signals, any of', 'One per line. The lead has shown at least one.', 'intent_signals.any'],
  ['signals_all', 'Signals, all of', 'One per line. The lead has shown all of them.', 'intent_signals.all'],
] as const;

function AudienceFields({ form, play, faults, onWrite }: PlayFieldsProps) {
  const inner = faultsWithin(faults, 'target_definition');
  const faultAt = (path: string) => faultsWithin(inner, path).values().next().value;
  return (
    <fieldset className="group">
      <legend>Audience</legend>
      <p className="muted">
        Leads in its {play.segment === null ? 'account' : 'segment'} that match every field. Empty fields
        match all leads.
      </p>
      <fieldset className="choice">
        <legend className="unseen">Tiers</legend>
        {TIERS.map((tier) => (
          <label key={tier} className="check">
            <input
              type="checkbox"
              checked={form.icp_tiers.includes(tier)}
              onChange={(event) =>
                onWrite({
                  icp_tiers: TIERS.filter((one) =>
                    one === tier ? event.target.checked : form.icp_tiers.includes(one),
                  ),
                })
              }
            />
            {tier}
          </label>
        ))}
      </fieldset>
      <div className="group_grid">
        {LISTS.map(([name, label, hint, path]) => (
          <Field key={name} label={label} hint={hint} fault={faultAt(path)}>
            <textarea
              rows={3}
              value={form[name]}
              onChange={(event) => onWrite({ [name]: event.target.value })}
            />
          </Field>
        ))}
        {play.segment === null ? (
          <Field label="Segments" hint="One per line." fault={faultAt('segments')}>
            <textarea
              rows={3}
              value={form.segments}
              onChange={(event) => onWrite({ segments: event.target.value })}
            />
          </Field>
        ) : null}
      </div>
      {inner.get('') === undefined ? null : <p className="field_fault">{inner.get('')}</p>}
    </fieldset>
  );
}

function CadenceFields({ form, faults, onWrite }: PlayFieldsProps) {
  const campaigns = useQuery({
    queryKey: ['campaigns', 'names'],
    queryFn: () => read(api.GET('/campaigns', { params: { query: { limit: 200 } } })),
    enabled: form.uses === 'campaign',
  });
  const inner = faultsWithin(faults, 'suggested_cadence');
  return (
    <fieldset className="group">
      <legend>Steps</legend>
      <fieldset className="choice">
        <legend className="unseen">Source of steps</legend>
        <label>
          <input
            type="radio"
            name="uses"
            checked={form.uses === 'steps'}
            onChange={() => onWrite({ uses: 'steps' })}
          />
          Own steps
        </label>
        <label>
          <input
            type="radio"
            name="uses"
            checked={form.uses === 'campaign'}
            onChange={() => onWrite({ uses: 'campaign' })}
          />
          Steps of a campaign
        </label>
      </fieldset>
      {form.uses === 'steps' ? (
        <StepRows
          steps={form.steps}
          faults={faultsWithin(inner, 'steps')}
          onChange={(steps) => onWrite({ steps })}
        />
      ) : (
        <Field label="Campaign" fault={inner.get('campaign_template')}>
          <select
            value={form.campaign_template}
            onChange={(event) => onWrite({ campaign_template: event.target.value })}
          >
            <option value="">Choose one</option>
            {campaigns.data?.items
              .filter(({ play_id }) => play_id === null)
              .map(({ slug, name }) => (
                <option key={slug} value={slug}>
                  {name}
                </option>
              ))}
          </select>
        </Field>
      )}
      {inner.get('') === undefined ? null : <p className="field_fault">{inner.get('')}</p>}
    </fieldset>
  );
}

const CRITERIA_FIELDS = [
  ['meeting_rate', 'Meetings, % of enrolled leads'],
  ['opp_create_rate', 'Opportunities, % of enrolled leads'],
  ['acv', 'Average annual contract value'],
] as const;

function CriteriaFields({ form, faults, onWrite }: PlayFieldsProps) {
  return (
    <fieldset className="group">
      <legend>Success criteria</legend>
      <div className="group_grid">
        {CRITERIA_FIELDS.map(([name, label]) => (
          <Field key={name} label={label} fault={faults.get(`success_criteria.${name}`)}>
            <input
              inputMode="decimal"
              value={form[name]}
              onChange={(event) => onWrite({ [name]: event.target.value })}
            />
          </Field>
        ))}
      </div>
      {faults.get('success_criteria') === undefined ? null : (
        <p className="field_fault">{faults.get('success_criteria')}</p>
      )}
    </fieldset>
  );
}

function PeriodFields({ form, faults, onWrite }: PlayFieldsProps) {
  const clients = useClients();
  return (
    <fieldset className="group">
      <legend>Dates and brand</legend>
      <div className="group_grid">
        <Field
          label="First day"
          hint="Leave blank to start on activation."
          fault={faults.get('active_period_start')}
        >
          <input
            type="date"
            value={form.active_period_start}
            onChange={(event) => onWrite({ active_period_start: event.target.value })}
          />
        </Field>
        <Field
          label="Last day"
          hint="Leave blank to run until retired."
          fault={faults.get('active_period_end')}
        >
          <input
            type="date"
            value={form.active_period_end}
            onChange={(event) => onWrite({ active_period_end: event.target.value })}
          />
        </Field>
        <Field label="Brand" hint="The brand messages come from." fault={faults.get('client_id')}>
          <select value={form.client_id} onChange={(event) => onWrite({ client_id: event.target.value })}>
            <option value="">Not set</option>
            {clients.data?.items.map(({ client_id, name }) => (
              <option key={client_id} value={client_id}>
                {name}
              </option>
            ))}
          </select>
        </Field>
      </div>
    </fieldset>
  );
}
