// Security rules of metrics: who can read them, what they hold, and what reading them costs.
import type { Guard, Rule } from "../house/guard.ts";

export const heading = "Metrics";

export const rules: readonly Rule[] = [
  [
    "Metrics are off unless `METRICS_PORT` is set, and then on loopback unless `METRICS_HOST` is; the service's own port has none",
    "V13.4.5",
    "port: without METRICS_PORT there are none: no port, and no path of the service",
    "port: it listens on loopback alone, unless METRICS_HOST says otherwise",
  ],
  [
    "Their port answers `GET /metrics` and nothing else, to a bounded number of connections",
    "V13.4.5",
    "port: GET /metrics is Prometheus' text, and everything else is 404",
    "port: connections beyond a few are refused, and leave the port as it was",
  ],
  [
    "They hold no name, email, id, secret or address of a user, and no text that a client has chosen; no client can add a series",
    "V16.2.5",
    "labels: a scrape has no name, email, secret or address of a user, and no operation name",
    "labels: no client can add a series: after the first hostile requests, hundreds of others add none",
    "labels: each label is from a closed set",
  ],
  [
    "Scrapes ask the database once in ten seconds at most, and do not wait for it",
    "",
    "state: jobs, mail and unsealed events: how many wait, how many have failed, and for how long; read once in ten seconds",
    "state: a database that does not respond fails no scrape: its values are missing, and come back",
  ],
];

export const guards: readonly Guard[] = [
  [
    "src/metrics/of-workers.ts",
    "ended = ended.then((sum) => add([sum, ...counted]));",
    "ended = ended.then((sum) => [...sum, ...counted.flat()] as Reading);",
    "workers: workers that have ended stay one sum, however many they were: a scrape costs the same after years",
  ],
  [
    "src/config/network/metrics.ts",
    "otherwise: null,",
    "otherwise: 0,",
    "port: without METRICS_PORT there are none: no port, and no path of the service",
  ],
  [
    "src/config/network/metrics.ts",
    'default: "127.0.0.1"',
    'default: "0.0.0.0"',
    "port: it listens on loopback alone, unless METRICS_HOST says otherwise",
  ],
  [
    "src/config/network/metrics.ts",
    "values.metricsPort === values.port",
    "false",
    "port: take a port, and another one than PORT",
  ],
  [
    "src/config/review.ts",
    "config.metricsPort !== null && leavesTheMachine({ hostname: config.metricsHost }),",
    "false,",
    "port: are reviewed: everyone who reaches the port can read",
  ],
  [
    "src/config/review.ts",
    "config.metricsPort === 0,",
    "false,",
    "port: are reviewed: no Prometheus finds a port that the system chooses, which is for tests",
  ],
  [
    "src/metrics/listener.ts",
    'method === "GET" && /^\\/metrics(\\?|$)/.test(url)',
    "/^\\/metrics(\\?|$)/.test(url)",
    "port: GET /metrics is Prometheus' text, and everything else is 404",
  ],
  [
    "src/metrics/listener.ts",
    "/^\\/metrics(\\?|$)/",
    "/metrics/",
    "port: GET /metrics is Prometheus' text, and everything else is 404",
  ],
  [
    "src/metrics/listener.ts",
    "server.maxConnections = maxConnections;",
    "void maxConnections;",
    "port: connections beyond a few are refused, and leave the port as it was",
  ],
  [
    "src/metrics/database-state.ts",
    "performance.now() - readAt < readEvery",
    "performance.now() - readAt < 0 * readEvery",
    "state: jobs, mail and unsealed events: how many wait, how many have failed, and for how long; read once in ten seconds",
  ],
  [
    "src/metrics/database-state.ts",
    "const patience = seconds(2);",
    "const patience = seconds(60);",
    "state: a database that does not respond fails no scrape: its values are missing, and come back",
  ],
  [
    "src/graphql/root-fields.ts",
    'if (second !== undefined) return "several";',
    "",
    "requests: an operation is counted by its root field and its outcome",
  ],
  ...[
    "labels: a scrape has no name, email, secret or address of a user, and no operation name",
    "labels: no client can add a series: after the first hostile requests, hundreds of others add none",
    "labels: each label is from a closed set",
  ].map(
    (test): Guard => [
      "src/graphql/root-fields.ts",
      "named[operation.operation].get(nameOf(names)) ?? none",
      '{ ...none, name: operation.name?.value ?? "none" }',
      test,
    ],
  ),
  [
    "src/metrics/meter.ts",
    "(Number.isNaN(end) || end === 47 || end === 63 || end === 35)",
    "true",
    "requests: of a request is that of the first part of its path",
  ],
];
