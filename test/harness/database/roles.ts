// Roles of PostgreSQL with few rights, and an administrator who grants them more.
import { randomBytes } from "node:crypto";
import pg from "pg";
import { inject } from "vitest";

export interface Role {
  readonly name: string;
  /** The same database as this role. */
  urlFor(url: string): string;
  /** After its databases are dropped. */
  drop(): Promise<void>;
}

export const createRole = async (): Promise<Role> => {
  const name = `role_${randomBytes(6).toString("hex")}`;
  const password = randomBytes(12).toString("hex");
  await asSuperuser("postgres", `create role ${name} login password '${password}'`);
  return {
    name,
    urlFor: (url) => url.replace(/\/\/[^@]*@/, `//${name}:${password}@`),
    drop: () => asSuperuser("postgres", `drop role ${name}`),
  };
};

export const asSuperuser = async (database: string, ...statements: readonly string[]): Promise<void> => {
  const admin = new pg.Client({ ...inject("graphwardCluster"), user: "postgres", database });
  await admin.connect();
  try {
    for (const statement of statements) await admin.query(statement);
  } finally {
    await admin.end();
  }
};
