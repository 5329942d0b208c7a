/** The sign-in page, with the way back to where someone is whose session ended, or who has none yet. */
export function signInAddress(): string {
  const here = location.pathname + location.search;
  return here === '/' ? '/sign-in' : `/sign-in?${new URLSearchParams({ to: here })}`;
}

/** Where someone goes on who has signed in: a page of this application, and nowhere else. */
export function returnAddress(): string {
  const to = new URLSearchParams(location.search).get('to') ?? '/';
  const url = URL.parse(to, location.origin);
  const is_own = url?.origin === location.origin && url.pathname !== '/sign-in';
  return is_own ? url.pathname + url.search : '/';
}
