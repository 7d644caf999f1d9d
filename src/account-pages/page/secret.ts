// The secret of the link: read from the address, taken out of it, and kept in this page's memory only.

let secret: string | null = null;

/**
 * It stands behind the `#`, which browsers send to no server. Out of the address bar at once: it would be seen on a shared
 * screen, be copied with the address, and stay in the history of this tab.
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

/** `onLink` is told of the first link, or its absence, and of each that is opened in this tab later, which loads no page anew. */
export const watchLinks = (onLink: () => void): void => {
  takeFromAddress();
  onLink();
  addEventListener("hashchange", () => {
    takeFromAddress();
    onLink();
  });
};
