// Vitest's setup file: passwords are hashed at the lowest costs. No setting does this, and a server loads no module of this room.
import { registerHooks } from "node:module";

const extension = import.meta.url.slice(import.meta.url.lastIndexOf("."));
const real = new URL(`../auth/passwords/hash-costs${extension}`, import.meta.url).href;
const cheap = new URL(`./cheap-hash-costs${extension}`, import.meta.url).href;

registerHooks({
  resolve(specifier, context, next) {
    const resolved = next(specifier, context);
    return resolved.url === real ? { ...resolved, url: cheap } : resolved;
  },
});
