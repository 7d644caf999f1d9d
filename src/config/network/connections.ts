// The settings of connections: how long an idle one is kept, and how long a stopping server announces its end.
import { z } from "zod";
import { findDuration, hours, minutes, seconds } from "../../time.ts";
import { setting } from "../setting.ts";

export const connectionSettings = (production: boolean) => ({
  keepAlive: setting("KEEP_ALIVE", {
    text: "How long an idle connection is kept open, in `s`, `m` or `h`, at most one hour. It must be longer than the proxy in front keeps it, or some requests get no response: most proxies keep it for 60 seconds, Google's load balancers for 600.",
    default: "65s",
    schema: z.string().transform(toDuration({ least: seconds(1), most: hours(1), example: "65s" })),
  }),
  shutdownDelay: setting("SHUTDOWN_DELAY", {
    text: "How long a server that is told to stop serves on, in `s` or `m`, at most five minutes. `/health/ready` returns 503 and each response closes its connection, so that balancers send new requests elsewhere.",
    default: production ? "5s" : "0s",
    schema: z.string().transform(toDuration({ least: 0, most: minutes(5), example: "5s" })),
  }),
});

interface Range {
  readonly least: number;
  readonly most: number;
  readonly example: string;
}

function toDuration(range: Range) {
  return (text: string, context: z.RefinementCtx): number => {
    const duration = text === "0s" ? 0 : findDuration(text);
    if (duration !== null && duration >= range.least && duration <= range.most) return duration;
    context.addIssue(`must be a duration of at most ${range.most / minutes(1)}m, such as ${range.example}`);
    return z.NEVER;
  };
}
