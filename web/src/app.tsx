import type { ReactNode } from 'react';
import { MailPage } from './catcher/mail_page.tsx';
import { DraftsPage } from './drafts/drafts_page.tsx';
import { LeadPage } from './leads/lead_page.tsx';
import { LeadsPage } from './leads/leads_page.tsx';
import { Header } from './sessions/header.tsx';
import { SignInPage } from './sessions/sign_in_page.tsx';
import { Announcer } from './ui/announce.tsx';
import { Empty } from './ui/empty.tsx';
import { Link } from './ui/link.tsx';
import { useRoute } from './ui/route.ts';
import { useTitle } from './ui/title.ts';

/** Which page an address shows. Everything but the sign-in page stands under the header. */
export function App() {
  const { path } = useRoute();
  if (path === '/sign-in') return <SignInPage />;
  return (
    <>
      <a className="skip" href="#content">
        Skip to the content
      </a>
      <Header path={path} />
      <main id="content" tabIndex={-1}>
        {pageAt(path)}
      </main>
      <Announcer />
    </>
  );
}

function pageAt(path: string): ReactNode {
  if (path === '/') return <DraftsPage />;
  if (path === '/leads') return <LeadsPage />;
  if (path === '/mail') return <MailPage />;
  const lead_id = /^\/leads\/([^/]+)$/.exec(path)?.[1];
  if (lead_id !== undefined) return <LeadPage key={lead_id} lead_id={decodeURIComponent(lead_id)} />;
  return <NoSuchPage />;
}

function NoSuchPage() {
  useTitle('No such page');
  return (
    <Empty title="There is no such page">
      <p>
        The address may have been cut off. <Link to="/">Go to the drafts</Link>.
      </p>
    </Empty>
  );
}
