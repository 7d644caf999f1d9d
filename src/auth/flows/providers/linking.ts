// Links a provider to the account of a session that has logged in just now, and removes the link.
import type { Database } from "../../../database/tables.ts";
import { AuditEventType } from "../../../entities/audit-event-type.ts";
import {
  type BrokenRule,
  brokenRule,
  done,
  notFound,
  type Result,
  refused,
  serviceUnavailable,
  TableError,
} from "../../../errors.ts";
import { originOf, recordEvent } from "../../audit/record.ts";
import type { Context } from "../../context.ts";
import { changeUser, endCredentials } from "../../endings.ts";
import { enqueueMail } from "../../outgoing-mail.ts";
import { findClaimedEmail } from "../../providers/claims.ts";
import type { ProviderClaims, ProviderClient } from "../../providers/client.ts";
import { deleteIdentity, insertIdentity, listIdentities, lockIdentity } from "../../providers/identities.ts";
import type { LinkingSession } from "../../providers/login-rows.ts";
import { findReturnUrl } from "../../providers/return-to.ts";
import { type PersonalViewer, requirePersonal, type Viewer } from "../../viewer/viewer.ts";
import { requireEnrollableAccount } from "../factors/changes.ts";
import { requireOwnAccount } from "../own-account.ts";
import { hasWayIn, lastWayIn } from "../ways-in.ts";
import { sendToProvider } from "./begin.ts";
import { enqueueLinkedMail } from "./linked.ts";
import type { ProviderOutcome } from "./outcome.ts";

const maxIdentities = 20;

/** Returns the URL to open in this browser. Throws REAUTHENTICATION_REQUIRED, and SERVICE_UNAVAILABLE when the provider does not answer. */
export async function startLinking(
  context: Context,
  {
    viewer: caller,
    provider: id,
    returnTo,
  }: { readonly viewer: Viewer; readonly provider: string; readonly returnTo: string | null },
): Promise<Result<string>> {
  const { services } = context;
  const viewer = requirePersonal(caller);
  const { userId, sessionId } = viewer;
  const provider = services.providers.find(id);
  const place = findReturnUrl(returnTo ?? "/", services.returnPlaces);
  if (provider === null) return refused(unknownProvider);
  if (place === null) return refused(wrongPlace);
  const problem = await changeUser(services, userId, (transaction) =>
    findProblem(transaction, context, viewer),
  );
  if (problem !== null) return refused(problem);
  const linking = { userId, sessionId };
  const login = { provider, again: false, returnTo: place, appChallenge: null, linking };
  const url = await sendToProvider(context, login);
  if (url === null) throw serviceUnavailable({ pool: `provider ${id}`, reason: "unavailable" });
  return done(url);
}

/** The account of the provider is linked only in the browser and by the session that asked, while its login is recent. */
export async function linkIdentity(
  context: Context,
  {
    provider,
    claims,
    linking,
    returnTo,
  }: {
    readonly provider: ProviderClient;
    readonly claims: ProviderClaims;
    readonly linking: LinkingSession;
    readonly returnTo: string;
  },
): Promise<ProviderOutcome> {
  const viewer = await context.findViewer();
  if (viewer === null || !isOf(viewer, linking)) return { page: "not-linked" };
  try {
    return await changeUser(context.services, viewer.userId, async (transaction) => {
      const identity = await lockIdentity(transaction, claims);
      // Checks again that the login is recent, after the time at the provider.
      if ((await findProblem(transaction, context, viewer)) !== null) return { page: "not-linked" } as const;
      if (identity !== null)
        return identity.userId === viewer.userId ? { to: returnTo } : ({ page: "linked-elsewhere" } as const);
      await insert(transaction, context, { provider, claims, viewer });
      return { to: returnTo };
    });
  } catch (error) {
    if (error instanceof TableError && error.code === "REAUTHENTICATION_REQUIRED")
      return { page: "not-linked" };
    throw error;
  }
}

/** The user's other sessions end. Throws REAUTHENTICATION_REQUIRED, and NOT_FOUND for an identity that is not the viewer's. */
export async function unlinkIdentity(
  context: Context,
  { viewer: caller, id }: { readonly viewer: Viewer; readonly id: string },
): Promise<Result<string>> {
  const { services } = context;
  const viewer = requirePersonal(caller);
  const { userId } = viewer;
  return changeUser(services, userId, async (transaction) => {
    await requireOwnAccount(transaction, services, viewer);
    const deleted = await deleteIdentity(transaction, { id, userId });
    if (deleted === null) throw notFound();
    const { provider } = deleted;
    if (!(await hasWayIn(transaction, services, userId))) return refused(lastWayIn);
    const origin = originOf(context, viewer);
    await endCredentials(
      transaction,
      "identityUnlinked",
      { userId, keptSessionId: viewer.sessionId },
      origin,
    );
    const type = AuditEventType.IDENTITY_UNLINKED;
    await recordEvent(transaction, { ...origin, type, userId, details: { provider } });
    const name = services.providers.find(provider)?.settings.name ?? provider;
    await enqueueMail(transaction, { template: "identity-unlinked", userId, provider: name });
    return done(deleted.id);
  });
}

const isOf = (viewer: Viewer, { userId, sessionId }: LinkingSession): viewer is PersonalViewer =>
  viewer.accessToken === null &&
  viewer.impersonatorId === null &&
  viewer.userId === userId &&
  viewer.sessionId === sessionId;

/** An email that was never proven may be a stranger's: what is linked now would stay when its owner takes the account. */
const findProblem = async (
  transaction: Database,
  { services }: Context,
  viewer: PersonalViewer,
): Promise<BrokenRule | null> => {
  const problem = await requireEnrollableAccount(transaction, services, viewer);
  if (problem !== null) return problem;
  const identities = await listIdentities(transaction, viewer.userId);
  return identities.length >= maxIdentities ? tooMany : null;
};

const insert = async (
  transaction: Database,
  context: Context,
  {
    provider,
    claims: { issuer, subject, profile },
    viewer,
  }: { readonly provider: ProviderClient; readonly claims: ProviderClaims; readonly viewer: PersonalViewer },
): Promise<void> => {
  const { userId } = viewer;
  const { id } = provider.settings;
  const email = findClaimedEmail(profile)?.email ?? null;
  await insertIdentity(transaction, { userId, provider: id, issuer, subject, email, isUsed: false });
  const type = AuditEventType.IDENTITY_LINKED;
  await recordEvent(transaction, { ...originOf(context, viewer), type, userId, details: { provider: id } });
  await enqueueLinkedMail(transaction, userId, provider);
};

const unknownProvider = brokenRule("provider", "exists", "There is no such provider.");
const wrongPlace = brokenRule("returnTo", "place", "No login leads back to this place.");
const tooMany = brokenRule(
  "provider",
  "max",
  `An account has at most ${maxIdentities} logins with providers. Remove one first.`,
);
