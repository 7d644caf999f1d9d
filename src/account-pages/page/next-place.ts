// Where the page that completes a login may lead on to.

/**
 * The server leads on from a login with a provider, and judges the place. A link could name another page here, so only the
 * server's own path counts. Null for every other one.
 */
export const findNextPlace = (next: string, origin: string): string | null => {
  const url = URL.canParse(next, origin) ? new URL(next, origin) : null;
  return url?.origin === origin && /^\/login\/[a-z0-9-]+\/return$/.test(url.pathname) ? url.href : null;
};
