import { execFile } from "node:child_process";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { program } from "../harness/process.ts";

test("graphward database opens psql on the built-in database, whatever the shell's variables say", async () => {
  const directory = await mkdtemp(join(tmpdir(), "graphward-psql-"));
  await chmod(directory, 0o711);
  const variables = {
    PGHOSTADDR: "127.0.0.1",
    PGSERVICE: "nothing",
    PGOPTIONS: "-c geqo=nonsense",
    PGSSLMODE: "verify-full",
  };
  // `script` gives it a terminal, and psql ends with its input.
  const running = promisify(execFile)(
    "script",
    ["-qec", `${process.execPath} ${program} database`, "/dev/null"],
    {
      cwd: directory,
      env: { PATH: process.env.PATH, HOME: directory, TERM: "dumb", PAGER: "cat", ...variables },
    },
  );
  running.child.stdin?.end("select 'da' || 'isy', current_user;\n\\q\n");
  const { stdout } = await running;
  expect(stdout).toMatch(/daisy\s+\|\s+graphward/);
  await rm(directory, { recursive: true, force: true });
});
