import { AppError } from '../../errors.ts';
import { attioCrm } from './attio.ts';
import { readCrmUrl } from './crm_http.ts';
import type { Crm, CrmConnector, CrmName, CrmOptions } from './port.ts';

/** Every CRM that can be connected. */
const CRMS: Readonly<Record<CrmName, (options: CrmOptions) => Crm>> = { attio: attioCrm };

/**
 * Opens the connection to a CRM. `allow_local`: also a server on this machine. `only_local`: nothing else, as at speed, when a
 * simulated clock must not reach a real CRM. Throws `crm_url_refused` and `crm_key_invalid`, with the path of the setting.
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
      throw refused('At speed, only a CRM on this machine is accepted.');
    if (only_local) readCrmUrl(base_url!, 'localhost', 'base_url');
    if (base_url !== undefined && !allow_local && !only_local)
      throw refused(
        'A server on this machine is accepted only for trying things out: set TOUCHLINE_LOCAL_WEBHOOKS.',
      );
    return CRMS[crm](options);
  };
}

function refused(message: string): AppError {
  return new AppError('crm_url_refused', message, { errors: [{ path: 'base_url', message }] });
}
