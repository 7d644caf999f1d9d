// The mail that tells the owner of a new way into the account.
import type { Database } from "../../../database/tables.ts";
import { enqueueMail } from "../../outgoing-mail.ts";
import type { ProviderClient } from "../../providers/client.ts";

export const enqueueLinkedMail = (
  transaction: Database,
  userId: string,
  { settings }: ProviderClient,
): Promise<void> =>
  enqueueMail(transaction, { template: "identity-linked", userId, provider: settings.name });
