// What an app learns of a login with a provider that did not succeed: one word of a closed list, never the provider's.
import { TableError } from "../../../errors.ts";
import { type AppReturn, withParameter } from "../../providers/app-links.ts";
import type { ProviderOutcome, ProviderPage } from "./outcome.ts";

/** The rest of a login whose app is known. No page: its browser belongs to the app, which closes it at the link. */
export async function returnToApp(
  { link }: AppReturn,
  complete: () => Promise<ProviderOutcome>,
): Promise<ProviderOutcome> {
  const outcome = await complete().catch(orBusy);
  return "to" in outcome ? outcome : { to: withParameter(link, "error", errors[outcome.page]) };
}

const orBusy = (error: unknown): { readonly page: "busy" } => {
  if (!(error instanceof TableError) || error.code !== "RATE_LIMITED") throw error;
  return { page: "busy" };
};

const errors: Readonly<Record<ProviderPage, string>> = {
  unavailable: "unavailable",
  denied: "denied",
  failed: "failed",
  "known-email": "account_exists",
  refused: "refused",
  "registration-closed": "registration_closed",
  "no-email": "email_required",
  busy: "busy",
  // No login of an app ends so: they come before its link is known, or link a provider.
  "wrong-place": "failed",
  "wrong-app": "failed",
  expired: "failed",
  "linked-elsewhere": "failed",
  "not-linked": "failed",
};
