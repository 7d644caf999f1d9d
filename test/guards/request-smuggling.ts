// What keeps a second request from hiding in the first.
import type { Guard } from "../house/guard.ts";

export const requestSmuggling: readonly Guard[] = [
  {
    file: "src/http/listener.ts",
    code: "insecureHTTPParser: false",
    broken: "insecureHTTPParser: true",
    test: "http/request-smuggling",
    title:
      "a request whose end two readers would see in different places is refused, and nothing behind it is read",
  },
  {
    file: "src/http/request-handler.ts",
    code: 'httpVersion !== "1.1" || coding',
    broken: "coding",
    test: "http/request-smuggling",
    title:
      "a request whose end two readers would see in different places is refused, and nothing behind it is read",
  },
  {
    file: "src/http/request-handler.ts",
    code: 'coding.toLowerCase() !== "chunked"',
    broken: '!coding.toLowerCase().endsWith("chunked")',
    test: "http/request-smuggling",
    title:
      "a request whose end two readers would see in different places is refused, and nothing behind it is read",
  },
];
