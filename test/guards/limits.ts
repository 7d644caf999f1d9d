// What keeps passwords and links from being guessed, and mailboxes and owners from paying for it.
import type { Guard } from "../house/guard.ts";

const attempts = {
  file: "src/auth/limits/password-attempts.ts",
  test: "auth/limits/rate-limits",
};
const limits = { file: "src/auth/limits/rate-limits.ts", test: "auth/limits/rate-limits" };
const store = { file: "src/auth/limits/store.ts", test: "auth/limits/rate-limits" };
const device = { file: "src/auth/browsers/trusted-browser.ts", test: "auth/limits/rate-limits" };
const login = { file: "src/auth/flows/login.ts", test: "auth/limits/rate-limits" };
const access = { file: "src/auth/access/guard.ts", test: "auth/limits/rate-limits" };
const address = { file: "src/http/client-address.ts", test: "auth/limits/rate-limits" };

export const bruteForce: readonly Guard[] = [
  {
    ...attempts,
    code: "const refusal = await store.spend(key);",
    broken: 'await verifyPassword(null, "checked first");\n      const refusal = await store.spend(key);',
    title: "is charged before a password is checked: beyond the budget nothing is hashed",
  },
  {
    ...login,
    code: "subject: { typed: canonical ?? input.username }",
    broken: "subject: { typed: input.username }",
    title: "every spelling of a name or an address is one account",
  },
  {
    ...login,
    code: "subject: { typed: canonical ?? input.username }",
    broken: "subject: { typed: account === undefined ? `${Math.random()}` : (canonical ?? input.username) }",
    title: "a limited answer is the same for a right one, a wrong one and one of nobody",
  },
  {
    ...login,
    code: "  await attempt.refund();\n",
    broken: "",
    title: "a right one clears the account's count, and not the address's",
  },
  {
    ...login,
    code: "if (input.wantsCookie) trustedBrowsers.setCookie(context.exchange, user);",
    broken: "trustedBrowsers.setCookie(context.exchange, user);",
    title: "an app that logs in for a token alone gets no cookie",
  },
  {
    ...attempts,
    code: "        refusals.record(limitReached(budget, userId, client));\n",
    broken: "        void userId;\n",
    test: "auth/audit/refusals",
    title: "a limit does not hide another, of the same network",
  },
  {
    ...attempts,
    code: '.where("key", "in", keys)',
    broken: '.where(({ or, eb }) => or([eb("key", "in", keys), eb("key", "like", "login.ip:%")]))',
    title: "a right one clears the account's count, and not the address's",
  },
  {
    ...attempts,
    code: "const keys = [store.getKey(key), waits.getKey(key)];",
    broken: "const keys = [store.getKey(key)];",
    title: "a right one lets the waits begin anew",
  },
  {
    ...attempts,
    code: "Math.min(longestWait,",
    broken: "Math.min(2 * longestWait,",
    title: "waits grow to fifteen minutes and no further; attempts meanwhile do not prolong them",
  },
  {
    ...attempts,
    code: "if (refusal.consumedPoints !== store.points + 1) return refusal.msBeforeNext;",
    broken: "",
    title: "waits grow to fifteen minutes and no further; attempts meanwhile do not prolong them",
  },
  {
    ...attempts,
    code: 'if (browser === null) await limits.spend("login.ip", client);',
    broken: 'await limits.spend("login.ip", client);',
    title: "gets in while strangers spend the account's budget and its network's",
  },
  {
    ...attempts,
    code: "const store = browser === null ? accounts : browsers;",
    broken: "const store = accounts;",
    title: "hold for as long as they say, from the first attempt on",
  },
  {
    ...attempts,
    code: '`${accountKey(keyOf, browser)} ${keyOf("device", browser.id)}`',
    broken: "`${accountKey(keyOf, browser)} `",
    title: "has a budget of its own, which it can spend",
  },
  {
    ...attempts,
    code: "browser === null ? null : await allBrowsers.spend(accountKey(keyOf, browser))",
    broken: "null as RateLimiterRes | null",
    title:
      "has thirty passwords a minute with all others of its account, right ones too; strangers have theirs",
  },
  {
    ...attempts,
    code: "const refusal = await store.spend(key);",
    broken:
      "if (device !== null) await knownBrowsers.spend(accountKey(keyOf, device));\n      const refusal = await store.spend(key);",
    title: "whose cookie was stolen cannot be kept out by the thief, who waits alone",
  },
  {
    ...attempts,
    code: "        await store.refund(key);\n",
    broken: "",
    title: "is not made to wait for what the others of its account have spent",
  },
  {
    ...limits,
    code: "    refusals.record(limitReached(budget, null, client));\n",
    broken: "",
    test: "auth/audit/refusals",
    title: "a limit does not hide another, of the same network",
  },
  {
    file: "src/auth/audit/refusals.ts",
    code: "networkOf(client.ipAddress), details?.budget])",
    broken: "networkOf(client.ipAddress)])",
    test: "auth/audit/refusals",
    title: "a limit does not hide another, of the same network",
  },
  {
    ...attempts,
    code: "await store.refund(key).catch(() => undefined);",
    broken: "",
    test: "auth/passwords/hash-admission",
    title: "who is turned away has tried nothing: no budget is spent, of a login or of proving it again",
  },
  {
    file: "src/auth/flows/own-account.ts",
    code: "  const attempt = await services.attempts.spend({ subject: { userId },",
    broken: `  const found = services.database.selectFrom("users").select("canonical_username as name").where("id", "=", userId);
  const { name } = await found.executeTakeFirstOrThrow();
  const attempt = await services.attempts.spend({ subject: { typed: name },`,
    test: "auth/limits/rate-limits",
    title: "proving it again has a count of its own: who finds an open browser cannot keep the owner out",
  },
  {
    ...store,
    code: "else rate_limits.points + excluded.points end",
    broken:
      "else (select coalesce(max(points), 0) from rate_limits as seen, pg_sleep(0.02) where seen.key = ${key}) + excluded.points end",
    title: "of thirty at the same moment on two servers five are checked",
  },
  {
    ...store,
    code: "const shareWhileTheStoreFails = 1 / 2;",
    broken: "const shareWhileTheStoreFails = 1;",
    title: "one address has half of each figure",
  },
  {
    ...store,
    code: "points: Math.max(1, Math.floor(points * shareWhileTheStoreFails)),",
    broken: "points: Number.MAX_SAFE_INTEGER,",
    title: "a login works, and guessing is limited all the more",
  },
  {
    ...limits,
    code: 'const key = deriveKey(secret, "rate limits");',
    broken: 'const key = deriveKey("", "rate limits");',
    title: "cannot be matched with names by whoever has another secret",
  },
  {
    ...limits,
    code: 'createHmac("sha256", key).update(JSON.stringify(subject)).digest("base64url")',
    broken: 'createHmac("sha256", key).digest("base64url") + JSON.stringify(subject)',
    title: "names nobody: keys are HMACs",
  },
  {
    ...limits,
    code: "return (await ofMail.spend(keyOf(canonicalEmail), left)) === null;",
    broken:
      "const refusal = await ofMail.spend(keyOf(canonicalEmail), left);\n      if (refusal !== null) throw rateLimited(refusal.msBeforeNext);\n      return true;",
    title: "is sent three times an hour, whatever asks for it, and the answer does not tell",
  },
  {
    ...limits,
    code: "return (await ofMail.spend(keyOf(canonicalEmail), left)) === null;",
    broken: "return keyOf(canonicalEmail).length > left;",
    title: "is sent three times an hour, whatever asks for it, and the answer does not tell",
  },
  {
    ...limits,
    code: "await unknownTokens.consume(networkOf(client.ipAddress));",
    broken: "",
    title: "tries thirty unknown tokens a minute; who has a good one is not refused meanwhile",
  },
  {
    ...limits,
    file: "src/graphql/endpoint.ts",
    code: 'const tokenViewer = token === null ? null : await services.viewers.find("token", token);',
    broken:
      'if (token !== null) await services.limits.spendUnknownToken(client);\n  const tokenViewer = token === null ? null : await services.viewers.find("token", token);',
    title: "tries thirty unknown tokens a minute; who has a good one is not refused meanwhile",
  },
  {
    ...access,
    code: "if (!context.takeCharge()) throw rateLimited(seconds(1));",
    broken: "",
    title: "is refused the second time in a request, whichever it is",
  },
  {
    ...access,
    code: "if (!context.takeCharge()) throw rateLimited(seconds(1));",
    broken: "",
    title: "comes once a request: aliases and fragments gain nothing",
  },
  {
    ...access,
    code: `    if (budget !== "by its own rules") await context.services.limits.spend(budget, context.client);
    return resolver(source, args, context, info);`,
    broken: `    const answer = await resolver(source, args, context, info);
    if (budget !== "by its own rules") await context.services.limits.spend(budget, context.client);
    return answer;`,
    title: "is charged before a link is tried: one that comes too late is still good",
  },
  {
    file: "src/resolvers/password.ts",
    code: '@Charged("secret.ip")',
    broken: "",
    test: "auth/limits/rate-limits",
    title: "tries thirty links a minute",
  },
  {
    file: "src/resolvers/password.ts",
    code: '@Charged("secret.ip")',
    broken: "",
    test: "auth/limits/rate-limits",
    title: "is each that takes a password or a link, or sends mail to an address that was typed",
  },
  {
    file: "src/resolvers/password.ts",
    code: '@Charged("reset.ip")',
    broken: '@Charged("secret.ip")',
    test: "auth/limits/rate-limits",
    title: "asks for ten mails an hour, whomever they go to",
  },
  {
    file: "src/resolvers/registration.ts",
    code: '@Charged("register.ip")',
    broken: '@Charged("secret.ip")',
    test: "auth/limits/rate-limits",
    title: "makes twenty accounts an hour",
  },
  {
    file: "src/auth/limits/store.ts",
    code: "if (spent.remainingPoints >= left) return null;",
    broken: "if (spent.remainingPoints >= 0) return null;",
    test: "auth/limits/rate-limits",
    title: "keeps the last one for a new password, whoever registers with the address or changes to it",
  },
  {
    file: "src/auth/flows/registration.ts",
    code: 'limits.takeMail(canonicalEmail, "leaves the last one")',
    broken: "limits.takeMail(canonicalEmail)",
    test: "auth/limits/rate-limits",
    title: "keeps the last one for a new password, whoever registers with the address or changes to it",
  },
  {
    file: "src/auth/flows/registration.ts",
    code: "if (!registered.ok && mayMail) await limits.refundMail(canonicalEmail);",
    broken: "",
    test: "auth/limits/rate-limits",
    title: "is not spent by registrations that are refused, and cause none",
  },
  {
    file: "src/resolvers/username.ts",
    code: '@Charged("register.ip")',
    broken: '@Charged("secret.ip")',
    test: "auth/limits/changing-names",
    title: "twenty names an hour are tried from one address, whatever comes of it",
  },
  {
    file: "src/resolvers/email-change.ts",
    code: '@Charged("reset.ip")',
    broken: '@Charged("secret.ip")',
    test: "auth/limits/changing-names",
    title: "ten changes of address an hour are asked for from one address",
  },
  {
    file: "src/auth/flows/email-change.ts",
    code: 'const mayMail = await limits.takeMail(findCanonicalEmail(email) ?? "", "leaves the last one");',
    broken: "const mayMail = true;",
    test: "auth/limits/changing-names",
    title: "an address is mailed twice an hour, free or taken; then nothing is sent, told or ended",
  },
  {
    file: "src/config/rate-limits.ts",
    code: '"login.account": { points: 5, per: minutes(15) }',
    broken: '"login.account": { points: 6, per: minutes(15) }',
    test: "auth/limits/rate-limits",
    title: "the sixth is refused, right or wrong, from any address, on any server, with Retry-After",
  },
  {
    file: "src/config/rate-limits.ts",
    code: '"mail.account": { points: 3, per: hours(1) }',
    broken: '"mail.account": { points: 3, per: minutes(1) }',
    test: "auth/limits/rate-limits",
    title: "hold for as long as they say, from the first attempt on",
  },
  {
    file: "src/config/rate-limits.ts",
    code: "{ ...defaultRateLimits }",
    broken: "{} as Record<BudgetName, Budget>",
    test: "auth/limits/rate-limits",
    title: "are those that are published, and a setting replaces only the one that it names",
  },
  {
    file: "src/auth/viewer/network.ts",
    code: "findGroups(address, 4)",
    broken: "findGroups(address, 5)",
    test: "auth/limits/rate-limits",
    title: "is a /64 of IPv6",
  },
  {
    file: "src/auth/viewer/network.ts",
    code: "findGroups(address, 4)",
    broken: "findGroups(address, 3)",
    test: "auth/limits/rate-limits",
    title: "is a /64 of IPv6",
  },
  {
    ...address,
    code: "if (isIP(address)) return canonical(address);",
    broken: 'if (isIP(address)) return address.replace(/^::ffff:(?=\\d+\\.)/, "");',
    title: "of IPv4 is one however it is written, and no other's",
  },
  {
    ...address,
    code: "const address = withoutPort(told);",
    broken: "const address = told;",
    title: "is read without the port that some proxies write",
  },
  {
    ...address,
    code: "trusts(withoutPort(address), hop)",
    broken: "trusts(address, hop)",
    title: "is read without the port that some proxies write",
  },
  {
    ...address,
    code: '    if (told !== "" && !isTold) {\n',
    broken: '    if (told !== "" && isTold) {\n',
    title: "that a trusted proxy does not write as one is told in the log, once",
  },
  {
    ...address,
    code: "hop < trustProxy",
    broken: "hop <= trustProxy",
    title: "is what the one trusted proxy says: what a client wrote before that changes nothing",
  },
  {
    ...address,
    code: "trustProxy === 0 ? request.socket.remoteAddress : proxyaddr(request, trust)",
    broken: "proxyaddr(request, () => true)",
    title: "is not what X-Forwarded-For says where no proxy is trusted",
  },
  {
    ...device,
    code: "update(`${userId} ${generation} ${id}`)",
    broken: "update(`${id} ${generation} ${userId.length}`)",
    title: "of another account, or with a cookie that we did not sign, is a stranger",
  },
  {
    file: "src/auth/browsers/known-devices.ts",
    code: 'device_generation: eb("device_generation", "+", 1)',
    broken: 'device_generation: eb("device_generation", "+", 0)',
    test: "auth/browsers/forgotten-devices",
    title: "a new password makes strangers of the browsers that knew the old one:",
  },
  {
    file: "src/auth/flows/password-change.ts",
    code: "if (renewed.token === null || wasTrusted)",
    broken: "if (renewed.token === null)",
    test: "auth/browsers/forgotten-devices",
    title: "whoever has set a new password is not kept out by strangers:",
  },
  {
    file: "src/auth/flows/password-reset.ts",
    code: "  services.trustedBrowsers.setCookie(exchange, { userId, generation });\n",
    broken: "",
    test: "auth/browsers/forgotten-devices",
    title: "whoever has set a new password is not kept out by strangers:",
  },
  {
    file: "src/auth/flows/password-reset.ts",
    code: "    await services.attempts.clear(transaction, { id: userId, ...locked });\n",
    broken: "",
    test: "auth/browsers/forgotten-devices",
    title: "whoever has set a new password is not kept out by strangers:",
  },
  {
    ...device,
    code: 'options.secure ? "__Host-graphward-device-"',
    broken: 'options.secure ? "graphward-device-"',
    test: "http/https",
    title: "cookies are Secure with the __Host- name, whatever the hop before us speaks",
  },
  {
    ...device,
    code: "httpOnly: true,",
    broken: "httpOnly: false,",
    title: "has it where no script can read it, for 400 days, and not in what other sites send",
  },
  {
    ...device,
    code: 'sameSite: "lax",',
    broken: 'sameSite: "none",',
    title: "has it where no script can read it, for 400 days, and not in what other sites send",
  },
  {
    ...device,
    code: "left.length === right.length && timingSafeEqual(left, right)",
    broken: "left.length === right.length",
    title: "of another account, or with a cookie that we did not sign, is a stranger",
  },
  {
    ...device,
    code: "if (readCookie(exchange, owner) !== null) return;",
    broken: "",
    title: "keeps the cookie it has, and it opens nothing",
  },
  {
    file: "src/auth/browsers/known-devices.ts",
    code: "where users.new_device_mail and users.email_verified_at is not null and exists (${known})",
    broken:
      "where not exists (select from rate_limits where key like 'mail.account:%' and points >= 3) and users.new_device_mail and users.email_verified_at is not null and exists (${known})",
    test: "auth/limits/rate-limits",
    title: "that warns its owner is sent whatever strangers have spent, and spends nothing",
  },
];

const breach = { file: "src/auth/passwords/breached.ts", test: "auth/passwords/breached" };
const leak = { file: "src/auth/flows/leaked-token.ts", test: "auth/flows/leaked-token" };

export const leaks: readonly Guard[] = [
  {
    ...breach,
    code: "return isListed(await response.text(), digest.slice(prefixLength));",
    broken: "return isListed(await response.text(), digest);",
    title: "a password that was in a breach is refused, at registration, at a change and on the command line",
  },
  {
    ...breach,
    code: "const prefixLength = 5;",
    broken: "const prefixLength = 6;",
    title: "the service learns five digits of the digest, and how long its answer is nobody",
  },
  {
    ...breach,
    code: '"add-padding": "true", ',
    broken: "",
    title: "the service learns five digits of the digest, and how long its answer is nobody",
  },
  {
    ...breach,
    code: "Number(count) > 0",
    broken: "Number(count) >= 0",
    title: "padding, which has the count 0, is no breach",
  },
  {
    ...breach,
    code: "if (!response.ok) throw new Error(`The service answered ${response.status}.`);",
    broken: "",
    title: "a service that cannot be relied on",
  },
  {
    ...breach,
    code: "signal: AbortSignal.timeout(longestWait),",
    broken: "signal: AbortSignal.timeout(1000 * longestWait),",
    title: "a service that cannot be relied on",
  },
  {
    ...leak,
    code: "services.viewers.forget(...owners);",
    broken: "void owners;",
    title: "it is over at once on the server that heard of it, where no notice arrives",
  },
  {
    ...leak,
    code: "if (!isWellFormedToken(token)) return;",
    broken: "if (!isWellFormedToken(token) && token.length > 100_000) return;",
    title: "a text that is no token costs no query",
  },
  {
    ...leak,
    code: 'for (const userId of userIds) await enqueueMail(transaction, { template: "token-leaked", userId });',
    broken: "void enqueueMail;",
    title:
      "a session token ends with its whole session, cookie included, and is recorded; other sessions live",
  },
  {
    file: "src/mail/compose.ts",
    code: 'if (!user.isVerified && mail.template !== "address-taken") return null;',
    broken: "",
    test: "auth/flows/email-verification",
    title: "an address that nobody has proven is a stranger's, for all we know: it is not told of",
  },
  {
    file: "src/auth/flows/account-deletion.ts",
    code: "if (email !== null && emailVerifiedAt !== null)",
    broken: "if (email !== null)",
    test: "auth/flows/email-verification",
    title: "an address that nobody has proven is a stranger's, for all we know: it is not told of",
  },
  {
    file: "src/mail/compose.ts",
    code: "isToKnown || (user.isVerified && user.email === token.sentTo) ? user.username : null",
    broken: "isToKnown !== false ? user.username : null",
    test: "auth/flows/email-verification",
    title: "a name that somebody chose, such as one that mail programs make a link of, is in no mail to",
  },
  {
    file: "src/mail/compose.ts",
    code: "username: user.isVerified ? user.username : null,",
    broken: "username: user.username,",
    test: "auth/flows/email-verification",
    title: "a name that somebody chose, such as one that mail programs make a link of, is in no mail to",
  },
  {
    ...leak,
    code: "if (!isWellFormedToken(token)) return;",
    broken: 'if (!isWellFormedToken(token)) throw new Error("This is no token.");',
    title: "the answer is the same for a live token, one that is over, an unknown one and no token at all",
  },
  {
    ...leak,
    code: "? await revokePresentedAccessToken(transaction, token, origin)",
    broken: "? []",
    title: "an access token ends, and is recorded; the sessions of its owner live",
  },
];

const review = { file: "src/config/review.ts", test: "config/deployment" };
const proxies = { file: "src/config/proxy-range.ts", test: "config/deployment" };
const transport = { file: "src/config/database-transport.ts", test: "config/deployment" };
const secrets = { file: "src/config/secrets.ts", test: "config/deployment" };
const lockfile = { file: "scripts/lockfile.ts", test: "house/dependencies" };
const advisories = { file: "scripts/advisories.ts", test: "house/dependencies" };
const anError = "a review of the settings";

export const deployment: readonly Guard[] = [
  {
    ...secrets,
    code: '...(secrets.length === 0 ? ["holds no secret"] : []),',
    broken: "",
    title: "without a secret that every server of a database shares, and without a public address",
  },
  {
    ...secrets,
    code: 'requiredWith: "DATABASE_URL",',
    broken: "",
    title: "without a secret that every server of a database shares, and without a public address",
  },
  {
    ...secrets,
    code: "Buffer.byteLength(secret) < shortestInBytes",
    broken: "Buffer.byteLength(secret) < shortestInBytes - 1",
    title: "with a secret of less than 32 bytes, be it one of several",
  },
  {
    ...secrets,
    code: "secrets.some((secret) => Buffer",
    broken: "secrets.slice(0, 1).some((secret) => Buffer",
    title: "with a secret of less than 32 bytes, be it one of several",
  },
  {
    ...secrets,
    code: "  isRepetition(secret) ||\n",
    broken: "",
    title: "with a secret of a few characters over and over, or in a row",
  },
  {
    ...secrets,
    code: "(steps.length * 2) / 3",
    broken: "steps.length",
    title: "with a secret of a few characters over and over, or in a row",
  },
  {
    ...review,
    code: "silentLevels.includes(config.logLevel)",
    broken: "false",
    title: anError,
  },
  {
    ...review,
    code: "config.auditRetention < days(30)",
    broken: "false",
    title: anError,
  },
  {
    ...secrets,
    code: "|(.)\\1{15}/i",
    broken: "/i",
    title: "with a secret that stands in examples, be it one of several",
  },
  {
    ...secrets,
    code: "|secret|graphward|example",
    broken: "|graphward|example",
    title: "with a secret that stands in examples, be it one of several",
  },
  {
    ...secrets,
    code: "const fewestDifferentCharacters = 8;",
    broken: "const fewestDifferentCharacters = 7;",
    title: "with a secret of a few characters over and over, or in a row",
  },
  { ...review, code: "[!isHttps, { severity,", broken: '[!isHttps, { severity: "warning",', title: anError },
  {
    ...review,
    code: "isHttps && config.trustProxy === 0",
    broken: "!isHttps && config.trustProxy === 0",
    title: anError,
  },
  {
    ...transport,
    code: "const { host, ssl } = connecting;",
    broken: "const host = new URL(url).hostname;\n  const { ssl } = connecting;",
    title: anError,
  },
  { ...transport, code: "ssl.rejectUnauthorized === false || ", broken: "", title: anError },
  { ...transport, code: '.at(-1) === "prefer"', broken: '.at(-1) === "prefers"', title: anError },
  {
    ...transport,
    code: "if (connecting === null) return true;",
    broken: "if (connecting === null) return false;",
    title: anError,
  },
  {
    ...proxies,
    code: "return !isPrivate && prefix < longestPublicPrefix[base.kind()];",
    broken: "return !isPrivate && prefix < 1;",
    title: "the start is refused with proxies of a range that clients may be in, however it is written",
  },
  {
    ...proxies,
    code: "prefix >= length && holds(base.toString(), 0)",
    broken: "holds(base.toString(), 0)",
    title: "the start is refused with proxies of a range that clients may be in, however it is written",
  },
  {
    ...proxies,
    code: "byte ^ (0x80 >> (bit & 7))",
    broken: "byte ^ (0x01 << (bit & 7))",
    title: "the start takes proxies of private ranges, and of what networks in front of servers publish",
  },
  {
    file: "src/config/network.ts",
    code: "if (/^\\d$/.test(text)) return Number(text);",
    broken: "if (/^\\d+$/.test(text)) return Number(text);",
    test: "config/deployment",
    title: "the start is refused with proxies of a range that clients may be in, however it is written",
  },
  {
    ...review,
    code: "config.trustProxy > mostProxiesInARow",
    broken: "config.trustProxy > 9",
    title: anError,
  },
  { ...review, code: "!config.checksCertificates,", broken: "false,", title: anError },
  {
    ...review,
    code: 'config.registration === "open" && !config.requireVerifiedEmail',
    broken: "!config.requireVerifiedEmail && false",
    title: anError,
  },
  { ...review, code: "config.production && smtp === null", broken: "false", title: anError },
  {
    ...review,
    code: 'config.breachedPasswordsUrl?.protocol === "http:"',
    broken: 'config.breachedPasswordsUrl?.protocol === "ftp:"',
    title: anError,
  },
  {
    ...review,
    code: "config.auditKeys.some((key) => config.sessionSecrets.includes(key))",
    broken: "false",
    title: anError,
  },
  {
    ...review,
    code: "points > usual.points || ",
    broken: "",
    title: anError,
  },
  {
    ...review,
    code: " || points / per > usual.points / usual.per",
    broken: "",
    title: anError,
  },
  {
    ...review,
    code: 'name.endsWith(".ip") ? "warning" : severity',
    broken: '"warning"',
    title: anError,
  },
  {
    ...review,
    code: "problemsOfSecrets(secrets)).map((text)",
    broken: "[]).map((text)",
    title: "warns, elsewhere than in production, of what would be an error or stop the start there",
  },
  {
    file: "src/auth/passwords/hash.ts",
    code: "costs.timeCost < policy.timeCost",
    broken: "costs.timeCost > policy.timeCost",
    test: "config/deployment",
    title: "counts the stored hashes that are weaker than today's, which their owners' logins renew",
  },
  {
    ...lockfile,
    code: "^sha512-[A-Za-z0-9+/]{86}==$",
    broken: "^sha",
    title: "is refused when a package has no integrity, or a weak one",
  },
  {
    ...lockfile,
    code: "locked.resolved !== undefined || locked.link === true",
    broken: "locked.resolved !== undefined",
    title: "is refused when a package comes from a place of its own, or under another's name",
  },
  {
    ...lockfile,
    code: "manifest.allowScripts?.[nameOf(path)] === undefined",
    broken: "manifest.allowScripts === undefined",
    title: "is refused when a package has an install script that is not on the list",
  },
  {
    ...lockfile,
    code: "packages[`node_modules/${name}`]?.version !== version",
    broken: "packages[`node_modules/${name}`] === undefined && version !== undefined",
    title: "is refused when it is not what package.json asks for",
  },
  {
    ...lockfile,
    code: "nameOf(path) === name && locked.version !== version",
    broken: "path === `node_modules/${name}` && locked.version !== version",
    title: "is refused when a package is not the version that it is overridden with",
  },
  {
    ...advisories,
    code: 'severity === "high" || severity === "critical"',
    broken: 'severity === "critical"',
    title: "fail the check from the level high on",
  },
  {
    ...advisories,
    code: '"--omit=dev", ',
    broken: "",
    title: "concern nobody in what only tests need",
  },
  {
    ...advisories,
    code: 'stderr.includes("audit endpoint returned an error")',
    broken: 'stderr !== ""',
    title: "are not taken for absent when npm says something else",
  },
];
