import { useState } from 'react';
import { useMe } from '../sessions/me.ts';
import { KeysList } from './keys_list.tsx';
import { NewKey } from './new_key.tsx';
import { SettingsPage } from './settings_page.tsx';
import { isAdmin } from './tabs.ts';

/** Every key of the organization. */
export function KeysPage() {
  const [is_making, setMaking] = useState(false);
  const me = useMe();
  return (
    <SettingsPage
      tab="keys"
      actions={
        isAdmin(me) ? (
          <button type="button" className="primary" onClick={() => setMaking(true)}>
            Make a key for an agent
          </button>
        ) : undefined
      }
    >
      <KeysList
        isShown={() => true}
        empty="An agent that works outside signs in with a key. Make one for it here."
      />
      {is_making ? <NewKey for_agents onClose={() => setMaking(false)} /> : null}
    </SettingsPage>
  );
}
