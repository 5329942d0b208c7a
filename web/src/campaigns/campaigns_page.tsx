import './campaigns.css';
import { useAgentName } from '../agents/names.ts';
import { usePages } from '../api/pages.ts';
import { useMe, useNow } from '../sessions/me.ts';
import { Empty } from '../ui/empty.tsx';
import { Failure } from '../ui/failure.tsx';
import { useKeys } from '../ui/keys.ts';
import { Link } from '../ui/link.tsx';
import { More } from '../ui/more.tsx';
import { go } from '../ui/route.ts';
import { useRoving } from '../ui/roving.ts';
import { useTitle } from '../ui/title.ts';
import { type FunnelStep, fetchCampaigns, type ListedCampaign } from './campaign.ts';
import { ExitMapView } from './exit_map.tsx';
import { useFunnel } from './use_campaigns.ts';
import { SIDE_WORDS, STATUS_WORDS } from './words.ts';

const REFRESH_MS = 60_000;
const FUNNEL_DAYS = 30;

/** All campaigns with owners, enrollment counts, and exit rules. */
export function CampaignsPage() {
  const pages = usePages(['campaigns', 'list'], fetchCampaigns, REFRESH_MS);
  const me = useMe();
  const may_write = canPlan(me?.roles ?? []);
  const now_ms = useNow();
  const funnel = useFunnel(undefined, FUNNEL_DAYS, now_ms);
  const rowProps = useRoving({
    ids: pages.items.map(({ slug }) => slug),
    current: pages.items[0]?.slug ?? null,
    onArrow: () => undefined,
  });
  useTitle('Campaigns');
  useKeys({ n: may_write ? () => go('/campaigns/new') : undefined });
  return (
    <div className="page page_wide">
      <div className="page_head">
        <h1>Campaigns</h1>
        {may_write ? (
          <div className="actions">
            <Link to="/campaigns/new" aria-keyshortcuts="N">
              New campaign{' '}
              <span className="key" aria-hidden="true">
                N
              </span>
            </Link>
          </div>
        ) : null}
      </div>
      <Failure error={pages.error} />
      {pages.is_loading ? <p className="muted">Loading…</p> : null}
      {!pages.is_loading && pages.items.length === 0 ? <NoCampaigns /> : null}
      <ul className="rows rows_wide campaign_rows">
        {pages.items.map((campaign) => (
          <li key={campaign.slug}>
            <Link className="row" to={`/campaigns/${campaign.slug}`} {...rowProps(campaign.slug)}>
              <CampaignRow
                campaign={campaign}
                steps={funnel.data?.items.filter((step) => step.campaign_slug === campaign.slug)}
              />
            </Link>
          </li>
        ))}
      </ul>
      <More pages={pages} />
      {pages.items.length === 0 ? null : <ExitMapView campaigns={pages.items} />}
    </div>
  );
}

type CampaignRowProps = { campaign: ListedCampaign; steps: readonly FunnelStep[] | undefined };

function CampaignRow({ campaign, steps }: CampaignRowProps) {
  const agentName = useAgentName();
  const { name, owner_role, side, step_count, status, open_enrollments } = campaign;
  const began = steps?.reduce((sum, step) => sum + step.enrolled, 0);
  const ended = steps?.reduce((sum, step) => sum + step.exited, 0);
  return (
    <>
      <span className="row_text">
        <strong>{name}</strong>
        <br />
        <span className="muted">
          {agentName(owner_role)} · {SIDE_WORDS[side]} · {step_count === 1 ? '1 step' : `${step_count} steps`}
        </span>
      </span>
      <span className="row_text">
        <FunnelLine figures={[began ?? 0, open_enrollments, ended ?? 0]} />
        <span className="muted">
          {began === undefined ? '' : `${began.toLocaleString('en')} started · `}
          {open_enrollments.toLocaleString('en')} active
          {ended === undefined ? '' : ` · ${ended.toLocaleString('en')} ended in ${FUNNEL_DAYS} days`}
        </span>
      </span>
      <span className="row_end">
        <span className={status === 'paused' ? 'badge badge_strong' : 'badge'}>{STATUS_WORDS[status]}</span>
      </span>
    </>
  );
}

/** Started, active, and ended enrollments; the words beside the line say the same. */
function FunnelLine({ figures }: { figures: readonly [number, number, number] }) {
  const most = Math.max(1, ...figures);
  return (
    <svg className="funnel_line" viewBox="0 0 100 18" preserveAspectRatio="none" aria-hidden="true">
      {figures.map((figure, at) => (
        <rect
          // biome-ignore lint/suspicious/noArrayIndexKey: a bar has no name but its place
          key={at}
          className={at === 2 ? 'funnel_ended' : 'bar_fill'}
          y={at * 6}
          width={(figure / most) * 100}
          height="5"
        />
      ))}
    </svg>
  );
}

function NoCampaigns() {
  return (
    <Empty title="No campaigns yet">
      <p>A campaign is a sequence of steps plus exit rules.</p>
      <p>
        <Link to="/campaigns/new">Create a campaign</Link> in a form or from a YAML file.
      </p>
    </Empty>
  );
}

/** Roles that may define campaigns; the server decides. */
export function canPlan(roles: readonly string[]): boolean {
  return roles.includes('revops') || roles.includes('admin');
}
