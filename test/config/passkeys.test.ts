import { describe, expect, test } from "vitest";
import { readConfig } from "../../src/config/config.ts";
import { problemsOf } from "../harness/configuration.ts";

const passkeysOf = (environment: NodeJS.ProcessEnv) => readConfig(environment).passkeys;

describe("passkeys", () => {
  test("belong to the host and the origin of PUBLIC_URL", () => {
    expect(passkeysOf({ PUBLIC_URL: "https://api.example.com" })).toEqual({
      rpId: "api.example.com",
      origins: ["https://api.example.com"],
    });
    expect(passkeysOf({ PORT: "4001" })).toEqual({ rpId: "localhost", origins: ["http://localhost:4001"] });
    expect(passkeysOf({ PASSKEYS: "off" })).toBeNull();
  });

  test("may belong to a parent of the host, with exact origins below it and of Android apps", () => {
    const android = `android:apk-key-hash:${"a".repeat(43)}`;
    const environment = {
      PUBLIC_URL: "https://api.example.com",
      PASSKEY_RP_ID: "Example.com",
      PASSKEY_ORIGINS: `https://app.example.com, https://example.com,${android}`,
    };
    const origins = ["https://app.example.com", "https://example.com", android];
    expect(passkeysOf(environment)).toEqual({ rpId: "example.com", origins });
  });

  test("are off where the host of PUBLIC_URL is an IP address, and cannot be turned on there", () => {
    for (const PUBLIC_URL of ["https://192.0.2.1", "http://[::1]:4000"]) {
      expect(passkeysOf({ PUBLIC_URL })).toBeNull();
      expect(problemsOf({ PUBLIC_URL, PASSKEYS: "on" })).toEqual([
        "PASSKEYS: cannot be on while the host of PUBLIC_URL is an IP address: use a name, or set it to off",
      ]);
    }
  });

  describe("have a line for each wrong setting", () => {
    test.each([
      [{ PASSKEYS: "yes" }, "PASSKEYS: must be on or off"],
      [{ PASSKEY_RP_ID: "https://example.com" }, "PASSKEY_RP_ID: must be a domain such as example.com"],
      [{ PASSKEY_RP_ID: "example.com:443" }, "PASSKEY_RP_ID: must be a domain such as example.com"],
      [{ PASSKEY_RP_ID: "example.com/" }, "PASSKEY_RP_ID: must be a domain such as example.com"],
      [{ PASSKEY_RP_ID: "192.0.2.1" }, "PASSKEY_RP_ID: must be a domain such as example.com"],
      [{ PASSKEY_RP_ID: "com" }, "PASSKEY_RP_ID: com is not a domain of yours"],
      [
        { PUBLIC_URL: "https://a.github.io", PASSKEY_RP_ID: "github.io" },
        "PASSKEY_RP_ID: github.io is not a domain of yours",
      ],
      [
        { PASSKEY_RP_ID: "other.example" },
        "PASSKEY_RP_ID: other.example is neither the host of PUBLIC_URL nor a parent",
      ],
      [
        { PASSKEY_RP_ID: "ample.com" },
        "PASSKEY_RP_ID: ample.com is neither the host of PUBLIC_URL nor a parent of it",
      ],
      [
        { PASSKEY_ORIGINS: "https://example.com" },
        "PASSKEY_ORIGINS: https://example.com must have api.example.com",
      ],
      [
        { PASSKEY_ORIGINS: "https://*.api.example.com" },
        'PASSKEY_ORIGINS: "https://*.api.example.com" must be',
      ],
      [
        { PASSKEY_ORIGINS: "android:apk-key-hash:abc" },
        'PASSKEY_ORIGINS: "android:apk-key-hash:abc" must be',
      ],
      [{ PASSKEY_ORIGINS: "null" }, 'PASSKEY_ORIGINS: "null" must be'],
      [{ PASSKEY_ORIGINS: "," }, "PASSKEY_ORIGINS: must name an origin"],
    ])("%j", (environment, line) => {
      const problems = problemsOf({ PUBLIC_URL: "https://api.example.com", ...environment });
      expect(problems).toEqual([expect.stringContaining(line)]);
    });
  });

  test("that are off need no domain", () => {
    expect(passkeysOf({ PASSKEYS: "off", PASSKEY_RP_ID: "other.example" })).toBeNull();
  });
});
