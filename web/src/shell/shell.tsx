import { type ReactNode, useEffect, useState } from 'react';
import { cache } from '../api/cache.ts';
import { onSignedOut } from '../api/client.ts';
import { useMe } from '../sessions/me.ts';
import { signInAddress } from '../sessions/return_address.ts';
import { useKeys } from '../ui/keys.ts';
import { go } from '../ui/route.ts';
import { useGoKeys } from './go_keys.ts';
import { Header } from './header.tsx';
import { KeysHelp } from './keys_help.tsx';
import { useLive } from './live.ts';
import { Palette } from './palette.tsx';
import { Drawer, Rail } from './rail.tsx';
import './shell.css';

/** The frame of every page: navigation, header, and latest result. Leads to the sign-in page when the session ends. */
export function Shell({ path, children }: { path: string; children: ReactNode }) {
  const [open, setOpen] = useState<'menu' | 'palette' | 'keys' | null>(null);
  const close = () => setOpen(null);
  useLive(useMe() !== undefined);
  useGoKeys();
  useKeys({ '?': () => setOpen('keys') });
  usePaletteKey(() => setOpen('palette'));
  useEffect(
    () =>
      onSignedOut(() => {
        cache.clear();
        // Only the first of several 401 responses redirects.
        if (location.pathname !== '/sign-in') go(signInAddress(), { replace: true });
      }),
    [],
  );
  return (
    <>
      <a className="skip" href="#content">
        Skip to content
      </a>
      <Header onMenu={() => setOpen('menu')} onPalette={() => setOpen('palette')} />
      <div className="frame">
        <Rail path={path} />
        <main id="content" tabIndex={-1}>
          {children}
        </main>
      </div>
      {open === 'menu' ? <Drawer path={path} onClose={close} /> : null}
      {open === 'palette' ? <Palette onClose={close} onKeys={() => setOpen('keys')} /> : null}
      {open === 'keys' ? <KeysHelp onClose={close} /> : null}
    </>
  );
}

/** Ctrl-K and Cmd-K also work while typing. */
function usePaletteKey(onOpen: () => void): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const is_wanted = event.key.toLowerCase() === 'k' && (event.ctrlKey || event.metaKey);
      if (!is_wanted || event.altKey || event.shiftKey || document.querySelector('dialog[open]')) return;
      event.preventDefault();
      onOpen();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  });
}
