// Security rules of subscriptions: who may open a stream, what its events show, and when it ends.
import type { Guard, Rule } from "../house/guard.ts";

export const heading = "Subscriptions";

export const rules: readonly Rule[] = [
  [
    "A stream is refused before it opens, with a status, to everybody to whom a query of the same access would be: without a login, a role, a scope, or from another site",
    "V8.2.1, V8.3.1",
    "access: nobody gets 401, a viewer without the permission 403, and an unknown token what a query gets",
    "access: an access token needs the scope, and an impersonator a field that is impersonable",
    "streams: opens by GET with the cookie alone, as a browser's EventSource does",
  ],
  [
    "Each event is authorised again against the viewer as it is then, and filtered and resolved in a context of its own",
    "V8.2.1, V8.3.2",
    "access: a viewer who lost the permission gets no further event",
    "access: also where no notice of the change is sent: the row alone decides",
    "access: is open to nobody, and shows a viewer what the viewer may see",
    "streams: is filtered and resolved in a context of its own",
    "streams: cannot be changed by the resolver of another viewer: all share its payload",
  ],
  [
    "A stream ends with its credential, on every server and before any further event: at a logout, a revocation, a deactivation, a deletion, a new password or secret, new roles, and both expiries",
    "V7.4.1, V7.4.2, V7.3.1, V7.3.2",
    "ends: the streams of a session end",
    "ends: the streams of an access token end",
    "ends: the streams of an impersonation end with the session of the impersonator",
    "ends: when its access token expires",
    "ends: an event that was being resolved when the session ended is not sent",
  ],
  [
    "A server that hears no revocations ends its streams within three seconds, and opens none",
    "V7.4.1",
    "ends: ends its streams with “retry”, opens none, and opens them again when it hears",
    "ends: ends them within three seconds if it only falls silent",
  ],
  ["A stream keeps no session alive", "V7.3.1", "ends: the events of a stream are no use of its session"],
  [
    "An event is sent after the commit of its transaction, and not at all if it is rolled back",
    "V2.3.3",
    "streams: is sent after the commit of its transaction, and not at all if it is rolled back",
  ],
  [
    "The streams of a session, of a user, of an IP and of a server are bounded, and a reader that does not read is dropped",
    "V15.1.3, V15.2.2",
    "bounds: a session has ten streams, a user fifty, and a server as many as it has room for; one that is closed makes room",
    "streams: a reader that does not read is dropped when a mebibyte waits for it, and only that one",
  ],
  [
    "A subscription keeps to the limits of documents and variables, and has one root field, which is not of the schema",
    "V2.4.1, V15.2.2",
    "streams: has one root field, and no part of the schema",
    "streams: keeps to the limits of documents and variables",
  ],
  [
    "Our own events reach the user whom they are about, and viewers with audit:read",
    "V8.2.2",
    "own: auditEventAdded: the viewer's own events, and everybody's with audit:read",
    "own: sessionsChanged: the viewer's devices, when one logs in and when one logs out",
  ],
];

export const guards: readonly Guard[] = [
  [
    "src/auth/access/guard.ts",
    "field.subscribe ? undefined : charged",
    "charged",
    "access: the budget of a field is spent once for a stream, and by no event",
  ],
  [
    "src/graphql/subscriptions/refusals.ts",
    "UNAUTHENTICATED: 401,",
    "UNAUTHENTICATED: 200,",
    "access: nobody gets 401, a viewer without the permission 403, and an unknown token what a query gets",
  ],
  [
    "src/auth/access/guard.ts",
    "isOpen ? openToTokens(checked, reach) : withinReach(checked, reach)",
    "isOpen ? openToTokens(checked, reach) : checked",
    "access: an access token needs the scope, and an impersonator a field that is impersonable",
  ],
  [
    "src/http/cross-site.ts",
    "if (origin !== undefined) return !isAllowedOrigin(allowedOrigins, origin);",
    "if (origin !== undefined) return false;",
    "streams: opens by GET with the cookie alone, as a browser's EventSource does",
  ],
  ...["the streams of a session end", "the streams of an access token end"].map(
    (title): Guard => [
      "src/graphql/subscriptions/stream.ts",
      "if (followed === null) return this.#fail(unauthenticated());",
      "if (followed === null) return this.#retry();",
      `ends: ${title}`,
    ],
  ),
  [
    "src/graphql/subscriptions/stream.ts",
    "if (followed === null) return this.#fail(unauthenticated());",
    "if (followed === null) return this.#retry();",
    "ends: the streams of an impersonation end with the session of the impersonator",
  ],
  [
    "src/graphql/subscriptions/stream.ts",
    "if (viewer === null || !isUnchanged(viewer, followed.viewer)) return this.#retry();",
    "",
    "access: also where no notice of the change is sent: the row alone decides",
  ],
  [
    "src/graphql/subscriptions/stream.ts",
    "before.permissions.join() === now.permissions.join()",
    "true",
    "access: a viewer who lost the permission gets no further event",
  ],
  [
    "src/live/publish.ts",
    'inTransaction("em" in publisher ? publisher.em : publisher)',
    '"em" in publisher ? publisher.em : publisher',
    "streams: is sent after the commit of its transaction, and not at all if it is rolled back",
  ],
  [
    "src/resolvers/administration/audit.ts",
    'hasPermission(viewer, "audit:read") ? undefined : viewer.userId',
    "undefined",
    "own: auditEventAdded: the viewer's own events, and everybody's with audit:read",
  ],
  [
    "src/resolvers/credentials/session.ts",
    "topicId: ({ context }) => requireKnownViewer(context).userId,",
    "",
    "own: sessionsChanged: the viewer's devices, when one logs in and when one logs out",
  ],
  [
    "src/graphql/subscriptions/stream.ts",
    "forFilter: await admissionOf(events)(later)",
    "forFilter: later",
    "access: is open to nobody, and shows a viewer what the viewer may see",
  ],
  [
    "src/graphql/subscriptions/stream.ts",
    "rootValue: payload, contextValue: context }",
    "rootValue: payload, contextValue: this.#parts.context }",
    "streams: is filtered and resolved in a context of its own",
  ],
  [
    "src/graphql/subscriptions/stream.ts",
    "this.#response.writableLength + text.length > maxWaiting",
    "this.#response.writableLength + text.length > 1e9",
    "streams: a reader that does not read is dropped when a mebibyte waits for it, and only that one",
  ],
  [
    "src/schema/subscriptions.ts",
    "context: later, info }",
    "context, info }",
    "streams: is filtered and resolved in a context of its own",
  ],
  [
    "src/graphql/subscriptions/find.ts",
    "if (findRefusal(source, limits) !== null) return null;",
    "",
    "streams: keeps to the limits of documents and variables",
  ],
  [
    "src/graphql/subscriptions/find.ts",
    "isValid && !hasSchemaOperation(document)",
    "true",
    "streams: has one root field, and no part of the schema",
  ],
  [
    "src/graphql/subscriptions/formats.ts",
    "format !== null && quality > 0",
    "format !== null",
    "streams: is refused to a client that accepts no stream, which would wait for an end that never comes",
  ],
  [
    "src/graphql/subscriptions/serve.ts",
    "if (!(await services.live.isReady())) throw",
    "if (false) throw",
    "ends: ends its streams with “retry”, opens none, and opens them again when it hears",
  ],
  [
    "src/live/open.ts",
    "streams.recheck(userId);",
    "",
    "ends: an event that was being resolved when the session ended is not sent",
  ],
  [
    "src/live/open.ts",
    'onLost: () => streams.endAll("retry")',
    "onLost: () => undefined",
    "ends: ends them within three seconds if it only falls silent",
  ],
  [
    "src/live/open.ts",
    "frozen(payload.value)",
    "payload.value",
    "streams: cannot be changed by the resolver of another viewer: all share its payload",
  ],
  [
    "src/live/open-streams.ts",
    'if (reserved >= ofServer) return "server";',
    "",
    "bounds: a session has ten streams, a user fifty, and a server as many as it has room for; one that is closed makes room",
  ],
  [
    "src/live/open-streams.ts",
    '>= most) return "credential"',
    '>= 1e9) return "credential"',
    "bounds: a session has ten streams, a user fifty, and a server as many as it has room for; one that is closed makes room",
  ],
  [
    "src/live/open-streams.ts",
    '>= ofUser) return "user"',
    '>= 1e9) return "user"',
    "bounds: a session has ten streams, a user fifty, and a server as many as it has room for; one that is closed makes room",
  ],
  [
    "src/live/open-streams.ts",
    "now >= stream.checkAt",
    "stream.checkAt < 0",
    "ends: when its access token expires",
  ],
  [
    "src/live/publish.ts",
    "if (isOfGraphward(topic))",
    "if (false)",
    "streams: that is too large, of a topic of ours or of a wrong name, is an error for developers",
  ],
  [
    "src/auth/authentication/lookup.ts",
    "keep(key, answer, { isUse: false });",
    "keep(key, answer, { isUse: true });",
    "ends: the events of a stream are no use of its session",
  ],
];
