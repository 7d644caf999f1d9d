// Security rules of logins with providers: whose answer it is, whose browser, whose email, and where it leads.
import type { Guard, Rule } from "../../house/guard.ts";

export const heading = "Logins with providers";

const otherBrowser =
  "hostile: in another browser than the one that began, with a cookie of its own or without";
const mixUp = "hostile: of another provider: the answer of one is not taken for the other's (mix-up)";
const token = "hostile: no login by an ID token";
const onlyHere = "linking: is done only in the browser and by the session that began it";
const recent = "linking: needs a recent login when it begins, and when it ends";
const places = "return-to: a login never leads to";
const page = "log-in-page: quotes no other place, and offers no login that leads there";
const nextPlace = "account-pages/next-place: a link to the page that completes a login never leads to";
const unproven =
  "trust: takes an account that nobody has proven from its maker: password, sessions and factors end";
const addresses = "fetch: a request to a provider";
const wholeWay =
  "apps: gets a code through its link, and with its verifier a token; the browser gets no session";
const otherApp =
  "apps: opens nothing with the verifier of another login: an attacker's code in the app of somebody else";
const verifiers =
  "apps: opens nothing with its challenge as the verifier, or with a verifier that is too short or too long";
const appLinks = "apps: another link than a registered one";
const appPair = "apps: a challenge without a link, and a link without a challenge";
const appRequests = "apps: a challenge that is not of the method S256, or a state that nobody needs";
const isSlow = "hostile: is unavailable when it is slow, and others log in meanwhile";
const codeOnly =
  "hostile: of an error that a provider sends, only a code gets into the log, and nothing on the page";
const freshSecret =
  "apple: proves the client with a new secret for each request, of five minutes, signed by the key";
const unsigned = "apple: takes no name from the form, which nobody has signed";
const discovery = "hostile: a provider whose discovery is wrong";
const gitHubFails = "github: there is no login";
const gitHubEmails = "github: the account has no email of GitHub's";
const withApple = "apple: a login with Apple";
const formOnly = "apple: is taken at the callback of Apple alone: elsewhere it is from another site, as ever";
const formLimits = "apple: is refused when it is no form, too large, compressed, or says a thing twice";
const firstPassword = "no-password: the first password";
const current =
  "no-password: leaves the current one out in vain, as with a wrong one: same answer, same cost, same record";
const moved =
  "trust: an account whose maker has moved it to another email meanwhile stays its maker's, and opens to nobody else";
const foreign = "trust: an account that another provider's word has opened is not linked silently";
const unverified =
  "verified-email: a new person of whom the provider knows no verified email gets no account";
const recentAs = "recent: a login is as old as the provider says, when the user did something there";
const openBrowser =
  "recent: not in an open browser, where the provider's session is enough; but when the provider asks again";
const oldFactor =
  "recent: with an old second factor of the provider not, though it counts; with a new one it is";
const noTime = "recent: a login goes through, and is not recent, when the provider's auth_time";
const nothingElse = "recent: where the provider says no time";
const appIsOld =
  "recent: is not recent, whenever the user was at the provider, unless there is nothing else to prove";
const askedFor = "recent: for the time always, and to ask the user only with exactly prompt=login";
const unaskable =
  "recent: nothing where its documentation knows no such thing: then an old time says no more than none";
const lastWay = "ways-in: an identity is the last way in, and stays, where";

export const rules: readonly Rule[] = [
  [
    "A login with a provider is completed once, within ten minutes, in the browser and with the provider that it began with",
    "V10.2.1, V10.5.1",
    otherBrowser,
    "hostile: a second time",
    "hostile: after ten minutes",
    mixUp,
  ],
  [
    "An ID token counts only with its issuer, audience, party, times and nonce, signed by a key of the provider with an algorithm of a list",
    "V10.5.1, V10.5.2, V9.1.1, V9.1.2, V9.2.1",
    token,
    "hostile: user info about another subject is not believed",
  ],
  [
    "An account is found by issuer and subject, never by an email; a known email is linked by its owner, in a session that has logged in just now",
    "V10.5.2",
    "login: opens nothing and links nothing, whether the email is proven or not: log in, and link it",
    "login: a new person",
    onlyHere,
    recent,
    "linking: refuses what belongs to another account, and leaves it there",
  ],
  [
    "Where the operator trusts a provider's emails, an account whose email was never proven loses all that its maker could use",
    "",
    unproven,
    moved,
    foreign,
  ],
  [
    "A login with a provider asks for the second factor, unless the operator has said which of the provider's counts",
    "V6.3.3",
    "login: holds for a provider's login too: one more proof, and only then a session",
    "trust: a second factor of the provider spares ours when the operator has said that it counts, and no other does",
  ],
  [
    "A login with a provider is as recent as the provider says that its user did something there, and so is its second factor; without a time only of a user who has nothing else to prove",
    "V6.8.4",
    recentAs,
    openBrowser,
    oldFactor,
    noTime,
    nothingElse,
    appIsOld,
    askedFor,
  ],
  [
    "An app gets its login by a code that opens once, within a minute, and only with the verifier that this app keeps; its browser gets no session",
    "V10.4.2, V10.4.3, V10.4.6",
    wholeWay,
    "apps: opens once, also when it comes twice at once",
    "apps: is used up by a wrong verifier, which is recorded",
    otherApp,
    verifiers,
    "apps: opens nothing after a minute",
    "apps: a code opens nothing when its user",
    "apps: holds for an app too: a challenge, and a token only after one more proof",
    "apps: with a cookie, logs in only the browser that was at the provider",
  ],
  [
    "An app's login leads back only to a registered link, and only with a challenge of the method S256",
    "V10.4.1",
    appLinks,
    appPair,
    appRequests,
    "config/app-links: are not what another app, a page or a script could be",
  ],
  ["A login leads back only to a path of ours or a listed origin", "V15.3.4", places, page, nextPlace],
  [
    "A user without a password sets the first one after a recent login, with the second factor if there is one; a user who has one cannot leave it out",
    "V6.2.3, V7.5.1",
    firstPassword,
    current,
  ],
  [
    "With REQUIRE_VERIFIED_EMAIL, nobody gets an account by a provider that has verified no email",
    "",
    unverified,
  ],
  [
    "The last way into an account is not removed; what the settings have switched off, and a provider that they no longer list, is no way in",
    "",
    lastWay,
  ],
  [
    "Requests to a provider are short and small, follow no redirect, and never reach a network that the operator has not named",
    "V13.2.4, V15.3.2",
    addresses,
    discovery,
    isSlow,
  ],
  [
    "A user of GitHub is its number, never a name; the email is the primary one, if GitHub calls it verified and mail comes there; its token is not kept",
    "V10.5.2",
    "github: is of the same user after a change of login, name and emails; a login that was given up opens nothing",
    gitHubEmails,
    gitHubFails,
  ],
  [
    "A form of another site is taken at the callback of a provider that answers so, and leads to the callback in the same browser, without doing anything",
    "V3.5.1",
    formOnly,
    formLimits,
    unsigned,
  ],
  ["Apple is shown a new secret for each request, of five minutes", "", freshSecret],
];

const rows = "src/auth/providers/login-rows.ts";
const client = "src/auth/providers/client.ts";
const fetch = "src/auth/providers/fetch.ts";
const linking = "src/auth/flows/providers/linking.ts";
const user = "src/auth/flows/providers/user.ts";
const claim = "src/auth/flows/providers/claim.ts";
const complete = "src/auth/flows/providers/complete.ts";
const place = "src/auth/providers/return-to.ts";
const identities = "src/auth/providers/identities.ts";
const codes = "src/auth/challenges/provider-codes.ts";
const appLogin = "src/auth/flows/providers/app-login.ts";
const link = "src/auth/providers/app-links.ts";
const gitHub = "src/auth/providers/github.ts";
const start = "src/auth/sessions/start.ts";
const time = "src/auth/providers/authentication-time.ts";
const formBody = "src/http/request/body.ts";

export const guards: readonly Guard[] = [
  [
    "src/auth/flows/providers/user.ts",
    "  if (account.canonicalEmail !== findCanonicalEmail(claimed.email)) return null;\n",
    "",
    moved,
  ],
  [
    "src/auth/flows/providers/user.ts",
    "if (await hasUntrustedIdentity(transaction, context, owner.id))",
    "if (account === null)",
    foreign,
  ],
  [
    "src/auth/providers/client.ts",
    'if (subject.trim() === "" || !isStorableText(subject))',
    'if (subject === "")',
    "hostile: no login by an ID token",
  ],
  [
    "src/auth/flows/providers/registration.ts",
    '  if (email === null && services.requiresVerifiedEmail) return { page: "no-email" };\n',
    "",
    unverified,
  ],
  // The page to log in, and the one that completes a login.
  ["src/login-pages/log-in.ts", "given === null ? null : findReturnUrl(given, returnPlaces)", "given", page],
  [
    "src/account-pages/log-in-layout.ts",
    '${escapeHtml(query)}">${escapeHtml(text)}</a></li>',
    '${escapeHtml(query)}">${text}</a></li>',
    "log-in-page: links to each provider, in the order of the settings, with a name that is text",
  ],
  [
    "src/account-pages/log-in-layout.ts",
    'data-return-to="${escapeHtml(returnTo ?? "/")}"',
    'data-return-to="${returnTo ?? "/"}"',
    "log-in-page: hands a place that a login may lead to on to the providers and to its script, as text",
  ],
  // The row that waits.
  [rows, '    .where("browser_digest", "=", digest(browserSecret))\n', "", otherBrowser],
  [rows, '    .where("provider", "=", provider)\n', "", mixUp],
  [
    rows,
    '    .where("expires_at", ">", sql<Date>`now()`)\n    .returning(["id", "sealed_secrets',
    '    .returning(["id", "sealed_secrets',
    "hostile: after ten minutes",
  ],
  [
    rows,
    'const taken = await database\n    .deleteFrom("provider_logins")',
    'const taken = await database\n    .updateTable("provider_logins")\n    .set({ provider })',
    "hostile: a second time",
  ],
  // What the provider has sent.
  [client, "        expectedNonce: nonce,\n", "", token],
  [client, "  enableNonRepudiationChecks(configuration);\n", "", token],
  [client, "      requireOwnParty(idToken, settings.clientId);\n", "", token],
  [client, 'if (subject.length > maxSubjectLength) throw new Error("The subject is too long.");', "", token],
  [
    client,
    "offered.filter((algorithm) => algorithms.includes(algorithm))",
    "[...offered]",
    "hostile: is unavailable when it offers no algorithm that we accept",
  ],
  [
    client,
    "fetchUserInfo(configuration, accessToken, idToken.sub)",
    "fetchUserInfo(configuration, accessToken, (await loadLibrary()).skipSubjectCheck)",
    "hostile: user info about another subject is not believed",
  ],
  [
    "src/auth/providers/claims.ts",
    "isVerified: verified === true",
    "isVerified: Boolean(verified)",
    "trust: an email that the provider has verified",
  ],
  [
    "src/auth/providers/claims.ts",
    'typeof value === "string" && trusted.includes(value)',
    'typeof value === "string"',
    "trust: a second factor of the provider spares ours when the operator has said that it counts, and no other does",
  ],
  [
    client,
    "if (new URL(metadata.issuer).href !== new URL(settings.issuer).href)",
    "if (metadata.issuer === settings.clientId)",
    discovery,
  ],
  [client, "const denials: readonly unknown[] = [", "const denials: readonly unknown[] = [null, ", token],
  [client, "/^[a-z_]{1,50}$/.test(code) ? code : null", "code", codeOnly],
  // GitHub.
  [gitHub, "!Number.isSafeInteger(id) || Number(id) <= 0", "id === undefined", gitHubFails],
  [
    gitHub,
    "subject: String(id)",
    "subject: String(login)",
    "github: is of the same user after a change of login, name and emails; a login that was given up opens nothing",
  ],
  [gitHub, "primary === true", "verified === true", gitHubEmails],
  [gitHub, "email_verified: verified === true", "email_verified: Boolean(verified)", gitHubEmails],
  [gitHub, " || /@users\\.noreply\\./i.test(email)", "", gitHubEmails],
  [gitHub, "const isRefused = mayBeRefused && ", "const isRefused = ", gitHubFails],
  [gitHub, "if (response.status !== 200)", "if (response.status === 0)", gitHubFails],
  [
    gitHub,
    "return isError ? Response.json(body, { status: 400 }) : response;",
    "return isError ? response : response;",
    "github: by an error that comes with status 200, and the log says which",
  ],
  // Apple.
  [
    "src/auth/providers/apple.ts",
    'claims.email_verified === true || claims.email_verified === "true"',
    "Boolean(claims.email_verified)",
    withApple,
  ],
  ["src/auth/providers/apple.ts", '"5 minutes"', '"180 days"', freshSecret],
  ["src/http/request-handler.ts", 'request.method === "POST" && formPaths', "formPaths", formOnly],
  [
    "src/http/request-handler.ts",
    'formPaths.has(request.url ?? "")',
    'request.url?.startsWith("/login/") === true',
    formOnly,
  ],
  ["src/login-pages/form-answer.ts", "const fields = [", 'const fields = ["user", ', unsigned],
  ["src/login-pages/form-answer.ts", "if (others.length > 0) throw badRequest();", "", formLimits],
  [formBody, 'type !== "application/x-www-form-urlencoded" || ', "", formLimits],
  [formBody, ' || request.headers["content-encoding"] !== undefined', "", formLimits],
  [
    formBody,
    "readWithinLimit(request, request, maxFormSize)",
    "readWithinLimit(request, request)",
    formLimits,
  ],
  // Whose account it is.
  [identities, '    .where("identities.subject", "=", subject)\n', "", "login: a new person"],
  [
    user,
    "if (!provider.settings.trustEmail || account === undefined)",
    "if (account === undefined)",
    "login: opens nothing and links nothing, whether the email is proven or not: log in, and link it",
  ],
  [user, "claimed?.isVerified ? await", "claimed ? await", "trust: an email that the provider has verified"],
  [user, "if (account.emailVerifiedAt === null) return", "if (account.generation < 0) return", unproven],
  [
    user,
    '  if (!services.isRegistrationOpen) return { page: "registration-closed" };\n',
    "",
    "trust: somebody new finds the door closed where nobody may register",
  ],
  [
    user,
    "    return identity ?? registerIdentity(transaction, context, login);",
    "    return (identity && null) ?? registerIdentity(transaction, context, login);",
    "login: is one account when two browsers come at once",
  ],
  [claim, "password_hash: null, ", "", unproven],
  [claim, "  await removeAllFactors(transaction, userId);\n", "", unproven],
  [claim, '  await endCredentials(transaction, "mailboxProven", { userId }, origin);\n', "", unproven],
  [
    "src/auth/flows/providers/registration.ts",
    "const email = claimed?.isVerified ? claimed.email : null;",
    "const email = claimed?.email ?? null;",
    "login: a new person",
  ],
  [
    complete,
    'if (started === null) {\n    recordRefusal(context, userId);\n    return { page: "refused" };\n  }',
    "if (started === null) return { to: returnTo };",
    "login: a deactivated user is refused, and the refusal recorded",
  ],
  // How recent it is.
  [complete, "provenAt: claims.authenticatedAt", 'provenAt: "now"', openBrowser],
  [appLogin, "proven, provenAt: null", 'proven, provenAt: "now" as const', appIsOld],
  [start, "least(now(), ${provenAt}::timestamptz)", "now()", recentAs],
  [
    start,
    "least(now(), ${provenAt}::timestamptz)",
    "${provenAt}::timestamptz",
    "recent: a clock of the provider that is a little ahead makes a login recent, and no more than that",
  ],
  [start, 'case when account."hasOtherProof" then ${before} else now() end', "now()", nothingElse],
  [start, 'case when account."hasOtherProof" then ${before} else now() end', "${before}", nothingElse],
  [start, "isSecondProven ? timeOf(provenAt)", "isSecondProven ? sql<Date>`now()`", oldFactor],
  ["src/auth/factors/enrolled.ts", "${hasPassword} or ${hasMailbox}", "${hasMailbox}", nothingElse],
  ["src/auth/factors/enrolled.ts", "${hasPassword} or ${hasMailbox}", "${hasPassword}", nothingElse],
  ["src/auth/factors/enrolled.ts", " or ${hasSecondFactor})`;\n\n/** An", ")`;\n\n/** An", nothingElse],
  [
    "src/auth/factors/enrolled.ts",
    "!hasOther || canAuthenticateAgain(settings)",
    "hasOther || canAuthenticateAgain(settings)",
    "recent: a login with GitHub, which says no time, is recent of a user with nothing else, and else is not proposed",
  ],
  [time, "  if (time > Date.now() + clockTolerance) return null;\n", "", noTime],
  [time, 'typeof claim !== "number" || !Number.isSafeInteger(claim)', 'typeof claim !== "number"', noTime],
  [time, 'prompt: "login", ', "", askedFor],
  [time, "  if (!canAuthenticateAgain(settings)) return {};\n", "", unaskable],
  [
    "src/config/sign-in/provider-presets.ts",
    'kind === "openid" && issuer.replace(/\\/+$/, "") !== presets.google.issuer',
    'kind === "openid"',
    unaskable,
  ],
  [
    "src/auth/flows/providers/begin.ts",
    'parameters.get("prompt") === "login"',
    'parameters.get("prompt")?.includes("login") === true',
    askedFor,
  ],
  [
    "src/login-pages/log-in.ts",
    'parameters.get("prompt") === "login"',
    'parameters.has("prompt")',
    "log-in-page: hands on that a provider is to ask the user again, and no other wish",
  ],
  // Linking.
  [linking, "  viewer.sessionId === sessionId;", "  sessionId !== null;", onlyHere],
  [linking, "  viewer.userId === userId &&\n  viewer.sessionId === sessionId;", "  true;", onlyHere],
  [
    linking,
    '      if ((await findProblem(transaction, context, viewer)) !== null) return { page: "not-linked" } as const;\n',
    "",
    recent,
  ],
  [
    linking,
    "  const problem = await requireEnrollableAccount(transaction, services, viewer);\n  if (problem !== null) return problem;\n",
    "  await requireOwnAccount(transaction, services, viewer);\n",
    "linking: waits for the proof of the email: what a stranger has linked would stay",
  ],
  [
    linking,
    'return identity.userId === viewer.userId ? { to: returnTo } : ({ page: "linked-elsewhere" } as const);',
    "return { to: returnTo };",
    "linking: refuses what belongs to another account, and leaves it there",
  ],
  [linking, "identities.length >= maxIdentities ? tooMany : null", "null", "linking: stops at twenty"],
  [
    linking,
    "    await requireOwnAccount(transaction, services, viewer);\n    const deleted",
    "    const deleted",
    "linking: needs a recent login, and an identity of one's own",
  ],
  [
    linking,
    "    if (!(await hasWayIn(transaction, services, userId))) return refused(lastWayIn);\n",
    "",
    "linking: leaves the last way into an account without a password",
  ],
  [
    identities,
    '    .where("id", "=", id)\n    .where("user_id", "=", userId)\n    .returning',
    '    .where("id", "=", id)\n    .returning',
    "linking: needs a recent login, and an identity of one's own",
  ],
  [
    "src/auth/flows/email-change-undo.ts",
    "if (await removeIdentitiesLinkedSince(transaction, userId, since)) {",
    "if (since === null) {",
    "linking: ends what was linked since an email change that is undone, and nothing from before",
  ],
  // Where it leads.
  [place, 'text.startsWith("//") || ', "", places],
  [place, 'text !== "" && !/[\\s\\\\]/.test(text) && !hasInvisibleCharacters(text)', 'text !== ""', places],
  [place, '  if (url.pathname.startsWith("//")) return null;\n', "", places],
  [place, 'url === null || url.username + url.password !== ""', "url === null", places],
  [place, "origins.has(url.origin)", "true", places],
  [place, "text.length > maxLength || ", "", places],
  [
    "src/auth/flows/providers/begin.ts",
    'returnTo ?? "/", services.returnPlaces);\n  return place === null ? { page: "wrong-place" } : { to: place };',
    'returnTo ?? "/", services.returnPlaces);\n  return { to: place ?? returnTo ?? "/" };',
    "login: holds for a provider's login too: one more proof, and only then a session",
  ],
  // Apps.
  [
    complete,
    "  if (app !== null) return handOver(context, user, app);\n",
    "  const handed = app && (await handOver(context, user, app));\n  if (handed !== null && (await startSession(context, user, { wantsCookie: true, wantsToken: false })) !== null) return handed;\n",
    wholeWay,
  ],
  [codes, "digest(code)}::bytea", "Buffer.from(code)}::bytea", "apps: is stored as a digest, for one minute"],
  [
    codes,
    '.deleteFrom("proof_challenges")\n    .where("digest"',
    '.updateTable("proof_challenges")\n    .set({ tries: 1 })\n    .where("digest"',
    "apps: opens once, also when it comes twice at once",
  ],
  [codes, " || !taken.isCurrent", "", "apps: opens nothing after a minute"],
  [
    codes,
    '        .where("users.is_active", "=", true),',
    "",
    "apps: when the account is closed, which is recorded",
  ],
  [appLogin, "timingSafeEqual(digest(verifier), verifierDigest)", "verifierDigest.length > 0", otherApp],
  [appLogin, "!isVerified || !isVerifier.test(verifier)", "!isVerified", verifiers],
  [
    appLogin,
    "!wantsCookie || timingSafeEqual(digest(browserSecret), browserDigest)",
    "wantsCookie || browserSecret !== null || browserDigest.length > 0",
    "apps: with a cookie, logs in only the browser that was at the provider",
  ],
  [
    appLogin,
    "const user = { userId, generation, proven, provenAt: null };",
    'const user = { userId, generation, proven: "SECOND_FACTOR", provenAt: null } as const;',
    "apps: holds for an app too: a challenge, and a token only after one more proof",
  ],
  [
    appLogin,
    '  if (started === null) recordFailure(context, userId, "NOT_ALLOWED");\n',
    "",
    "apps: a code opens nothing when its user",
  ],
  [
    appLogin,
    'recordFailure(context, userId, "WRONG_VERIFIER");',
    "",
    "apps: is used up by a wrong verifier, which is recorded",
  ],
  [link, "if (links.has(text)) return text;", "if (links.has(text.toLowerCase())) return text;", appLinks],
  [
    link,
    "if (links.has(text)) return text;",
    "if ([...links].some((it) => text.startsWith(it))) return text;",
    appLinks,
  ],
  [link, "links.has(host + path) && ", 'host !== "" && ', appLinks],
  [link, " && new URL(text).href === text;", ";", appLinks],
  [
    link,
    "if (link === null && challenge === null) return null;",
    "if (challenge === null) return null;",
    appPair,
  ],
  [link, '(method === null || method === "S256") && ', "", appRequests],
  [link, "/^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/.test(challenge)", 'challenge !== ""', appRequests],
  [link, "/^[\\x21-\\x7e]{1,500}$/.test(state)", "true", appRequests],
  [
    "src/auth/secrets/secret.ts",
    "/gw([sapc])_[0-9A-Za-z]{49}/g",
    "/gw([sap])_[0-9A-Za-z]{49}/g",
    "apps: puts no code into the log",
  ],
  // Requests to providers.
  [fetch, " || (isIP(host) && !mayConnect(host))", "", addresses],
  [
    fetch,
    "if (!addresses.every(({ address }) => mayConnect(address)))",
    "if (addresses.length === 0)",
    addresses,
  ],
  [fetch, "  if (!isSecure) return false;\n", "", addresses],
  [fetch, "if (size > maxProviderAnswer) {", "if (size < 0) {", addresses],
  [fetch, "AbortSignal.timeout(maxTime)", "AbortSignal.timeout(maxTime * 1000)", addresses],
  [fetch, "signal.aborted ? new", "signal.aborted === null ? new", addresses],
  [
    fetch,
    "const signal = AbortSignal.timeout(maxTime);",
    "const { signal } = new AbortController();",
    isSlow,
  ],
  [
    "src/login-pages/serve.ts",
    'if (request.method !== "GET") throw methodNotAllowed("GET");',
    "",
    "login: front ends are told of the provider, and other paths and methods below /login lead nowhere",
  ],
  // Users without a password.
  ["src/auth/flows/password-change.ts", '      .where("password_hash", "is", null)\n', "", current],
  [
    "src/auth/flows/password-change.ts",
    "      await requireRecentSession(services.database, services, viewer);\n",
    "",
    firstPassword,
  ],
  [
    "src/auth/flows/own-account.ts",
    "password === null ? null : (account?.passwordHash ?? null)",
    "account?.passwordHash ?? null",
    "no-password: leaves the current one out in vain, though an imported hash is of an empty text",
  ],
  [
    "src/auth/flows/ways-in.ts",
    "and rtrim(identity.issuer, '/') = any(${issuersOf(providers)}::text[])",
    "and ${issuersOf(providers)}::text[] is not null",
    lastWay,
  ],
  ["src/auth/flows/ways-in.ts", "(${isPasswordLoginOn}::boolean and users", "(users", lastWay],
  ["src/auth/flows/ways-in.ts", "(${areLoginCodesOn}::boolean and users", "(users", lastWay],
  ["src/auth/flows/ways-in.ts", "(${relyingParty !== null}::boolean and", "(", lastWay],
];
