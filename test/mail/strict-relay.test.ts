import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { production } from "../harness/configuration.ts";
import { relayCertificate, relayKey } from "../harness/mail/certificate.ts";
import { type MailServer, readOutbox, sendLink, startMailServer, until } from "../harness/mail/mail.ts";
import { graphward } from "../harness/process.ts";
import { startApp } from "../harness/server.ts";

const account = { user: "robot@example.com", pass: "of the relay, and long" };
const greetings: string[] = [];
const refuse = (text: string, responseCode: number) => Object.assign(new Error(text), { responseCode });

/** Wants a name as the greeting, and one sender. */
const isStrict = {
  onMailFrom: (
    { address }: { address: string },
    session: { hostNameAppearsAs: string },
    callback: (error?: Error) => void,
  ) => {
    greetings.push(session.hostNameAppearsAs);
    if (!/^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/.test(session.hostNameAppearsAs))
      return callback(refuse("5.5.2 Helo command rejected: need fully-qualified hostname", 504));
    if (address !== "no-reply@example.com")
      return callback(refuse("5.7.1 Sender address rejected: not owned by user\u001b[31m", 553));
    callback();
  },
};

let plain: MailServer;
let encrypted: MailServer;
let directory: string;
let certificate: string;
beforeAll(async () => {
  plain = await startMailServer({ ...isStrict });
  encrypted = await startMailServer({
    ...isStrict,
    disabledCommands: [],
    authOptional: false,
    authMethods: ["LOGIN"],
    allowInsecureAuth: false,
    key: relayKey,
    cert: relayCertificate,
    onAuth: ({ username, password }, _session, callback) =>
      username === account.user && password === account.pass
        ? callback(null, { user: account.user })
        : callback(refuse("5.7.8 Authentication failed", 535)),
  });
  directory = await mkdtemp(join(tmpdir(), "graphward-relay-"));
  certificate = join(directory, "relay.pem");
  await writeFile(certificate, relayCertificate);
});
afterAll(async () => {
  await Promise.all([plain.close(), encrypted.close()]);
  await rm(directory, { recursive: true, force: true });
});

const login = `${encodeURIComponent(account.user)}:${encodeURIComponent(account.pass)}`;
const urlOf = (options: string) => `smtp://${login}@127.0.0.1:${encrypted.port}?${options}`;
const sendTest = (environment: NodeJS.ProcessEnv, ...args: string[]) =>
  graphward(["mail", "test", "--to", "grace@example.org", ...args], {
    environment: {
      DATA_DIR: directory,
      MAIL_FROM: "Example <no-reply@example.com>",
      PUBLIC_URL: "https://api.example.com",
      NODE_EXTRA_CA_CERTS: certificate,
      ...environment,
    },
  });

test("a relay that refuses an IP as the greeting takes the mail of the queue: EHLO has the host of PUBLIC_URL", async () => {
  const app = await startApp({
    SMTP_URL: plain.url,
    MAIL_FROM: "no-reply@example.com",
    PUBLIC_URL: "https://api.example.com",
  });
  try {
    const { id } = await app.createUser({ email: "grace@example.org" });
    await sendLink(app, {
      template: "reset-password",
      purpose: "reset-password",
      userId: id,
      sentTo: "grace@example.org",
    });
    await until(() => plain.received.length > 0);
    expect(greetings).toEqual(["api.example.com"]);
  } finally {
    await app.close();
  }
});

describe("graphward mail test", () => {
  test("says what a strict relay answered: with TLS, its own name, a login of one method and a right sender", async () => {
    const SMTP_URL = urlOf(
      "requireTLS=true&tls.servername=relay.example.com&authMethod=LOGIN&name=mx.example.com",
    );
    const { status, stdout, stderr } = await sendTest({ SMTP_URL });
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(
      /^Sent from no-reply@example\.com to grace@example\.org by 127\.0\.0\.1:\d+, greeted as mx\.example\.com\.\nIt answered: 250 .*\n$/,
    );
    expect(stdout).not.toContain(account.pass);
    expect(greetings.at(-1)).toBe("mx.example.com");
    const message = encrypted.received.at(-1);
    expect([message?.subject, message?.from?.text]).toEqual([
      "Test message from api.example.com",
      '"Example" <no-reply@example.com>',
    ]);
    expect(message?.headers.get("auto-submitted")).toBe("auto-generated");
    const { stdout: json } = await sendTest({ SMTP_URL }, "--json");
    expect(JSON.parse(json)).toEqual({
      from: "no-reply@example.com",
      server: `127.0.0.1:${encrypted.port}`,
      greeting: "mx.example.com",
      response: expect.stringMatching(/^250 /),
    });
  });

  test.each([
    [
      "a name that is not on the certificate",
      { SMTP_URL: () => urlOf("requireTLS=true&tls.servername=other.example.com") },
      /^graphward: The mail server is not available: E\w+/,
    ],
    [
      "another's sender, without what drives a terminal",
      {
        SMTP_URL: () => urlOf("tls.servername=relay.example.com"),
        MAIL_FROM: "root@example.net",
      },
      /^graphward: The mail server refused: 553 5\.7\.1 \(MAIL FROM\)\nIt said: 553 5\.7\.1 Sender address rejected: not owned by user \[31m\n$/,
    ],
    [
      "an IP as the greeting",
      { SMTP_URL: () => urlOf("tls.servername=relay.example.com"), PUBLIC_URL: "http://192.0.2.7" },
      /It said: 504 5\.5\.2 Helo command rejected/,
    ],
    [
      "a login that it does not know",
      { SMTP_URL: () => urlOf("tls.servername=relay.example.com").replace("of%20the", "of%20a") },
      /^graphward: The mail server refused: 535 5\.7\.8 \(AUTH LOGIN\)/,
    ],
    [
      "no TLS where the relay does not offer it",
      { SMTP_URL: () => `${plain.url}?requireTLS=true` },
      /^graphward: The mail server is not available: E\w+ \(STARTTLS\)|^graphward: The mail server refused: 5\d\d.*\(STARTTLS\)/,
    ],
  ])("says what a relay refused: %s", async (_, { SMTP_URL, ...environment }, said) => {
    const { status, stdout, stderr } = await sendTest({ SMTP_URL: SMTP_URL(), ...environment });
    expect([status, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(said);
    expect(stderr).not.toContain(account.pass);
  });

  test("prints nothing of a refusal that drives a terminal", async () => {
    // The library of the relays above takes such characters out itself.
    const hostile = createServer((socket) => {
      socket.write("220 relay\r\n");
      socket.on("data", (data) => {
        const isSender = data.toString().startsWith("MAIL FROM");
        socket.write(isSender ? "553 5.7.1 no\u001b[2J way\r\n" : "250 ok\r\n");
      });
    }).listen(0, "127.0.0.1");
    await once(hostile, "listening");
    const { port } = hostile.address() as AddressInfo;
    const { status, stderr } = await sendTest({ SMTP_URL: `smtp://127.0.0.1:${port}` });
    hostile.close();
    expect([status, stderr.includes("\u001b")]).toEqual([1, false]);
    expect(stderr).toContain("It said: 553 5.7.1 no [2J way");
  });

  test("writes the outbox where there is no mail server, and refuses what is no email", async () => {
    const written = await sendTest({ SMTP_URL: undefined });
    expect(written.stdout).toBe(`SMTP_URL is not set: the message is a file in ${directory}/outbox.\n`);
    expect((await readOutbox(directory)).map(({ subject }) => subject)).toEqual([
      "Test message from api.example.com",
    ]);
    const { status, stderr } = await sendTest(
      { SMTP_URL: undefined },
      "--to",
      "grace@example.org, b@example.org",
    );
    expect([status, stderr]).toEqual([1, "graphward: This is not a valid email.\n"]);
  });

  test("refuses in production what would be sent without encryption", async () => {
    const environment = { ...production, SMTP_URL: "smtp://mail.example.com?ignoreTLS=true" };
    const { status, stderr } = await sendTest(environment);
    expect([status, stderr]).toEqual([
      1,
      expect.stringContaining("SMTP_URL: has ignoreTLS=true, but TLS is required"),
    ]);
  });
});
