/** The address of the sign-in page, with the current page as its return address. */
export function signInAddress(): string {
  const here = location.pathname + location.search;
  return here === '/' ? '/sign-in' : `/sign-in?${new URLSearchParams({ to: here })}`;
}

/** The page to open after signing in: always a page of this application. */
export function returnAddress(): string {
  const to = new URLSearchParams(location.search).get('to') ?? '/';
  const url = URL.parse(to, location.origin);
  const is_own = url?.origin === location.origin && url.pathname !== '/sign-in';
  return is_own ? url.pathname + url.search : '/';
}
