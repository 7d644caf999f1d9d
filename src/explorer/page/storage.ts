// GraphiQL's storage: in memory until the page is closed; only the colour theme is stored in the browser.
import type { GraphiQLProps } from "graphiql";

const THEME = "graphiql:theme";

// The operation gets a little more room than the response: its comments then fit on a laptop.
const memory = new Map([["graphiql:editorFlex", "1.4"]]);

/**
 * GraphiQL stores tabs and history in localStorage, including typed passwords and tokens. Any script of this
 * origin and the next user of this browser profile could read them there. Only the theme is stored.
 */
export const storage: Storage = {
  getItem: (key) => (key === THEME ? localStorage.getItem(key) : (memory.get(key) ?? null)),
  setItem: (key, value) => (key === THEME ? localStorage.setItem(key, value) : memory.set(key, value)),
  removeItem: (key) => (key === THEME ? localStorage.removeItem(key) : memory.delete(key)),
  clear: () => {
    memory.clear();
    localStorage.removeItem(THEME);
  },
  get length() {
    return memory.size;
  },
};

type Storage = NonNullable<GraphiQLProps["storage"]>;
