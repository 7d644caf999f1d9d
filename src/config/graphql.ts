// The settings of GraphQL: the explorer, introspection, federation and the fast path.
import { onOrOff } from "./setting.ts";

export const graphqlSettings = (production: boolean) => ({
  explorer: onOrOff("EXPLORER", !production, "`on` serves GraphiQL to browsers that open `/graphql`."),
  introspection: onOrOff(
    "INTROSPECTION",
    !production,
    "`on` lets clients read the schema. Each client sees only the part that it may use.",
  ),
  federation: onOrOff(
    "FEDERATION",
    false,
    "`on` makes the server a subgraph of Apollo Federation, with `_service` and `_entities`. See [Behind a gateway](../gateways.md).",
  ),
  fastPath: onOrOff(
    "FAST_PATH",
    true,
    "`on` executes a document that Apollo Server has accepted before with graphql-js directly. `off` sends every operation through the whole pipeline of Apollo Server. The responses are the same.",
  ),
});
