// Security rules of the way to the database, with the programs that people run around it.
import type { Guard, Rule } from "../house/guard.ts";

export const heading = "Environments";

export const rules: readonly Rule[] = [
  [
    "The database's certificate is checked for the host that the URL names",
    "V12.3.2",
    "database-tls: is checked for the address when the URL has an address, and for the name when it has a name",
    "database-tls: of another authority is refused, also with NODE_TLS_REJECT_UNAUTHORIZED=0",
  ],
  [
    "Behind a pooler that shares connections, nothing that a connection keeps is relied on, and the role's defaults are checked",
    "",
    "pooler: a start without DATABASE_DIRECT_URL is refused by one line that names it, before anything is made",
    "pooler: a default that no transaction can state is refused, with the statement to run",
  ],
  [
    "Whatever happens to Redis and how often, a limit is spent at most once in Redis and once in PostgreSQL, and a wait goes on",
    "V6.3.1, V16.5.2",
    "redis: gone or forgetful are spent twice at most, and a wait goes on:",
    "redis: wiped again and again give nothing more",
    "redis: wiped grow their waits as if nothing had happened",
    "redis: told to evict are counted in PostgreSQL, and the log says why",
    "redis: a Redis of an earlier run is not believed: what it had is an old copy",
  ],
  [
    "Who may publish in Redis cannot say that nothing was revoked, and a lost message empties the caches",
    "V7.4.1",
    "redis: are heard only with a signature of ours: who may publish in Redis cannot say that nothing was revoked",
    "redis: are heard in order, and another relay, a missing one, a repeated one and the end are gaps",
  ],
  [
    "The certificate of Redis is checked for the host that the URL names, and no error shows its password",
    "V12.3.2",
    "redis: with rediss: checks the certificate for the host, also with NODE_TLS_REJECT_UNAUTHORIZED=0",
    "redis: stays secret when an old Redis repeats in its error what it does not understand",
  ],
  [
    "A list that a replica answers has everything that was acknowledged before it was asked for; nothing that decides reads a replica",
    "V8.3.2",
    "replicas: is behind, the primary answers, at once and without an error, until the replica has caught up",
    "replicas: answers lists of users, the audit trail and exports, and is asked for nothing else",
  ],
  [
    "When a synchronous standby takes over, nothing that was acknowledged is lost, revocations included, and an old primary that comes back is not asked",
    "V16.5.2",
    "failover: behind HAProxy, a primary that is killed is replaced by its standby, and stays out when it comes back",
  ],
  [
    "Behind nginx and HAProxy, a stream ends with its session, and one of a server that stops is opened again at another",
    "V7.4.1",
    "live-proxies: a stream arrives as it happens, in both formats, and ends with its session",
    "live-proxies: a server that gets SIGTERM tells its clients to come back, and they come to the other one",
  ],
  [
    "A server that hears no revocations by way of Redis ends its streams, and opens none",
    "V7.4.1",
    "redis-live: a Redis that freezes ends the streams with “retry”, and none opens until it is back",
  ],
  [
    "The log of the PostgreSQL of `deploy/compose.yaml` has slow statements, waits for locks and errors, and no bound value",
    "V16.2.5",
    "compose-log: a slow statement is in the log without its values",
    "compose-log: a wait for a lock is in the log, without values",
    "compose-log: a statement that fails is in the log with its error alone, also with a value in its text",
  ],
];

const wayIn =
  "deploy: have a way in that keeps no event back, ends no stream that lives, and believes the controller alone";

/** Each hides the values of a slow statement alone. */
const bothThatHide = `      - --log_parameter_max_length=0
      - --log_parameter_max_length_on_error=0
      - --log_min_error_statement=panic
      - --log_error_verbosity=terse
`;

export const guards: readonly Guard[] = [
  [
    "deploy/compose.yaml",
    bothThatHide,
    "      - --log_parameter_max_length=-1\n",
    "compose-log: a slow statement is in the log without its values",
  ],
  [
    "deploy/compose.yaml",
    "log_lock_waits=on",
    "log_lock_waits=off",
    "compose-log: a wait for a lock is in the log, without values",
  ],
  [
    "deploy/compose.yaml",
    "log_parameter_max_length=0",
    "log_parameter_max_length=-1",
    "compose-log: compose and its replica log the same, and nothing that the built-in PostgreSQL would not",
  ],
  ...[
    ["log_min_error_statement=panic", "log_min_error_statement=error"],
    ["log_error_verbosity=terse", "log_error_verbosity=default"],
  ].map(
    ([from = "", to = ""]): Guard => [
      "deploy/compose.yaml",
      from,
      to,
      "compose-log: a statement that fails is in the log with its error alone, also with a value in its text",
    ],
  ),
  ["deploy/kubernetes/ingress/kustomization.yaml", "[TRUST_PROXY=1]", "[TRUST_PROXY=2]", wayIn],
  ["deploy/kubernetes/ingress/ingress.yaml", "traceparent:,X-Request-Id:", "X-Request-Id:", wayIn],
  ["deploy/kubernetes/ingress/ingress.yaml", 'buffering: "false"', 'buffering: "true"', wayIn],
  ["deploy/kubernetes/ingress/ingress.yaml", "read-timeout: 60s", "read-timeout: 30s", wayIn],
  [
    "src/auth/limits/counting-in-redis.ts",
    "    if known < tonumber(ARGV[index + 2]) then return 0 end\n",
    "",
    "redis: wiped again and again give nothing more",
  ],
  [
    "src/auth/limits/counting-in-redis.ts",
    "if memory[1] ~= run then",
    "if not memory[1] then",
    "redis: a Redis of an earlier run is not believed: what it had is an old copy",
  ],
  [
    "src/auth/limits/store.ts",
    "    await this.block(key, toSeconds(wait));",
    '    if (countedIn !== "redis") await this.block(key, toSeconds(wait));',
    "redis: gone or forgetful are spent twice at most, and a wait goes on:",
  ],
  [
    "src/auth/limits/password-attempts.ts",
    "const { consumedPoints: timesSpent } = await waits.penalty(key);",
    "const { consumedPoints: timesSpent } = await store.penalty(`${key} waits`);",
    "redis: wiped grow their waits as if nothing had happened",
  ],
  [
    "src/redis/connection.ts",
    "ready = eviction === null ? { client, runId: state.runId } : null;",
    "ready = { client, runId: state.runId };",
    "redis: told to evict are counted in PostgreSQL, and the log says why",
  ],
  [
    "src/redis/connection.ts",
    "const patience = milliseconds(200);",
    "const patience = seconds(60);",
    "redis: frozen hold a request for 200 ms once, not each of them",
  ],
  [
    "src/redis/client.ts",
    "if (!isSettled) destroy(client);",
    "",
    "redis: frozen hold a request for 200 ms once, not each of them",
  ],
  [
    "src/redis/client.ts",
    "(reply ?? error.constructor.name)",
    "error.message",
    "redis: stays secret when an old Redis repeats in its error what it does not understand",
  ],
  [
    "src/redis/client.ts",
    "rejectUnauthorized: true, ",
    "",
    "redis: with rediss: checks the certificate for the host, also with NODE_TLS_REJECT_UNAUTHORIZED=0",
  ],
  [
    "src/redis/notices.ts",
    'if (!isNext || message.kind === "end") onGap();',
    "",
    "redis: are heard in order, and another relay, a missing one, a repeated one and the end are gaps",
  ],
  [
    "src/redis/notices.ts",
    "if (!isOurs || relay === undefined",
    "if (relay === undefined",
    "redis: are heard only with a signature of ours: who may publish in Redis cannot say that nothing was revoked",
  ],
  [
    "src/database/notices/postgres.ts",
    "set idle_session_timeout = ${aloneAtMost}",
    "set idle_session_timeout = 0",
    "redis: a server whose process is frozen hands its relay over",
    "built",
  ],
  [
    "deploy/haproxy/postgresql.cfg",
    "stick on dst",
    "",
    "failover: behind HAProxy, a primary that is killed is replaced by its standby, and stays out when it comes back",
  ],
  [
    "src/auth/flows/data-export.ts",
    "services.readList((database) => readSections(database, userId))",
    "readSections(services.database, userId)",
    "replicas: answers lists of users, the audit trail and exports, and is asked for nothing else",
  ],
  [
    "src/database/replica/open.ts",
    "if (obstacle !== null) throw new UnreadableReplica(obstacle);",
    "",
    "replicas: is behind, the primary answers, at once and without an error, until the replica has caught up",
  ],
  [
    "src/database/replica/open.ts",
    "if (!isOfDatabase(error)) throw error;",
    "throw error;",
    "replicas: is killed, no request fails, and it is read again when it is back",
  ],
  [
    "src/database/replica/position.ts",
    'if (!found.isReplica) return "a primary";',
    "",
    "replicas: of a replica that is promoted is not read any more",
  ],
  [
    "src/database/replica/watch.ts",
    'if (before !== null && isAhead(before, position)) return { reason: "ahead of the primary" };',
    "",
    "replicas: of a copy's replica, which is ahead of this database, is never read",
  ],
  [
    "src/database/replica/connect.ts",
    "if ((await findIdentity(route)) !== place.identity)",
    "if (false)",
    "replicas: of another cluster's replica does the same",
    "built",
  ],
  [
    "src/database/replica/connect.ts",
    "if ((await findReplayed(watch)) === null)",
    "if (false)",
    "replicas: of the primary refuses the start in one line, and fails the check",
    "built",
  ],
  [
    "src/database/connecting/connection.ts",
    'optionsWith(route, timeoutsOfReplica, { default_transaction_read_only: "on" }),',
    "optionsWith(route, timeoutsOfReplica),",
    "replicas: a connection to it cannot write, even if it has become a primary",
  ],
  [
    "src/database/transaction.ts",
    '.setAccessMode("read only")',
    "",
    "replicas: gets statements in transactions that cannot write",
  ],
  [
    "src/config/database/tls.ts",
    "checkServerIdentity(host, certificate),",
    "checkServerIdentity(_name, certificate),",
    "database-tls: is checked for the address when the URL has an address, and for the name when it has a name",
  ],
  [
    "src/config/database/tls.ts",
    'rejectUnauthorized: mode !== "no-verify",',
    '...(mode === "no-verify" && { rejectUnauthorized: false }),',
    "database-tls: of another authority is refused, also with NODE_TLS_REJECT_UNAUTHORIZED=0",
    "built",
  ],
  [
    "src/cli/check/database.ts",
    "if (error instanceof NoReply || isDatabaseUnavailable(error))",
    "if (error instanceof Error)",
    "database-tls: that cannot be verified fails graphward check",
    "built",
  ],
  [
    "src/cli/database.ts",
    "environmentWithoutPostgres()",
    "process.env",
    "psql: graphward database opens psql on the built-in database, whatever the shell's variables say",
    "built",
  ],
  [
    "src/database/connecting/routes.ts",
    'if (found.route.pooling === "transaction")',
    "if (false)",
    "pooler: a start without DATABASE_DIRECT_URL is refused by one line that names it, before anything is made",
    "built",
  ],
  [
    "src/database/connecting/routes.ts",
    'if (route.pooling === "transaction")\n    throw',
    "if (false)\n    throw",
    "pooler: and so is one whose DATABASE_DIRECT_URL leads to a pooler in transaction mode, or to another database",
    "built",
  ],
  [
    "src/database/connecting/routes.ts",
    "if ((await findIdentity(found.route)) !== (await findIdentity(route)))",
    "if (false)",
    "pooler: and so is one whose DATABASE_DIRECT_URL leads to a pooler in transaction mode, or to another database",
    "built",
  ],
  [
    "src/database/connecting/session-state.ts",
    '...(pooling === "transaction" && state), ',
    "",
    "pooler: a default that no transaction can state is refused, with the statement to run",
    "built",
  ],
  [
    "src/database/connecting/session-state.ts",
    'if (pooling !== "session") return null;',
    "if (pooling !== null) return null;",
    "pooler: behind PgBouncer in session mode",
  ],
  [
    "src/graphql/subscriptions/stream.ts",
    "if (followed === null) return this.#endUnauthenticated();",
    "if (followed === null) return this.#retry();",
    "live-proxies: a stream arrives as it happens, in both formats, and ends with its session",
    "built",
  ],
  [
    "src/server.ts",
    "        live?.stop();\n",
    "",
    "live-proxies: a server that gets SIGTERM tells its clients to come back, and they come to the other one",
    "built",
  ],
  [
    "src/live/open.ts",
    'onLost: () => streams.endAll("retry")',
    "onLost: () => undefined",
    "redis-live: a Redis that freezes ends the streams with “retry”, and none opens until it is back",
  ],
  [
    "src/database/failures.ts",
    "|| isStandbyRefusal(error)",
    "",
    "replicas: while DATABASE_URL leads to a standby, as during a failover, a change gets 503, and the log says why",
  ],
];
