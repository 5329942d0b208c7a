import { useEffect, useRef } from 'react';
import { useMe } from '../sessions/me.ts';
import { type Count, countText, type Today, useToday } from '../today/use_today.ts';
import { Link } from '../ui/link.tsx';
import { PLACES } from './places.ts';
import { setTheme, THEME_WORDS, THEMES, type Theme, useTheme } from './theme.ts';

/** Pending counts per page. */
const WAITING: Readonly<Record<string, (today: Today) => Count>> = {
  '/drafts': ({ drafts }) => drafts,
  '/personal': ({ personal_sends }) => personal_sends,
  '/replies': ({ replies }) => replies,
  '/hand-offs': ({ hand_offs }) => hand_offs,
};

/** The main navigation: beside the page, or behind a button on a narrow screen. */
export function Rail({ path }: { path: string }) {
  return (
    <div className="rail">
      <Places path={path} />
      <ThemeChoice />
    </div>
  );
}

/** The same navigation as a drawer, which closes after a choice. */
export function Drawer({ path, onClose }: { path: string; onClose(): void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} className="drawer" aria-label="Menu" onClose={onClose}>
      <Places path={path} onGo={onClose} />
      <ThemeChoice />
      <button type="button" className="quiet" onClick={() => dialog.current?.close()}>
        Close
      </button>
    </dialog>
  );
}

function Places({ path, onGo }: { path: string; onGo?: () => void }) {
  const scope = useMe()?.default_scope ?? 'all';
  // As Today counts before the user chooses another scope.
  const today = useToday(scope).data;
  return (
    <nav aria-label="Main">
      <ul>
        {PLACES.map(({ to, label, letter, isAt }) => (
          <li key={to}>
            <Link
              className="place"
              to={to}
              aria-current={isAt(path) ? 'page' : undefined}
              aria-keyshortcuts={`G ${letter.toUpperCase()}`}
              onClick={onGo}
            >
              {label}
              <Waits waiting={today === undefined ? undefined : WAITING[to]?.(today)} />
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function Waits({ waiting }: { waiting: Count | undefined }) {
  if (waiting === undefined || waiting.count === 0) return null;
  return (
    <span className="count">
      {countText(waiting)}
      <span className="unseen"> waiting</span>
    </span>
  );
}

function ThemeChoice() {
  const theme = useTheme();
  return (
    <label className="theme">
      Theme
      <select value={theme} onChange={(event) => setTheme(event.target.value as Theme)}>
        {THEMES.map((known) => (
          <option key={known} value={known}>
            {THEME_WORDS[known]}
          </option>
        ))}
      </select>
    </label>
  );
}
