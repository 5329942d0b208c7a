import { useState } from 'react';
import { useMe } from '../sessions/me.ts';
import { mayKeepRecords, mayWork } from '../sessions/roles.ts';
import { useKeys } from '../ui/keys.ts';
import { OutLink } from '../ui/link.tsx';
import { Time } from '../ui/time.tsx';
import { EditLead } from './edit_lead.tsx';
import { ForgetLead } from './forget_lead.tsx';
import { type Lead, nameOf } from './lead.ts';
import { OwnerBadge, OwnLead } from './lead_owner.tsx';
import { MergeLeads } from './merge_leads.tsx';
import { OptOut } from './opt_out.tsx';
import { StartSequence } from './start_sequence.tsx';
import { STATE_WORDS } from './words.ts';

type Asked = 'start' | 'edit' | 'merge' | null;

/** The lead's identity and the available actions. */
export function LeadHead({ lead, version }: { lead: Lead; version: string | null }) {
  // Keeps the lead as it was before the erasure, whose result is shown afterwards.
  const [erasing, setErasing] = useState<Lead | null>(null);
  return (
    <div className="page_head">
      <div>
        <h1>
          <bdi>{nameOf(lead)}</bdi>
        </h1>
        <p className="muted">
          <bdi>{lead.title}</bdi>
          {lead.title && lead.company ? ', ' : null}
          <bdi>{lead.company}</bdi>
          {lead.title || lead.company ? <br /> : null}
          <span className="address">{lead.email}</span>
          {lead.linkedin_url === null ? null : (
            <>
              {' · '}
              <OutLink href={lead.linkedin_url}>LinkedIn</OutLink>
            </>
          )}
          {lead.phone === null ? null : (
            <>
              {' · '}
              <a href={`tel:${lead.phone}`}>{lead.phone}</a>
            </>
          )}
        </p>
        <LeadBadges lead={lead} />
      </div>
      {lead.erased_at === null ? (
        <LeadActions lead={lead} version={version} onErase={() => setErasing(lead)} />
      ) : null}
      {erasing === null ? null : <ForgetLead lead={erasing} onClose={() => setErasing(null)} />}
    </div>
  );
}

function LeadBadges({ lead }: { lead: Lead }) {
  return (
    <p className="badges">
      <span className="badge">{lead.effective_icp_tier ?? 'No tier'}</span>
      <span className="badge">{STATE_WORDS[lead.cadence_state]}</span>
      <span className="badge">Local time: {lead.effective_time_zone}</span>
      {lead.erased_at === null ? <OwnerBadge lead={lead} /> : null}
      {lead.abm_active ? <span className="badge badge_strong">ABM</span> : null}
      {lead.unsubscribe_flag ? <span className="badge badge_bad">Unsubscribed</span> : null}
      {lead.opt_out_flag ? <span className="badge badge_bad">Opted out</span> : null}
      {lead.suppressed_address ? <span className="badge badge_bad">Address suppressed</span> : null}
      {lead.left_company_at === null ? null : (
        <span className="badge badge_bad">
          Left or wrong person, wrote <Time iso={lead.left_company_at} />
        </span>
      )}
      {lead.erased_at === null ? null : <span className="badge badge_bad">Personal data deleted</span>}
    </p>
  );
}

type ActionsProps = { lead: Lead; version: string | null; onErase(): void };

function LeadActions({ lead, version, onErase }: ActionsProps) {
  const [asked, setAsked] = useState<Asked>(null);
  const me = useMe();
  const may_work = mayWork(me);
  // Enrolling is not the primary action for leads that must not be contacted; the gates explain why.
  const is_stopped = lead.unsubscribe_flag || lead.opt_out_flag || lead.suppressed_address;
  const close = () => setAsked(null);
  useKeys(may_work ? { s: () => setAsked('start'), e: () => setAsked('edit') } : {});
  return (
    <div className="actions">
      {may_work ? (
        <>
          <button
            type="button"
            className={is_stopped ? undefined : 'primary'}
            onClick={() => setAsked('start')}
            aria-keyshortcuts="S"
          >
            Enroll…{' '}
            <span className="key" aria-hidden="true">
              S
            </span>
          </button>
          <button type="button" onClick={() => setAsked('edit')} aria-keyshortcuts="E">
            Edit…{' '}
            <span className="key" aria-hidden="true">
              E
            </span>
          </button>
          <OwnLead lead={lead} version={version} />
          <OptOut lead={lead} />
        </>
      ) : null}
      {mayKeepRecords(me) ? (
        <>
          <a href={`/api/v1/leads/${lead.id}/export`} download={`lead-${lead.id}.json`}>
            Export
          </a>
          <button type="button" onClick={() => setAsked('merge')}>
            Merge…
          </button>
          <button type="button" onClick={onErase}>
            Delete personal data…
          </button>
        </>
      ) : null}
      {asked === 'start' ? <StartSequence lead={lead} onClose={close} /> : null}
      {asked === 'merge' ? <MergeLeads lead={lead} other={null} onClose={close} /> : null}
      {asked === 'edit' ? <EditLead lead={lead} version={version} onClose={close} /> : null}
    </div>
  );
}
