import { useQuery } from '@tanstack/react-query';
import { api, read } from '../api/client.ts';
import { useNow } from '../sessions/me.ts';
import { Failure } from '../ui/failure.tsx';
import { Link } from '../ui/link.tsx';
import { Meter } from '../ui/meter.tsx';
import { Time } from '../ui/time.tsx';
import { Brands } from './brands.tsx';
import { OrganizationIdentity } from './organization_identity.tsx';
import { SettingsPage } from './settings_page.tsx';
import { REFRESH_MS } from './use_settings.ts';

/** The organization's identity, brands, segments, and language model. */
export function OrganizationPage() {
  return (
    <SettingsPage tab="organization">
      <OrganizationIdentity />
      <LanguageModel />
      <Brands />
      <Segments />
    </SettingsPage>
  );
}

function LanguageModel() {
  const now_ms = useNow();
  const model = useQuery({
    queryKey: ['settings', 'model'],
    queryFn: () => read(api.GET('/language_model')),
    refetchInterval: REFRESH_MS,
  });
  return (
    <section className="policy_section">
      <h2>Language model</h2>
      <Failure error={model.error} />
      {model.data === undefined ? null : model.data.name === null ? (
        <p>
          Not connected: drafts use step templates, and rules classify replies. To connect a model, start
          Touchline with <code>LLM_MODEL</code> and <code>LLM_API_KEY</code>.
        </p>
      ) : (
        <>
          <p>
            <strong>{model.data.name}</strong> writes drafts and classifies replies. People approve each
            draft.
          </p>
          <div className="mailbox_meters">
            <Meter label="Tokens today" value={model.data.tokens_today} max={model.data.tokens_per_day} />
          </div>
          <p className="muted">
            {model.data.calls_today} calls today
            {model.data.failed_calls_today === 0
              ? ''
              : `, ${model.data.failed_calls_today} failed and used templates`}
            {model.data.last_call_at === null ? null : (
              <>
                , latest <Time iso={model.data.last_call_at} now_ms={now_ms} />
              </>
            )}
            . <Link to="/settings/policy">The policy</Link> sets the daily token limit.
          </p>
        </>
      )}
    </section>
  );
}

function Segments() {
  const segments = useQuery({
    queryKey: ['plays', 'segments'],
    queryFn: () => read(api.GET('/segments', { params: { query: { limit: 200 } } })),
  });
  return (
    <section className="policy_section">
      <h2>Segments</h2>
      <p className="muted">
        Groups of accounts that plays target. <Link to="/settings/caps">Add a segment or set play caps</Link>.
      </p>
      <Failure error={segments.error} />
      <ul className="record_list">
        {segments.data?.items.map(({ segment, name, description, active_plays, max_active_plays }) => (
          <li key={segment}>
            <div>
              <p>
                <strong>{name}</strong> <span className="muted">{segment}</span>
              </p>
              {description === null ? null : <p className="muted">{description}</p>}
            </div>
            <p className="muted">
              {active_plays} of {max_active_plays} plays
            </p>
          </li>
        ))}
      </ul>
    </section>
  );
}
