// Counts what the server does, with labels from closed sets only.
import type { GraphQLSchema } from "graphql";
import { Counter, Gauge, type Registry } from "prom-client";
import { defaultRateLimits } from "../config/rate-limits.ts";
import { isErrorCode } from "../errors.ts";
import { createRootFields } from "../graphql/root-fields.ts";
import { loginOutcomes, loginWays, type Meter } from "../meter.ts";
import { milliseconds, seconds } from "../time.ts";
import { createCounts } from "./counts.ts";
import { addTimes } from "./times.ts";

/** From a query that is in memory to a login that waits for its turn: every request ends within 5 seconds. */
const requestBuckets = [1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000].map(milliseconds);
const noticeBuckets = [1, 5, 10, 50, 100, 500, 1000, 3000].map(milliseconds);

const areas = ["graphql", "account", "login", "health", "explorer"] as const;
const statusClasses = ["none", "1xx", "2xx", "3xx", "4xx", "5xx"] as const;

export const createMeter = (registry: Registry, schema: GraphQLSchema): Meter => {
  const registers = [registry];
  const rootFields = createRootFields(schema);
  const operations = createCounts({ keys: rootFields.all, outcomes: ["ok"] });
  const viewers = { hit: 0, miss: 0 };
  const limits = createCounts({ keys: Object.keys(defaultRateLimits), outcomes: ["spent", "refused"] });
  const logins = createCounts({ keys: loginWays, outcomes: loginOutcomes });
  let heardAt: number | null = null;

  const timeRequests = addTimes(registry, {
    name: "graphward_http_request_duration_seconds",
    help: "HTTP requests until their response is sent, by the first part of the path (`other` for pages of an application and unknown paths) and the class of the status (`none`: the client had left).",
    labelNames: ["area", "status"],
    buckets: requestBuckets,
  });
  const timeOperations = addTimes(registry, {
    name: "graphward_operation_duration_seconds",
    help: "Operations from the complete request to the complete response, without the network. Refused documents and credentials are not in it.",
    labelNames: ["type"],
    buckets: requestBuckets,
  });
  new Counter({
    name: "graphward_operations_total",
    help: "Requests to /graphql by root field of the schema (`several`; `introspection`; `none`: refused before it was validated) and outcome: `ok`, an error code, or `several` codes.",
    labelNames: ["type", "field", "outcome"],
    registers,
    collect() {
      operations.write(this, ({ type, name }, outcome) => ({ type, field: name, outcome }));
    },
  });
  new Counter({
    name: "graphward_logins_total",
    help: "Steps of logins by way and outcome. A login with a second factor is two: `second_step_asked`, then way `second_step`.",
    labelNames: ["way", "outcome"],
    registers,
    collect() {
      logins.write(this, (way, outcome) => ({ way, outcome }));
    },
  });
  new Counter({
    name: "graphward_rate_limits_total",
    help: "Points of rate limits: `spent`, and `refused` because none was left.",
    labelNames: ["limit", "outcome"],
    registers,
    collect() {
      limits.write(this, (limit, outcome) => ({ limit, outcome }));
    },
  });
  new Counter({
    name: "graphward_viewer_lookups_total",
    help: "Credentials that were presented: found in the viewer cache (`hit`), or asked of the database (`miss`). Nothing with VIEWER_CACHE=off.",
    labelNames: ["result"],
    registers,
    collect() {
      this.reset();
      this.inc({ result: "hit" }, viewers.hit);
      this.inc({ result: "miss" }, viewers.miss);
    },
  });
  const timeNotices = addTimes(registry, {
    name: "graphward_revocation_lag_seconds",
    help: "From the sending of a notice to its arrival on this server, measured each second with a notice of our own, which takes the way of revocations.",
    labelNames: [],
    buckets: noticeBuckets,
  });
  new Gauge({
    name: "graphward_revocation_silence_seconds",
    help: "Since the last notice arrived. Beyond 3 the viewer cache is not used. Nothing with VIEWER_CACHE=off.",
    aggregator: "max",
    registers,
    collect() {
      if (heardAt !== null) this.set((performance.now() - heardAt) / seconds(1));
      else this.remove();
    },
  });

  let isRedisAvailable: boolean | null = null;
  new Gauge({
    name: "graphward_redis_up",
    help: "1 while Redis counts rate limits. 0: it does not respond, or may evict counts, and PostgreSQL counts. Nothing without REDIS_URL.",
    aggregator: "min",
    registers,
    collect() {
      if (isRedisAvailable !== null) this.set(isRedisAvailable ? 1 : 0);
      else this.remove();
    },
  });

  /** Found once: a client's path takes no part in the label. */
  const timers = new Map(
    [...areas, "other"].map((area) => [area, statusClasses.map((status) => timeRequests({ area, status }))]),
  );
  const ofNotices = timeNotices({});
  const ofTypes = {
    query: timeOperations({ type: "query" }),
    mutation: timeOperations({ type: "mutation" }),
    subscription: timeOperations({ type: "subscription" }),
  };

  return {
    rootOf: rootFields.find,
    countRequest(url, status, duration, { root, executed, outcomes }) {
      const area = areaOf(url);
      // A stream is open for an hour: what its client has waited for is the opening.
      const waited = root?.label.type === "subscription" ? (executed ?? duration) : duration;
      timers.get(area)?.[Math.floor(status / 100)]?.add(waited);
      const field = root?.label ?? rootFields.none;
      if (executed !== null && root !== null) ofTypes[field.type].add(executed);
      if (executed !== null || (area === "graphql" && outcomes.size > 0))
        operations.add(field, outcomeOf(outcomes));
    },
    countLogin: (way, outcome) => logins.add(way, outcome),
    countLimit: (name, isRefused) => limits.add(name, isRefused ? "refused" : "spent"),
    countViewer(isCached) {
      if (isCached) viewers.hit += 1;
      else viewers.miss += 1;
    },
    timeNotice(lag) {
      heardAt = performance.now();
      ofNotices.add(lag);
    },
    noteRedis(isAvailable) {
      isRedisAvailable = isAvailable;
    },
  };
};

/** Compares with the closed set: a flood of paths makes no label. */
const areaOf = (url: string): (typeof areas)[number] | "other" =>
  areas.find((area) => {
    const end = url.charCodeAt(area.length + 1);
    // The end of the text, or one of / ? #.
    return url.startsWith(area, 1) && (Number.isNaN(end) || end === 47 || end === 63 || end === 35);
  }) ?? "other";

/** An application's code that is not in the table is `other`. */
const outcomeOf = (outcomes: ReadonlySet<string>): string => {
  if (outcomes.size === 0) return "ok";
  if (outcomes.size > 1) return "several";
  const [code] = outcomes;
  return isErrorCode(code) ? code : "other";
};
