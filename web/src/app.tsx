import { lazy, type ReactNode, Suspense } from 'react';
import { DraftsPage } from './drafts/drafts_page.tsx';
import { SignInPage } from './sessions/sign_in_page.tsx';
import { Shell } from './shell/shell.tsx';
import { TodayPage } from './today/today_page.tsx';
import { Empty } from './ui/empty.tsx';
import { Link } from './ui/link.tsx';
import { useRoute } from './ui/route.ts';
import { useTitle } from './ui/title.ts';

/* The first load contains the pages where a day begins; the others load on first visit. */
const PersonalPage = lazy(async () => ({
  default: (await import('./personal/personal_page.tsx')).PersonalPage,
}));
const RepliesPage = lazy(async () => ({
  default: (await import('./replies/replies_page.tsx')).RepliesPage,
}));
const HandOffsPage = lazy(async () => ({
  default: (await import('./hand_offs/hand_offs_page.tsx')).HandOffsPage,
}));
const LeadsPage = lazy(async () => ({ default: (await import('./leads/leads_page.tsx')).LeadsPage }));
const LeadPage = lazy(async () => ({ default: (await import('./leads/lead_page.tsx')).LeadPage }));
const ImportPage = lazy(async () => ({ default: (await import('./leads/import_page.tsx')).ImportPage }));
const DoNotContactPage = lazy(async () => ({
  default: (await import('./leads/do_not_contact_page.tsx')).DoNotContactPage,
}));
const CoordinatorPage = lazy(async () => ({
  default: (await import('./coordinator/coordinator_page.tsx')).CoordinatorPage,
}));
const PlaysPage = lazy(async () => ({ default: (await import('./plays/plays_page.tsx')).PlaysPage }));
const PlayPage = lazy(async () => ({ default: (await import('./plays/play_page.tsx')).PlayPage }));
const EditPlayPage = lazy(async () => ({ default: (await import('./plays/edit_page.tsx')).EditPlayPage }));
const CapsPage = lazy(async () => ({ default: (await import('./plays/caps_page.tsx')).CapsPage }));
const OutcomesPage = lazy(async () => ({
  default: (await import('./plays/outcomes_page.tsx')).OutcomesPage,
}));
const PolicyPage = lazy(async () => ({ default: (await import('./settings/policy_page.tsx')).PolicyPage }));
const CapsSettings = lazy(async () => ({ default: (await import('./settings/caps_page.tsx')).CapsSettings }));
const MailboxesPage = lazy(async () => ({
  default: (await import('./settings/mailboxes_page.tsx')).MailboxesPage,
}));
const MailboxPage = lazy(async () => ({
  default: (await import('./settings/mailbox_page.tsx')).MailboxPage,
}));
const PeoplePage = lazy(async () => ({ default: (await import('./settings/people_page.tsx')).PeoplePage }));
const AssignmentPage = lazy(async () => ({
  default: (await import('./settings/assignment_page.tsx')).AssignmentPage,
}));
const AgentsPage = lazy(async () => ({ default: (await import('./settings/agents_page.tsx')).AgentsPage }));
const KeysPage = lazy(async () => ({ default: (await import('./settings/keys_page.tsx')).KeysPage }));
const WebhooksPage = lazy(async () => ({
  default: (await import('./settings/webhooks_page.tsx')).WebhooksPage,
}));
const CrmPage = lazy(async () => ({ default: (await import('./crm/crm_page.tsx')).CrmPage }));
const OrganizationPage = lazy(async () => ({
  default: (await import('./settings/organization_page.tsx')).OrganizationPage,
}));
const AuditPage = lazy(async () => ({ default: (await import('./settings/audit_page.tsx')).AuditPage }));
const AccountPage = lazy(async () => ({
  default: (await import('./settings/account_page.tsx')).AccountPage,
}));
const CampaignsPage = lazy(async () => ({
  default: (await import('./campaigns/campaigns_page.tsx')).CampaignsPage,
}));
const CampaignPage = lazy(async () => ({
  default: (await import('./campaigns/campaign_page.tsx')).CampaignPage,
}));
const CampaignSettingsPage = lazy(async () => ({
  default: (await import('./campaigns/settings_page.tsx')).CampaignSettingsPage,
}));
const StepsPage = lazy(async () => ({ default: (await import('./campaigns/steps_page.tsx')).StepsPage }));
const NewCampaignPage = lazy(async () => ({
  default: (await import('./campaigns/new_page.tsx')).NewCampaignPage,
}));
const MailPage = lazy(async () => ({ default: (await import('./catcher/mail_page.tsx')).MailPage }));

/** Maps paths to pages; the groups of a pattern are the page’s arguments. */
const PAGES: readonly [pattern: RegExp, page: (...parts: string[]) => ReactNode][] = [
  [/^\/$/, () => <TodayPage />],
  [/^\/drafts$/, () => <DraftsPage />],
  [/^\/personal$/, () => <PersonalPage />],
  [/^\/replies$/, () => <RepliesPage />],
  [/^\/hand-offs$/, () => <HandOffsPage />],
  [/^\/leads$/, () => <LeadsPage />],
  [/^\/leads\/import$/, () => <ImportPage />],
  [/^\/leads\/do-not-contact$/, () => <DoNotContactPage />],
  [/^\/leads\/([^/]+)$/, (lead_id) => <LeadPage key={lead_id} lead_id={lead_id!} />],
  [/^\/coordinator$/, () => <CoordinatorPage tab="" />],
  [/^\/coordinator\/held$/, () => <CoordinatorPage tab="held" />],
  [/^\/coordinator\/conflicts$/, () => <CoordinatorPage tab="conflicts" />],
  [/^\/coordinator\/suppressions$/, () => <CoordinatorPage tab="suppressions" />],
  [/^\/coordinator\/unknown$/, () => <CoordinatorPage tab="unknown" />],
  [/^\/plays$/, () => <PlaysPage />],
  [/^\/plays\/caps$/, () => <CapsPage />],
  [/^\/plays\/outcomes$/, () => <OutcomesPage />],
  [/^\/plays\/([^/]+)$/, (play_id) => <PlayPage key={play_id} play_id={play_id!} />],
  [/^\/plays\/([^/]+)\/edit$/, (play_id) => <EditPlayPage key={play_id} play_id={play_id!} />],
  [/^\/settings$/, () => <PolicyPage />],
  [/^\/settings\/policy$/, () => <PolicyPage />],
  [/^\/settings\/caps$/, () => <CapsSettings />],
  [/^\/settings\/mailboxes$/, () => <MailboxesPage />],
  [/^\/settings\/mailboxes\/([^/]+)$/, (id) => <MailboxPage key={id} id={id!} />],
  [/^\/settings\/people$/, () => <PeoplePage />],
  [/^\/settings\/assignment$/, () => <AssignmentPage />],
  [/^\/settings\/agents$/, () => <AgentsPage />],
  [/^\/settings\/keys$/, () => <KeysPage />],
  [/^\/settings\/webhooks$/, () => <WebhooksPage />],
  [/^\/settings\/crm$/, () => <CrmPage />],
  [/^\/settings\/organization$/, () => <OrganizationPage />],
  [/^\/settings\/audit$/, () => <AuditPage />],
  [/^\/settings\/account$/, () => <AccountPage />],
  [/^\/campaigns$/, () => <CampaignsPage />],
  [/^\/campaigns\/new$/, () => <NewCampaignPage />],
  [/^\/campaigns\/([^/]+)$/, (slug) => <CampaignPage key={slug} slug={slug!} />],
  [/^\/campaigns\/([^/]+)\/settings$/, (slug) => <CampaignSettingsPage key={slug} slug={slug!} />],
  [/^\/campaigns\/([^/]+)\/steps$/, (slug) => <StepsPage key={slug} slug={slug!} />],
  [/^\/mail$/, () => <MailPage />],
];

/** Every page except sign-in is inside the shell. */
export function App() {
  const { path } = useRoute();
  if (path === '/sign-in') return <SignInPage />;
  return (
    <Shell path={path}>
      <Suspense fallback={<p className="muted padded">Loading…</p>}>{pageAt(path)}</Suspense>
    </Shell>
  );
}

function pageAt(path: string): ReactNode {
  for (const [pattern, page] of PAGES) {
    const match = pattern.exec(path);
    if (match !== null) return page(...match.slice(1).map(decoded));
  }
  return <NoSuchPage />;
}

/** A path cut inside an escape stays as it is and matches no page. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function NoSuchPage() {
  useTitle('Page not found');
  return (
    <Empty title="Page not found">
      <p>
        The link may be incomplete. <Link to="/">Go to Today</Link>.
      </p>
    </Empty>
  );
}
