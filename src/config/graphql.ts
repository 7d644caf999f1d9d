// The settings of GraphQL: the explorer, introspection, federation and the fast path.
import { z } from "zod";
import { findShortDuration } from "../time.ts";
import { onOrOff, setting } from "./setting.ts";

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
  slowOperation: setting("SLOW_OPERATION", {
    text: "An operation that takes at least as long (such as `500ms` or `2s`) is logged as `slow operation`, with its slowest statements. `off` counts no statement. See [Slow operations](../tracing.md#slow-operations).",
    default: "1s",
    schema: z.string().transform((text, context): number | null => {
      if (text === "off") return null;
      const duration = findShortDuration(text);
      if (duration === null) context.addIssue("must be off, or a duration such as 500ms or 2s");
      return duration;
    }),
  }),
});
