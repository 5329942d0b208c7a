import { useMutation, useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { api, read } from '../api/client.ts';
import type { LeadMerge, MergeSuggestion } from '../api/schema.d.ts';
import { useMe } from '../sessions/me.ts';
import { mayKeepRecords } from '../sessions/roles.ts';
import { ActionButton } from '../ui/action_button.tsx';
import { announce } from '../ui/announce.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Failure } from '../ui/failure.tsx';
import { Field } from '../ui/field.tsx';
import { Link } from '../ui/link.tsx';
import { reasonName } from '../ui/reasons.ts';
import { type Lead, leadChanged, nameOf } from './lead.ts';
import { MergeCompare } from './merge_compare.tsx';

const CAUSE_WORDS: Readonly<Record<MergeSuggestion['reason'], string>> = {
  same_crm_record: 'same CRM record; will be merged automatically',
  crm_record_in_file: 'an imported file has one CRM record for both',
  same_email: 'an imported file lists an email address of one for the other',
  same_profile: 'same LinkedIn profile',
  same_phone_and_name: 'same name and phone number',
  same_name_and_company: 'same name and company',
};

const OUTCOME_WORDS: Readonly<Record<LeadMerge['work'][number]['outcome'], string>> = {
  continues: 'continues for this lead',
  waits: 'queued until the gates pass',
  refused: 'ends: not allowed for the merged lead',
  already_enrolled: 'ends: the lead that stays is enrolled already',
  unreachable: 'ends: the lead has no address for it',
  ends: 'ends: its campaign is closed',
};

/** Leads that may be the same person as this one. */
export function MergeSuggestions({ lead }: { lead: Lead }) {
  const [merging, setMerging] = useState<string | null>(null);
  const may_merge = mayKeepRecords(useMe());
  const suggestions = useQuery({
    queryKey: ['leads', lead.id, 'merge_suggestions'],
    queryFn: () =>
      read(api.GET('/leads/merge_suggestions', { params: { query: { lead_id: lead.id, limit: 20 } } })),
  });
  const rejecting = useMutation({
    mutationFn: (id: string) =>
      read(api.POST('/leads/merge_suggestions/{id}/reject', { params: { path: { id } } })),
    onSuccess: () => {
      announce('Noted: different people. They are not suggested again.');
      leadChanged();
    },
  });
  const items = suggestions.data?.items ?? [];
  if (items.length === 0) return null;
  return (
    <section className="notice">
      <h2>Maybe the same person</h2>
      <ul className="lead_reasons">
        {items.map((item) => {
          const { id, reason } = item;
          const other = otherOf(item, lead.id);
          return (
            <li key={id}>
              <p>
                <Link to={`/leads/${other.id}`}>{other.name ?? other.email}</Link>{' '}
                <span className="address">{other.name === null ? null : other.email}</span>:{' '}
                {CAUSE_WORDS[reason]}.
              </p>
              {may_merge ? (
                <div className="actions actions_small">
                  <button type="button" onClick={() => setMerging(other.id)}>
                    Compare and merge…
                  </button>
                  <button type="button" disabled={rejecting.isPending} onClick={() => rejecting.mutate(id)}>
                    Different people
                  </button>
                </div>
              ) : null}
            </li>
          );
        })}
      </ul>
      <Failure error={suggestions.error ?? rejecting.error} />
      {merging === null ? null : <MergeLeads lead={lead} other={merging} onClose={() => setMerging(null)} />}
    </section>
  );
}

function otherOf(item: MergeSuggestion, lead_id: string) {
  return item.lead_id === lead_id
    ? { id: item.other_lead_id, name: item.other_name, email: item.other_email }
    : { id: item.lead_id, name: item.lead_name, email: item.lead_email };
}

/** Shows what a merge would do, then merges. `other`: the id or an address of the lead that is merged into this one. */
export function MergeLeads({ lead, other, onClose }: { lead: Lead; other: string | null; onClose(): void }) {
  const [key, setKey] = useState(other ?? '');
  const merge = (dry_run: boolean) =>
    read(
      api.POST('/leads/{id}/merge', {
        params: { path: { id: lead.id } },
        body: { other_lead_id: key, dry_run },
      }),
    );
  const looking = useMutation({ mutationFn: () => merge(true) });
  const merging = useMutation({
    mutationFn: () => merge(false),
    onSuccess: () => {
      announce('Merged. The history of both leads counts for this one.');
      leadChanged();
      onClose();
    },
  });
  const preview = looking.data;
  const compared = other ?? preview?.merged_lead_id ?? null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (preview === undefined) looking.mutate();
    else merging.mutate();
  };
  return (
    <Dialog title={`Merge into ${nameOf(lead)}`} is_wide onClose={onClose}>
      <form onSubmit={submit}>
        <p>Both leads are the same person. This one stays; a merge cannot be undone.</p>
        {other !== null ? null : (
          <Field label="Other lead" hint="An email address or an ID">
            <input
              required
              value={key}
              onChange={(event) => {
                setKey(event.target.value);
                looking.reset();
                merging.reset();
              }}
            />
          </Field>
        )}
        {compared === null ? null : <MergeCompare lead={lead} other_key={compared} />}
        {preview === undefined ? null : <MergePreview preview={preview} />}
        <Failure error={merging.error ?? looking.error} />
        <div className="actions">
          <ActionButton
            type="submit"
            className={preview === undefined ? 'primary' : 'danger'}
            disabled={key.trim() === ''}
            is_busy={looking.isPending || merging.isPending}
          >
            {preview === undefined ? 'Preview merge' : 'Merge'}
          </ActionButton>
          <button type="button" onClick={onClose}>
            Cancel
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function MergePreview({ preview: { lead, work, ended } }: { preview: LeadMerge }) {
  const addresses = lead.addresses.filter(({ until }) => until === null);
  const is_blocked = lead.unsubscribe_flag || lead.opt_out_flag;
  return (
    <div className="notice" role="status">
      <p>
        Touches go to <span className="address">{lead.email}</span>. Addresses afterwards:{' '}
        {addresses.map(({ value }) => value).join(', ')}.
      </p>
      <p>
        {is_blocked ? 'The lead must not be contacted: one of both opted out.' : 'The lead can be contacted.'}
      </p>
      {work.length === 0 ? <p>The other lead has no open enrollment.</p> : null}
      <ul>
        {work.map(({ campaign_slug, campaign_name, outcome, reason }) => (
          <li key={campaign_slug}>
            {campaign_name}: {OUTCOME_WORDS[outcome]}
            {reason === null ? '' : ` (${reasonName(reason)})`}
          </li>
        ))}
        {ended.map(({ campaign_slug, campaign_name }) => (
          <li key={campaign_slug}>{campaign_name}: ends for the lead that stays</li>
        ))}
      </ul>
    </div>
  );
}
