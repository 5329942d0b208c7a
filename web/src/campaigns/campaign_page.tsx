import './campaigns.css';
import { useMutation } from '@tanstack/react-query';
import { useAgentName } from '../agents/names.ts';
import { cache } from '../api/cache.ts';
import { isRefusal } from '../api/refusal.ts';
import { useClients } from '../plays/use_play.ts';
import { useMe } from '../sessions/me.ts';
import { ActionButton } from '../ui/action_button.tsx';
import { announce } from '../ui/announce.tsx';
import { Empty } from '../ui/empty.tsx';
import { Failure } from '../ui/failure.tsx';
import { useKeys } from '../ui/keys.ts';
import { Link } from '../ui/link.tsx';
import { go } from '../ui/route.ts';
import { useTitle } from '../ui/title.ts';
import { type Campaign, type CampaignStatus, exitsOf, patchCampaign, type ReadCampaign } from './campaign.ts';
import { CampaignFunnel } from './campaign_funnel.tsx';
import { CampaignSteps } from './campaign_steps.tsx';
import { canPlan } from './campaigns_page.tsx';
import { Enrollments } from './enrollments.tsx';
import { useCampaign, useCampaignName } from './use_campaigns.ts';
import {
  APPROVER_WORDS,
  ENTRY_WORDS,
  EXIT_WORDS,
  SEND_RULE_WORDS,
  SEQUENCE_WORDS,
  SIDE_WORDS,
  STATUS_WORDS,
  TYPE_WORDS,
  targetWords,
} from './words.ts';

/** One campaign: funnel, steps, enrolled leads, and exit rules. */
export function CampaignPage({ slug }: { slug: string }) {
  const read = useCampaign(slug);
  useTitle(read.data?.campaign.name ?? 'Campaign');
  if (isRefusal(read.error, 'not_found') || isRefusal(read.error, 'input_invalid')) return <NoSuchCampaign />;
  return (
    <div className="page page_wide">
      <p className="crumbs">
        <Link to="/campaigns">‹ Campaigns</Link>
      </p>
      <Failure error={read.error} />
      {read.data === undefined ? <h1 className="muted">Loading…</h1> : <CampaignView read={read.data} />}
    </div>
  );
}

function CampaignView({ read }: { read: ReadCampaign }) {
  const { campaign } = read;
  return (
    <>
      <CampaignHead campaign={campaign} />
      <CampaignActions read={read} />
      <div className="campaign">
        <div className="campaign_main">
          <CampaignFunnel campaign={campaign} />
          <CampaignSteps campaign={campaign} />
          <Enrollments slug={campaign.slug} />
        </div>
        <aside className="campaign_side" aria-label="Settings">
          <CampaignFacts campaign={campaign} />
          <Exits campaign={campaign} />
        </aside>
      </div>
    </>
  );
}

function CampaignHead({ campaign: { slug, name, status, play_id } }: { campaign: Campaign }) {
  return (
    <div>
      <h1>{name}</h1>
      <p className="badges">
        <span className={status === 'paused' ? 'badge badge_strong' : 'badge'}>{STATUS_WORDS[status]}</span>
        <Link to={`/drafts?campaign=${slug}`}>Pending drafts</Link>
      </p>
      {play_id === null ? null : (
        <p className="muted">
          This campaign runs <Link to={`/plays/${play_id}`}>a play</Link> and is edited there.
        </p>
      )}
    </div>
  );
}

type Change = { status: CampaignStatus; said: string };

const PAUSE: Change = { status: 'paused', said: 'Paused. Steps wait until you activate the campaign.' };
const ACTIVATE: Change = { status: 'active', said: 'Active. Paused steps resume.' };

/** One more key press undoes a pause, so no dialog asks. */
function CampaignActions({ read: { campaign, version } }: { read: ReadCampaign }) {
  const { slug, status, play_id } = campaign;
  const me = useMe();
  const may_write = canPlan(me?.roles ?? []);
  const changing = useMutation({
    mutationFn: ({ status }: Change) => patchCampaign(slug, version, { status }),
    onSuccess: (changed, { said }) => {
      cache.setQueryData<ReadCampaign>(['campaigns', 'one', slug], changed);
      announce(said);
    },
    onSettled: () => void cache.invalidateQueries({ queryKey: ['campaigns'] }),
  });
  const change = status === 'active' ? PAUSE : ACTIVATE;
  const toggle = () => {
    if (!changing.isPending) changing.mutate(change);
  };
  const edit = () => go(`/campaigns/${slug}/steps`);
  const editSettings = () => go(`/campaigns/${slug}/settings`);
  const may_edit = may_write && play_id === null;
  useKeys({
    p: may_write ? toggle : undefined,
    e: may_edit ? edit : undefined,
    s: may_edit ? editSettings : undefined,
  });
  if (!may_write) return <p className="muted">Read only. RevOps and admins can change campaigns.</p>;
  return (
    <>
      <div className="actions">
        <ActionButton type="button" onClick={toggle} is_busy={changing.isPending} aria-keyshortcuts="P">
          {status === 'active' ? 'Pause campaign' : 'Activate campaign'}{' '}
          <span className="key" aria-hidden="true">
            P
          </span>
        </ActionButton>
        {may_edit ? (
          <>
            <button type="button" onClick={edit} aria-keyshortcuts="E">
              Edit steps{' '}
              <span className="key" aria-hidden="true">
                E
              </span>
            </button>
            <button type="button" onClick={editSettings} aria-keyshortcuts="S">
              Edit settings{' '}
              <span className="key" aria-hidden="true">
                S
              </span>
            </button>
          </>
        ) : null}
      </div>
      {isRefusal(changing.error, 'version_changed') ? (
        <p className="notice notice_bad" role="alert">
          Not saved: someone else changed this campaign. Review the current version, then try again.
        </p>
      ) : (
        <Failure error={changing.error} />
      )}
    </>
  );
}

function CampaignFacts({ campaign }: { campaign: Campaign }) {
  const agentName = useAgentName();
  const clients = useClients();
  const brand = clients.data?.items.find(({ client_id }) => client_id === campaign.client_id)?.name;
  return (
    <section>
      <h2>Settings</h2>
      <dl className="facts">
        <dt>Owner</dt>
        <dd>{agentName(campaign.owner_role)}</dd>
        <dt>Brand</dt>
        <dd>{brand ?? campaign.client_id}</dd>
        <dt>Type</dt>
        <dd>
          {TYPE_WORDS[campaign.type]}, {SEQUENCE_WORDS[campaign.sequence_type].toLowerCase()}
        </dd>
        <dt>Side</dt>
        <dd>{SIDE_WORDS[campaign.side]}</dd>
        <dt>Sending</dt>
        <dd>{SEND_RULE_WORDS[campaign.send_rule]}</dd>
        <dt>Entry</dt>
        <dd>{ENTRY_WORDS[campaign.entry]}</dd>
        <dt>Priority</dt>
        <dd>{campaign.priority}</dd>
        <dt>Approvers</dt>
        <dd>{APPROVER_WORDS[campaign.approvers]}</dd>
      </dl>
    </section>
  );
}

function Exits({ campaign }: { campaign: Campaign }) {
  const nameOf = useCampaignName();
  const exits = exitsOf(campaign);
  return (
    <section>
      <h2>Exit rules</h2>
      {'meeting' in campaign.on_exit ? null : (
        <p className="muted">After a meeting, a person chooses the next campaign.</p>
      )}
      <dl className="facts">
        {exits.map(({ reason, target }) => (
          <div className="fact" key={reason}>
            <dt>{EXIT_WORDS[reason]}</dt>
            <dd>
              {typeof target === 'string' ? (
                <Link to={`/campaigns/${target}`}>{nameOf(target)}</Link>
              ) : (
                targetWords(target, nameOf)
              )}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function NoSuchCampaign() {
  useTitle('Campaign not found');
  return (
    <Empty title="Campaign not found">
      <p>
        The address may be incomplete. <Link to="/campaigns">Show all campaigns</Link>.
      </p>
    </Empty>
  );
}
