import { describe, expect, test } from "vitest";
import { readConfig } from "../../src/config/config.ts";
import { reviewDeployment } from "../../src/config/review.ts";
import { problemsOf, production } from "../harness/configuration.ts";

const read = (REDIS_URL: string) => readConfig({ REDIS_URL }).redis;

describe("the URL of Redis", () => {
  test.each([
    ["redis://localhost", { host: "localhost", port: 6379, isTls: false, user: null, password: null }],
    [
      "rediss://u:p@redis.example.com:6380/3",
      { port: 6380, isTls: true, user: "u", password: "p", database: 3 },
    ],
    ["redis://:p%40s%2Fs%3A%23%3F%25@redis", { user: null, password: "p@s/s:#?%", database: 0 }],
    ["redis://:p@ss@redis/", { host: "redis", password: "p@ss" }],
    ["redis://[::1]:6379", { host: "::1" }],
  ])("%s", (url, expected) => {
    expect(read(url)).toMatchObject(expected);
  });

  test.each([
    "http://user:hunter2@redis",
    "redis://",
    "redis://user:hun/ter2@redis",
    "redis://user:hunter2@redis/name",
    "redis://user:hunter2#@redis",
    "redis://user:hunter2@redis?tls=true",
    "redis://user:hunter2%@redis",
    "redis://user:hunter2@a,b",
    "hunter2",
  ])("%s is refused, and no part of it is shown", (url) => {
    const problems = problemsOf({ REDIS_URL: url });
    expect(problems).toEqual([expect.stringContaining("REDIS_URL: must look like rediss://user:password@")]);
    expect(problems.join()).not.toContain("hun");
  });

  test("goes with a certificate's authority only where certificates are checked, and with a prefix for keys", () => {
    expect(problemsOf({ REDIS_CA: "/nowhere", REDIS_URL: "rediss://redis" })).toEqual([
      "REDIS_CA: needs the path of a PEM file with certificates, or their PEM text",
    ]);
    expect(problemsOf({ REDIS_PREFIX: "a b" })).toEqual([
      "REDIS_PREFIX: must be at most 40 lower-case letters, digits, - and _",
    ]);
    expect(readConfig({}).redis).toBeNull();
  });

  test("is an error in production, and a warning otherwise, when the network can read it, or everyone may use it", () => {
    const found = (REDIS_URL: string, environment = production) =>
      reviewDeployment(readConfig({ ...environment, REDIS_URL })).filter(({ name }) => name === "REDIS_URL");
    const overheard = expect.objectContaining({
      severity: "error",
      text: expect.stringContaining("rediss://"),
    });
    const open = expect.objectContaining({
      severity: "error",
      text: expect.stringContaining("has no password"),
    });
    expect(found("redis://:p@redis.example.com")).toEqual([overheard]);
    expect(found("rediss://redis.example.com")).toEqual([open]);
    expect(found("redis://redis.example.com", { ...production, NODE_ENV: "development" })).toEqual([
      expect.objectContaining({ severity: "warning" }),
      expect.objectContaining({ severity: "warning" }),
    ]);
    for (const safe of [
      "rediss://:p@redis.example.com",
      "redis://127.0.0.1",
      "redis://localhost",
      "redis://[::1]",
    ])
      expect(found(safe)).toEqual([]);
  });
});
