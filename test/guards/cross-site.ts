// What keeps other sites from acting for our users.
import type { Guard } from "./guard.ts";

const file = "src/http/cross-site.ts";

export const crossSite: readonly Guard[] = [
  {
    file,
    code: "return !allowedOrigins.has(origin);",
    broken: "return ![...allowedOrigins].some((listed) => origin.startsWith(listed));",
    test: "http",
    title: "the cross-site rules",
  },
];
