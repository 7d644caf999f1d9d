import { describe, expect, test } from "vitest";
import { fingerprintOf, withoutValues } from "../../src/tracing/fingerprint.ts";

describe("a fingerprint has no value in it:", () => {
  test.each([
    ["a text", "select * from users where email = 'marguerite''s@canary.example' and x = 1"],
    ["with a backslash", String.raw`select * from users where path = 'c:\' and x = 'marguerite'`],
    ["with escapes", String.raw`select * from users where path = E'it\'s marguerite' and x = 2`],
    ["in dollars", "select $$marguerite's$$, $tag$ marguerite $$ $tag$ from users"],
    ["a number", "select * from users where salary > 4711.50 and code = 0x4711"],
    ["a comment", "/* marguerite */ select * from users -- marguerite"],
    ["a text that never ends", "select * from users where name = 'marguerite"],
    ["a text that looks like a table", "select * from users where name = ' from marguerite '"],
  ])("%s", (_name, sql) => {
    const { summary, operation } = fingerprintOf(sql);
    expect([summary, operation]).toEqual(["select users", "select"]);
    expect(withoutValues(sql)).not.toMatch(/marguerite|4711|canary/);
    const other = sql.replaceAll("marguerite", "someone else").replaceAll("4711", "12");
    expect(fingerprintOf(other).digest).toBe(fingerprintOf(sql).digest);
  });
});

test("it is the same for other parameters, and for another number of them", () => {
  const digestOf = (sql: string) => fingerprintOf(sql).digest;
  expect(digestOf('insert into "t" values ($1, $2), ($3, $4)')).toBe(
    digestOf('insert into "t" values ($1, $2)'),
  );
  expect(digestOf("select 1 from t where id in ($1, $2, $3)")).toBe(
    digestOf("select 1 from t where id in ($4)"),
  );
  // As pg_stat_statements writes it, from PostgreSQL 18 on.
  expect(digestOf("select 1 from t where id in ($1 /*, ... */)")).toBe(
    digestOf("select 1 from t where id in ($1, $2)"),
  );
  expect(digestOf("select a from t")).not.toBe(digestOf("select b from t"));
  expect(digestOf('select "a" from t')).not.toBe(digestOf('select "b" from t'));
});

test("it names what the statement does, and its first tables without their schema", () => {
  const summaryOf = (sql: string) => fingerprintOf(sql).summary;
  expect(
    summaryOf('select "u"."id" from "graphward"."users" as "u" inner join "graphward"."sessions" on 1=1'),
  ).toBe("select users sessions");
  expect(summaryOf('update "graphward"."users" set "x" = $1')).toBe("update users");
  expect(summaryOf("with a as (delete from b returning *) insert into c select * from a")).toBe("with b c a");
  expect(summaryOf("begin")).toBe("begin");
  expect(summaryOf("")).toBe("other");
});
