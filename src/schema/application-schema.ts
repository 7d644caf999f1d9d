// What an application adds to the schema.
import type { Class } from "../auth/access/rules.ts";

export interface ApplicationSchema {
  readonly resolvers: readonly Class[];
  /** Each with what it allows. */
  readonly permissions: Readonly<Record<string, string>>;
}
