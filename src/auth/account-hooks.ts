// What an application does when accounts begin, log in, are exported and end.
import type { EntityManager } from "@mikro-orm/postgresql";
import type { Logger } from "pino";
import type { Database } from "../database/tables.ts";
import { describeForLog } from "../error-log.ts";

/** Part of a transaction of ours: what it writes is there if and only if ours is. It may run again after a conflict. */
interface InTransaction {
  /** Flushed after the hook. */
  readonly em: EntityManager;
  readonly userId: string;
}

export interface RegisteredUser extends InTransaction {
  readonly username: string;
  /** Who created the account. */
  readonly by: "SELF" | "ADMINISTRATOR" | "OPERATOR";
}

export interface DefinedHooks {
  /** Sections of `exportMyData`, by name: what the application stores of a user. Name columns, so that no secret is included. */
  readonly exportData?: Readonly<Record<string, (part: InTransaction) => Promise<unknown>>>;
  /** Runs in the transaction that creates the account, for a taken email too: nobody must learn from it whether the email is. */
  readonly afterRegister?: ((user: RegisteredUser) => Promise<unknown>) | undefined;
  /** Runs after the login. An error is logged and does not undo it. */
  readonly afterLogin?: (login: { readonly em: EntityManager; readonly userId: string }) => Promise<unknown>;
  /** Runs in the transaction that deletes the account, before its rows go. An error keeps the account. */
  readonly beforeDelete?: (user: InTransaction) => Promise<unknown>;
}

export interface AccountHooks {
  afterRegister(transaction: Database, user: Omit<RegisteredUser, "em">): Promise<void>;
  afterLogin(userId: string): Promise<void>;
  beforeDelete(transaction: Database, userId: string): Promise<void>;
  /** Sections by name. */
  exportData(transaction: Database, userId: string): Promise<Readonly<Record<string, unknown>>>;
}

/** With a transaction, its statements are part of it. */
export type ForkEntityManager = (transaction?: Database) => EntityManager;

export interface HookParts {
  readonly forkEntityManager: ForkEntityManager;
  readonly logger: Logger;
}

export function createAccountHooks(
  { exportData = {}, afterRegister, afterLogin, beforeDelete }: DefinedHooks,
  { forkEntityManager, logger }: HookParts,
): AccountHooks {
  return {
    afterRegister: createAfterRegister({ afterRegister }, forkEntityManager),
    async afterLogin(userId) {
      if (afterLogin === undefined) return;
      try {
        await flushed(forkEntityManager(), (em) => afterLogin({ em, userId }));
      } catch (error) {
        logger.error({ error: describeForLog(error) }, "accounts.afterLogin failed");
      }
    },
    async beforeDelete(transaction, userId) {
      if (beforeDelete) await flushed(forkEntityManager(transaction), (em) => beforeDelete({ em, userId }));
    },
    async exportData(transaction, userId) {
      const em = forkEntityManager(transaction);
      const sections: Record<string, unknown> = {};
      for (const [name, read] of Object.entries(exportData)) sections[name] = await read({ em, userId });
      return sections;
    },
  };
}

/** For a command, which needs no other hook. */
export const createAfterRegister =
  (
    { afterRegister }: { readonly afterRegister: DefinedHooks["afterRegister"] },
    forkEntityManager: ForkEntityManager,
  ): AccountHooks["afterRegister"] =>
  async (transaction, user) => {
    if (afterRegister) await flushed(forkEntityManager(transaction), (em) => afterRegister({ em, ...user }));
  };

const flushed = async (em: EntityManager, work: (em: EntityManager) => Promise<unknown>): Promise<void> => {
  await work(em);
  await em.flush();
};
