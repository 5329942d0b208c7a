import { AppError } from '../../errors.ts';
import type { CrmName } from '../../schema.gen.ts';
import { attioCrm } from './attio.ts';
import { readCrmUrl } from './crm_http.ts';
import { hubspotCrm } from './hubspot.ts';
import type { Crm, CrmApp, CrmConnector, CrmOptions } from './port.ts';

/** `has_app`: the CRM needs the app of the key; the others have none. */
type Opening =
  | { title: string; has_app: false; open(options: CrmOptions): Crm }
  | { title: string; has_app: true; open(options: CrmOptions & CrmApp): Crm };

/** Every CRM that can be connected. */
const CRMS: Readonly<Record<CrmName, Opening>> = {
  attio: { title: 'Attio', has_app: false, open: attioCrm },
  hubspot: { title: 'HubSpot', has_app: true, open: hubspotCrm },
};

/**
 * Opens the connection to a CRM. `allow_local`: also a server on this machine. `only_local`: nothing else, as at speed, when a
 * simulated clock must not reach a real CRM. Throws `crm_url_refused`, `crm_key_invalid`, and `crm_app_invalid`, with the path
 * of the setting.
 */
export function crmConnector({
  allow_local,
  only_local,
}: {
  allow_local: boolean;
  only_local: boolean;
}): CrmConnector {
  return (crm, options) => {
    const { base_url } = options;
    if (only_local && base_url === undefined)
      throw urlRefused('At speed, only a CRM on this machine is accepted.');
    if (only_local) readCrmUrl(base_url!, 'localhost', 'base_url');
    if (base_url !== undefined && !allow_local && !only_local)
      throw urlRefused(
        'A server on this machine is accepted only for trying things out: set TOUCHLINE_LOCAL_WEBHOOKS.',
      );
    return open(CRMS[crm], options);
  };
}

function open(crm: Opening, options: CrmOptions): Crm {
  const { app_id = '', client_secret = '' } = options;
  const given = Object.entries({ app_id, client_secret });
  if (crm.has_app) {
    const missing = given.filter(([, value]) => value === '').map(([path]) => path);
    if (missing.length === 0) return crm.open({ ...options, app_id, client_secret });
    const hint = 'touchline crm connect asks for the client secret if --app-id is given.';
    throw appRefused(
      `${crm.title} needs the app of the key and its client secret.`,
      missing,
      'is missing',
      hint,
    );
  }
  const extra = given.filter(([, value]) => value !== '').map(([path]) => path);
  if (extra.length === 0) return crm.open(options);
  throw appRefused(
    `${crm.title} has no apps. Leave out the app and its client secret.`,
    extra,
    'must be left out',
  );
}

function urlRefused(message: string): AppError {
  return new AppError('crm_url_refused', message, { errors: [{ path: 'base_url', message }] });
}

function appRefused(detail: string, paths: readonly string[], message: string, hint?: string): AppError {
  const errors = paths.map((path) => ({ path, message }));
  return new AppError('crm_app_invalid', detail, { errors, hint });
}
