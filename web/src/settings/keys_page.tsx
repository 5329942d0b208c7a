import { useState } from 'react';
import { useMe } from '../sessions/me.ts';
import { KeysList } from './keys_list.tsx';
import { NewKey } from './new_key.tsx';
import { SettingsPage } from './settings_page.tsx';
import { isAdmin } from './tabs.ts';

/** All API keys of the organization. */
export function KeysPage() {
  const [is_making, setMaking] = useState(false);
  const me = useMe();
  return (
    <SettingsPage
      tab="keys"
      actions={
        isAdmin(me) ? (
          <button type="button" className="primary" onClick={() => setMaking(true)}>
            Create agent key
          </button>
        ) : undefined
      }
    >
      <KeysList isShown={() => true} empty="External agents sign in with an API key. Create one here." />
      {is_making ? <NewKey for_agents onClose={() => setMaking(false)} /> : null}
    </SettingsPage>
  );
}
