// The link's secret: read from the URL, removed from it, and kept only in this page's memory.

let secret: string | null = null;

/**
 * The secret is in the fragment, which browsers do not send to servers. It is removed from the address bar at
 * once: it would be visible on a shared screen, copied with the URL, and kept in the tab's history.
 */
const takeFromAddress = (): void => {
  const given = new URLSearchParams(location.hash.slice(1)).get("token");
  if (location.hash !== "") history.replaceState(null, "", location.pathname);
  if (given) secret = given;
};

/** Null when the page was opened without a link. */
export const heldSecret = (): string | null => secret;

export const forgetSecret = (): void => {
  secret = null;
};

/**
 * Calls `onLink` once at the start, with or without a link, and for each link that is opened in this tab
 * later, which does not reload the page.
 */
export const watchLinks = (onLink: () => void): void => {
  takeFromAddress();
  onLink();
  addEventListener("hashchange", () => {
    takeFromAddress();
    onLink();
  });
};
