import { spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Authorized, Field, InterfaceType, ObjectType, Query, Resolver } from "type-graphql";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Impersonable, Public, Scope } from "../../../src/auth/access/decorators.ts";
import { printGuardedSchema } from "../../../src/auth/access/definition.ts";
import { packageRoot } from "../../../src/package-root.ts";
import { accessLockIn, requireAccessLock, writeAccessLock } from "../../../src/schema/access-lock-file.ts";
import { buildGuardedSchema, buildSchemaOf, withFederation } from "../../../src/schema/build.ts";

const guarded = buildGuardedSchema(undefined, withFederation);
let directory: string;
let path: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "graphward-lock-"));
  path = accessLockIn(directory);
});
afterAll(() => rm(directory, { recursive: true }));

test("the committed access.lock is what the schema opens", async () => {
  await requireAccessLock(guarded);
  expect(guarded.rules.open).toEqual(
    new Set([
      "Mutation.completeLogin",
      "Mutation.confirmEmailChange",
      "Mutation.login",
      "Mutation.loginWithCode",
      "Mutation.loginWithPasskey",
      "Mutation.loginWithProviderCode",
      "Mutation.register",
      "Mutation.reportLeakedToken",
      "Mutation.requestLoginCode",
      "Mutation.requestPasswordReset",
      "Mutation.resetPassword",
      "Mutation.startPasskeyLogin",
      "Mutation.undoEmailChange",
      "Mutation.verifyEmail",
      "Query.loginMethods",
      "Query.public",
      "Query.viewer",
    ]),
  );
});

test("the committed schema.graphql is what is served", async () => {
  expect(await readFile(join(packageRoot, "schema.graphql"), "utf8")).toBe(
    printGuardedSchema(buildGuardedSchema()),
  );
});

test("a field that has become open, or reaches more than before, is refused with the difference and the command", async () => {
  await writeAccessLock(guarded, directory);
  await requireAccessLock(guarded, directory);

  const lock = await readFile(path, "utf8");
  await writeFile(
    path,
    lock
      .replace("open Query.viewer\n", "open Query.other\n")
      .replace(/(open Mutation\.login\n.*\n {2}LoginPayload: )challenge /, "$1"),
  );
  const refusal = requireAccessLock(guarded, directory);
  await expect(refusal).rejects.toThrow("- open Query.other");
  await expect(refusal).rejects.toThrow("+ open Query.viewer");
  await expect(refusal).rejects.toThrow(
    "+ open Mutation.login > LoginPayload: challenge email expiresAt token user userId",
  );
  await expect(refusal).rejects.toThrow("npx graphward access --write");
});

test("a server whose schema is not what access.lock says refuses to start", async () => {
  const root = packageRoot;
  const checkout = join(directory, "checkout");
  await cp(join(root, "src"), join(checkout, "src"), { recursive: true });
  for (const name of ["package.json", "tsconfig.json"]) await cp(join(root, name), join(checkout, name));
  await symlink(join(root, "node_modules"), join(checkout, "node_modules"));
  const lock = await readFile(accessLockIn(packageRoot), "utf8");
  await writeFile(join(checkout, "access.lock"), lock.replace("open Query.viewer\n", ""));
  const server = spawn(process.execPath, ["--import", "tsx", "src/cli/main.ts", "start"], {
    cwd: checkout,
    // None is there: a server that went on would say so, and end.
    env: { PATH: process.env.PATH, DATABASE_URL: "postgres://nobody@127.0.0.1:1/nothing", PORT: "0" },
  });
  let output = "";
  server.stderr.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  expect(await once(server, "close")).toEqual([1, null]);
  expect(output).toMatch(
    /^graphward: access.lock does not match the schema:\n\n(?:.+\n)*\+ open Query.viewer\n/,
  );
});

test("every type that can be reached is listed, and every rule", async () => {
  @InterfaceType()
  abstract class Shape {
    @Field(() => String)
    name!: string;
  }
  @ObjectType()
  class Corner {
    @Field(() => String)
    angle!: string;
  }
  @ObjectType({ implements: Shape })
  class Square extends Shape {
    @Authorized()
    @Field(() => Corner)
    corner!: Corner;
  }
  @ObjectType()
  class Drawing {
    @Field(() => [Shape])
    shapes!: Shape[];
  }
  @Resolver()
  class Drawings {
    @Public()
    @Query(() => Drawing, { nullable: true })
    drawing() {
      return new Square() && null;
    }
    @Authorized("ADMIN", "drawings:read")
    @Scope("drafts:read")
    @Impersonable()
    @Query(() => Drawing, { nullable: true })
    drafts() {
      return new Corner() && null;
    }
  }
  const refusal = requireAccessLock(buildSchemaOf([Drawings]), join(directory, "missing"));
  for (const line of [
    "+ open Query.drawing\n",
    "+ open Query.drawing > Corner: angle\n",
    "+ open Query.drawing > Drawing: shapes\n",
    "+ open Query.drawing > Square: corner name\n",
    "+ rule Query.drafts ADMIN or drawings:read\n",
    "+ scope Query.drafts drafts:read\n",
    "+ impersonable Query.drafts\n",
    "+ rule Square.corner any viewer\n",
  ])
    await expect(refusal).rejects.toThrow(line);
});

test("an access.lock that cannot be read is an error of its own", async () => {
  const root = join(directory, "unreadable");
  await mkdir(accessLockIn(root), { recursive: true });
  await expect(requireAccessLock(guarded, root)).rejects.toThrow("EISDIR");
});

test("a missing access.lock opens nothing", async () => {
  await expect(requireAccessLock(guarded, join(directory, "missing"))).rejects.toThrow("+ open Query.public");
});
