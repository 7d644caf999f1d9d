// Security rules of what an application adds, and their guards.
import type { Guard, Rule } from "../house/guard.ts";

export const heading = "Applications";

export const rules: readonly Rule[] = [
  [
    "What an application adds to the context is made again for a request that a public field treats as anonymous: its data loaders cannot read as the user",
    "V8.2.1",
    "definition: is made again for a public field that a token may not use as its user",
  ],
  [
    "An application's routes have the security headers, the rules of cross-site requests and the masking of errors, and are never below `/graphql`",
    "V3.4.4, V3.5.1, V16.5.1",
    "definition: have our headers, and know the viewer",
    "definition: are behind the rules of cross-site requests",
    "definition: show no text of an error",
    "definition: are never below /graphql",
  ],
  [
    "A user in a field of an application is id, username and displayName to others, and to an access token without the scopes of the rest",
    "V8.2.3",
    "users: a nested user is id, username and displayName to a member and to strangers, without an error",
    "users: an administrator's access token sees of users what its scopes show",
  ],
  [
    "A username that an application keeps, and one that looks like it, cannot be registered",
    "V6.3.6",
    "accounts: a username that the application keeps, or one that looks like it, is taken; an administrator may give it away",
  ],
  [
    "No application lowers the minimum length of passwords below eight",
    "V6.2.1",
    "accounts: a minimum length below eight",
  ],
  [
    "The text of an error that a job throws is not stored in the queue",
    "V16.2.5",
    "definition: are tried again, and leave no text of an error in the queue",
  ],
];

export const guards: readonly Guard[] = [
  [
    "src/auth/access/own/check.ts",
    "viewer !== null && maySee(viewer, source, rule, passes) ?",
    "viewer !== null ?",
    "users: a nested user is id, username and displayName to a member and to strangers, without an error",
  ],
  [
    "src/auth/access/own/check.ts",
    "accessToken === null || holdsScope(accessToken.scopes, scope)",
    "true || holdsScope(accessToken?.scopes ?? [], scope)",
    "users: an administrator's access token sees of users what its scopes show",
  ],
  [
    "src/auth/context.ts",
    "const anonymous = Object.create(this, { ...nobody, ...Object.fromEntries(gone) }) as Context;\n    return this.extend === null ? anonymous : Object.assign(anonymous, this.extend(anonymous));",
    "return Object.create(this, nobody);",
    "definition: is made again for a public field that a token may not use as its user",
  ],
  [
    "src/graphql/open.ts",
    "const isFast = config.fastPath && application.plugins.length === 0;",
    "const isFast = config.fastPath;",
    "definition: a plugin sees every execution of a query that is asked again and again",
  ],
  [
    "src/schema/build.ts",
    "  requireDefaults(schema);\n",
    "",
    "definition: a default of another type, and a type without fields",
  ],
  [
    "src/schema/build.ts",
    "  assertValidSchema(schema);\n",
    "",
    "definition: a default of another type, and a type without fields",
  ],
  ["src/routes.ts", 'app.use("/graphql", refuseUnknownRoutes);', "", "definition: are never below /graphql"],
  [
    "src/jobs/application-jobs.ts",
    'throw new Error(error instanceof Error ? error.name : "unknown", { cause: error });',
    "throw error;",
    "definition: are tried again, and leave no text of an error in the queue",
  ],
  [
    "src/database/add-job.ts",
    "em.getTransactionContext<Kysely<unknown>>() ?? em.getKysely<unknown>()",
    "em.fork().getKysely<unknown>()",
    "definition: run after the transaction that added them, and not without it",
  ],
  [
    "src/http/request-handler.ts",
    "responses.prepare(request, response);",
    "",
    "definition: have our headers, and know the viewer",
  ],
  [
    "src/http/request-handler.ts",
    "if (!takesForm && isCrossSite(request, allowedOrigins, hasToken)) {",
    "if (false) {",
    "definition: are behind the rules of cross-site requests",
  ],
  [
    "src/routes.ts",
    "respondWithError(error, request, response)) as ErrorRequestHandler",
    "response.status(500).end(String(error))) as ErrorRequestHandler",
    "definition: show no text of an error",
  ],
  [
    "src/auth/flows/registration.ts",
    "const isKept = services.applicationNames.has(typed.username);",
    "const isKept = false;",
    "accounts: a username that the application keeps, or one that looks like it, is taken; an administrator may give it away",
  ],
  [
    "src/auth/passwords/policy.ts",
    "given >= minCharactersOfAny && given <= maxMinLength",
    "given <= maxMinLength",
    "accounts: a minimum length below eight",
  ],
  [
    "src/auth/account-hooks.ts",
    'logger.error({ error: describeForLog(error) }, "accounts.afterLogin failed");',
    "throw error;",
    "accounts: afterLogin runs after a login, and cannot undo it",
  ],
  [
    "src/auth/services.ts",
    "if (transaction !== undefined) em.setTransactionContext(transaction);",
    "",
    "accounts: writes in the transaction of the registration, and nothing without it",
  ],
  [
    "src/auth/context.ts",
    "this.lazy.anonymous ??= this.makeAnonymous();\n    return this.lazy.anonymous;",
    "return this.makeAnonymous();",
    "definition: is made again for a public field that a token may not use as its user",
  ],
  [
    "src/schema/collisions.ts",
    "theirs.includes(target) && ours.has(schemaName)",
    "false",
    "definition: a field of a user that is ours, whatever was loaded first",
  ],
  [
    "src/database/orm.ts",
    '["*", ownSchema, jobSchemaOf(ownSchema)]',
    "[ownSchema]",
    "definition: an entity of ours, and a table among ours",
  ],
  ["src/jobs/application-jobs.ts", "if (reserved !== undefined)", "if (false)", "definition: a task of ours"],
  [
    "src/database/migrating/grants.ts",
    "tables.length > 0 ? [`${schema}.${applicationMigrationsTable}`] : []",
    "[] as string[]",
    "deployment: a role that may only serve serves the application too, after one grant",
  ],
  [
    "src/auth/passwords/service-words.ts",
    'brandName ?? ""',
    '""',
    "accounts: no password is made of the application's name",
  ],
  [
    "src/jobs/application-jobs.ts",
    "      preset: { worker: resultsInBatches },\n",
    "",
    "definition: go on, and the server too, after a result could not be stored, and the log says so",
  ],
  [
    "src/jobs/application-jobs.ts",
    'events.on("pool:fatalError", ({ error }) => warn(error));',
    "",
    "definition: go on, and the server too, after a result could not be stored, and the log says so",
  ],
];
