// The link's secret: read from the URL, removed from it, and kept only in this page's memory.

let secret: string | null = null;
let parts = new URLSearchParams();

/**
 * The secret is in the fragment, which browsers do not send to servers. It is removed from the address bar at
 * once: it would be visible on a shared screen, copied with the URL, and kept in the tab's history.
 */
const takeFromAddress = (): void => {
  const held = new URLSearchParams(location.hash.slice(1));
  if (location.hash !== "") history.replaceState(null, "", location.pathname);
  const given = held.get("token");
  if (!given) return;
  secret = given;
  parts = held;
};

/** Null when the page was opened without a link. */
export const heldSecret = (): string | null => secret;

/** What else the link's fragment holds. */
export const heldPart = (name: string): string | null => parts.get(name);

export const forgetSecret = (): void => {
  secret = null;
  parts = new URLSearchParams();
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
