// What GraphiQL remembers: everything in memory until the page is left, only the colour theme in the browser.
import type { GraphiQLProps } from "graphiql";

const THEME = "graphiql:theme";

// The operation gets a little more room than the answer: its comments then fit on a laptop.
const memory = new Map([["graphiql:editorFlex", "1.4"]]);

/**
 * GraphiQL stores tabs and history, and with them typed passwords and tokens, in localStorage, where any script of this
 * origin and the next user of this browser profile could read them. The theme is the one key let through.
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
