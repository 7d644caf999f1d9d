// What an application brings: the argument of defineServer().
import type { ApolloServerPlugin } from "@apollo/server";
import type { EntityManager } from "@mikro-orm/postgresql";
import type { Express } from "express";
import type { Logger } from "pino";
import type { z } from "zod";
import type { GivenPageTexts } from "../account-pages/texts/languages.ts";
import type { Class } from "../auth/access/rules.ts";
import type { Context, ExtendContext } from "../auth/context.ts";
import type { ApplicationAccounts } from "../auth/services.ts";
import type { Profile } from "../auth/text/profiles.ts";
import type { BrandDefinition } from "../brand/brand.ts";
import type { ApplicationTables } from "../database/application-tables.ts";
import type { OpenContext } from "../graphql/endpoint.ts";
import type { ApplicationJobs } from "../jobs/application-jobs.ts";
import type { GivenMailTexts } from "../mail/texts/languages.ts";
import type { MailTransport } from "../mail/transport.ts";

export interface ServerDefinition {
  /** Each has its table in APPLICATION_SCHEMA, unless it names another schema. */
  readonly entities?: ApplicationTables["entities"];
  /** Their fields are private, unless they have `@Public()`. */
  readonly resolvers?: readonly Class[];
  /** The directory of the migrations: `new URL("./migrations/", import.meta.url)`. */
  readonly migrations?: URL;
  /** The permissions that the application's code checks, each with what it allows: `{ "notes:moderate": "Change anybody's notes" }`. */
  readonly permissions?: Readonly<Record<string, string>>;
  /** Nobody may register one of these names, or change to it, nor to one that looks like it. Administrators may give it away. */
  readonly reservedUsernames?: readonly string[];
  readonly accounts?: ApplicationAccounts;
  /** Shown in mails, on the account pages, the front page and the explorer. */
  readonly brand?: BrandDefinition;
  readonly mail?: {
    /**
     * By language, such as `fr` or `pt-BR`: for each template a function of its facts. They add a language, or replace texts of
     * ours, `en` and `de`. A template that a language does not have is sent in English.
     */
    readonly texts?: GivenMailTexts;
    /** Delivers mail instead of SMTP_URL. */
    readonly transport?: MailTransport;
  };
  readonly pages?: {
    /** The texts of the account pages, by language. A visitor gets the language that the browser asks for. */
    readonly texts?: GivenPageTexts;
  };
  /** The language of readers whose own is unknown, or has no texts. English, unless it says otherwise. */
  readonly defaultLanguage?: string;
  /**
   * The application's settings, by the names of their environment variables. They are read with ours, and problems are listed
   * with ours. Values are in `context.settings`.
   */
  readonly settings?: z.ZodObject;
  /** Called once for each request: what it returns is part of the context. Data loaders are made here. */
  readonly context?: ExtendContext;
  /** Apollo plugins. They see every operation: with any, Apollo executes all of them, and the fast path is off. */
  readonly plugins?: readonly ApolloServerPlugin<Context>[];
  /**
   * Routes of Express, such as webhooks, behind our headers, cross-site rules and log. Not below `/graphql`. An error that is not
   * from our table is masked. `openContext` authenticates a request as `/graphql` does.
   */
  readonly routes?: (app: Express, tools: { readonly openContext: OpenContext }) => void;
  readonly jobs?: ApplicationJobs;
  /** Replaces our logger, which writes to standard output. Its lines are not cleaned of terminal characters. */
  readonly logger?: Logger;
  /** What `graphward seed` does: rows to try the application with. Make it fit to run twice. */
  readonly seed?: (tools: SeedTools) => Promise<unknown>;
  /** What readiness depends on, by name. A check that throws, or takes more than two seconds, makes the server not ready. */
  readonly health?: Readonly<Record<string, () => Promise<unknown>>>;
}

export interface SeedTools {
  /** Flushed at the end. */
  readonly em: EntityManager;
  /** Returns the user's id. The password must follow the policy; a taken name is an error. */
  createUser(
    user: Profile & {
      readonly username: string;
      readonly password: string;
      readonly email?: string | null;
      readonly roles?: readonly string[];
    },
  ): Promise<string>;
}

const keys: Readonly<Record<keyof ServerDefinition, true>> = {
  entities: true,
  resolvers: true,
  migrations: true,
  permissions: true,
  reservedUsernames: true,
  accounts: true,
  brand: true,
  mail: true,
  pages: true,
  defaultLanguage: true,
  settings: true,
  context: true,
  plugins: true,
  routes: true,
  jobs: true,
  logger: true,
  seed: true,
  health: true,
};

/** The default export of `graphward.config.ts`. Throws for a key that does not exist. */
export function defineServer(definition: ServerDefinition): ServerDefinition {
  for (const key of Object.keys(definition))
    if (!Object.hasOwn(keys, key))
      throw new Error(`defineServer() has no key ${key}. It has: ${Object.keys(keys).join(", ")}.`);
  defined.add(definition);
  return definition;
}

/** The default export of another file, such as a tool's configuration, must not start a server without the application. */
export const isDefined = (value: unknown): value is ServerDefinition => defined.has(value as object);

const defined = new WeakSet<object>();
