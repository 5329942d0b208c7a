import './crm.css';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { api, read } from '../api/client.ts';
import type { CrmConnection } from '../api/schema.d.ts';
import { useMe } from '../sessions/me.ts';
import { SettingsPage } from '../settings/settings_page.tsx';
import { isAdmin } from '../settings/tabs.ts';
import { announce } from '../ui/announce.tsx';
import { ConfirmDialog } from '../ui/confirm_dialog.tsx';
import { Failure } from '../ui/failure.tsx';
import { useRoute } from '../ui/route.ts';
import { Connection, State } from './connection.tsx';
import { NoCrm } from './no_crm.tsx';
import { RefusedWrites } from './refused_writes.tsx';
import { crmDisconnected, useCrm } from './use_crm.ts';
import { CRM_WORDS } from './words.ts';
import { Writes } from './writes.tsx';

/** The connected CRM: its state, the writes that it refused, and the latest ones. */
export function CrmPage() {
  const crm = useCrm();
  const lead_id = useRoute().query.get('lead_id');
  const known = crm.data;
  return (
    <SettingsPage tab="crm" actions={known ? <Disconnect connection={known} /> : undefined}>
      <Failure error={crm.error} onAgain={() => crm.refetch()} />
      {crm.isPending ? <p className="muted">Loading…</p> : null}
      {known === null ? <NoCrm /> : null}
      {known ? (
        <>
          <State connection={known} />
          <RefusedWrites lead_id={lead_id} />
          <Connection connection={known} />
        </>
      ) : null}
      {known === undefined ? null : <Writes is_connected={known !== null} lead_id={lead_id} />}
    </SettingsPage>
  );
}

/** For admins. */
function Disconnect({ connection: { crm, pending_count, refused_count } }: { connection: CrmConnection }) {
  const [is_asking, setAsking] = useState(false);
  const me = useMe();
  const disconnecting = useMutation({
    mutationFn: () => read(api.DELETE('/crm')),
    onSuccess: () => {
      announce('CRM disconnected. Opportunities stay.');
      crmDisconnected();
    },
    onSettled: () => setAsking(false),
  });
  if (!isAdmin(me)) return null;
  const lost = pending_count + refused_count === 0 ? '' : ' Pending and refused writes are canceled.';
  return (
    <div className="crm_disconnect">
      <button type="button" className="danger" onClick={() => setAsking(true)}>
        Disconnect…
      </button>
      <Failure error={disconnecting.error} />
      {is_asking ? (
        <ConfirmDialog
          title={`Disconnect ${CRM_WORDS[crm]}? Its key is deleted.${lost}`}
          action="Disconnect"
          otherwise="Keep connection"
          onConfirm={() => disconnecting.mutate()}
          onClose={() => setAsking(false)}
        />
      ) : null}
    </div>
  );
}
