// Clients that register, log in, change passwords, log out and read, and write down what they were answered.
import { randomBytes } from "node:crypto";
import { setTimeout as pass } from "node:timers/promises";
import { makeToken } from "../../src/auth/secrets/secret.ts";
import { milliseconds, seconds } from "../../src/time.ts";
import { documents } from "./documents.ts";
import { findDead, type Ledger, newPassword, type Person } from "./ledger.ts";
import { type Asked, openRequests, type Reply } from "./requests.ts";

export interface Sent {
  readonly endedAt: number;
  /** Milliseconds. */
  readonly took: number;
  /** False: refused for now, or not answered at all. */
  readonly isServed: boolean;
  /** Its status and codes. */
  readonly answer: string;
}

export interface Traffic {
  readonly sent: readonly Sent[];
  /** Answers that are neither expected nor a refusal for now. */
  readonly strange: readonly string[];
  stop(): Promise<void>;
}

export interface TrafficOptions {
  /** Those of the ledger that log in and out here. Unless told: all. */
  readonly people?: readonly Person[];
  /** Resolves when the next request may be sent. Unless told: at once. */
  readonly turn?: () => Promise<void>;
}

const pauseOfReaders = milliseconds(25);
const pauseAfterRefusal = milliseconds(50);

/** Each request goes to one of the servers. */
export const startTraffic = (
  ports: readonly number[],
  ledger: Ledger,
  { people = ledger.people, turn = async () => undefined }: TrafficOptions = {},
): Traffic => {
  const sent: Sent[] = [];
  const strange: string[] = [];
  const requests = openRequests(ports);
  let isStopping = false;

  /** The answer when it is one that `expected` accepts, and otherwise null. */
  const ask = async (
    query: string,
    asked: Asked,
    expected: (reply: Reply) => boolean,
  ): Promise<Reply | null> => {
    await turn();
    const start = performance.now();
    const reply = await requests.ask(query, asked);
    const endedAt = performance.now();
    const isServed = reply !== null && expected(reply);
    const answer = reply === null ? "no response" : `${reply.status} ${reply.codes.join()}`;
    sent.push({ endedAt, took: endedAt - start, isServed, answer });
    if (isServed) return reply;
    if (reply !== null && reply.status !== 503) strange.push(`${answer} to ${query.slice(0, 40)}`);
    await pass(pauseAfterRefusal);
    return null;
  };

  const register = async () => {
    const username = `u${randomBytes(8).toString("hex")}`;
    const input = { username, email: `${username}@example.org`, password: newPassword() };
    ledger.attemptedUsers.add(username);
    if (await ask(documents.register, { variables: { input } }, isDone))
      ledger.acknowledgedUsers.add(username);
  };

  const logIn = async (person: Person): Promise<string | null> => {
    const { username, passwords } = person;
    for (const password of passwords) {
      const isAnswer = (reply: Reply) => isDone(reply) || (passwords.length > 1 && isRefusedLogin(reply));
      const reply = await ask(documents.logIn, { variables: { username, password } }, isAnswer);
      if (reply === null) return null;
      const token = reply.data?.login?.token;
      if (typeof token !== "string") continue;
      // Which of two passwords it is, is known from here on.
      if (passwords.length === 1) person.passwords = [password];
      ledger.acknowledgedLogins += 1;
      ledger.live.add(token);
      return token;
    }
    if (passwords.length > 1) ledger.lost.push(`both passwords of ${username}`);
    return null;
  };

  /** What becomes of a token whose end was asked for. */
  const endToken = (token: string, isAcknowledged: boolean) => {
    ledger.live.delete(token);
    if (!isAcknowledged) return;
    ledger.acknowledgedEnds += 1;
    ledger.dead.set(token, performance.now());
  };

  const changePassword = async (person: Person, token: string): Promise<string | null> => {
    const [old] = person.passwords;
    const next = newPassword();
    // From here on until the answer, either may be the one.
    person.passwords = [old, next];
    const reply = await ask(documents.changePassword, { variables: { old, new: next }, token }, isDone);
    const renewed = reply?.data?.changePassword?.token;
    endToken(token, typeof renewed === "string");
    if (typeof renewed !== "string") return null;
    person.passwords = [next];
    ledger.acknowledgedPasswords += 1;
    ledger.live.add(renewed);
    return renewed;
  };

  const live = async (person: Person) => {
    const token = await logIn(person);
    if (token === null) return;
    await ask(documents.readPrivately, { token }, (reply) => {
      if (reply.status === 401) ledger.lost.push("a session that was acknowledged");
      return isDone(reply);
    });
    const renewed = person.passwords.length === 1 ? await changePassword(person, token) : token;
    if (renewed === null) return;
    const end = Math.random() < 0.5 ? documents.logOut : documents.logOutEverywhere;
    ledger.live.delete(renewed);
    const reply = await ask(end, { token: renewed }, isDone);
    endToken(renewed, reply !== null);
  };

  const mustStayShut = (name: string, token: string | null) =>
    ask(documents.readPrivately, { token }, (reply) => {
      if (reply.data?.private) ledger.doors.push(`${name} reads what is private`);
      return token === null ? reply.codes.includes("UNAUTHENTICATED") : reply.status === 401;
    });
  const knock = async () => {
    const dead = findDead(ledger, 3).at(-1 - Math.floor(Math.random() * 3));
    if (dead !== undefined) await mustStayShut("a token that was ended", dead);
    // Each one is a query: no cache knows it.
    await mustStayShut("a token that nobody has", makeToken("gws_"));
    await mustStayShut("nobody", null);
    await ask(documents.readPublicly, {}, isDone);
    await pass(pauseOfReaders);
  };

  const repeat = async (act: () => Promise<unknown>) => {
    while (!isStopping) await act();
  };
  const running = [
    repeat(register),
    ...people.map((person) => repeat(() => live(person))),
    ...Array.from({ length: 4 }, () => repeat(knock)),
  ];
  return {
    sent,
    strange,
    async stop() {
      isStopping = true;
      await Promise.all(running);
      requests.close();
    },
  };
};

/** One after the other at a steady rate, whoever waits. */
export const paceAt = (rate: number): (() => Promise<void>) => {
  let next = performance.now();
  return async () => {
    const now = performance.now();
    next = Math.max(now, next + seconds(1) / rate);
    await pass(next - now);
  };
};

const isDone = ({ status, codes }: Reply): boolean => status === 200 && codes.length === 0;

const isRefusedLogin = ({ codes }: Reply): boolean => codes.includes("INVALID_CREDENTIALS");
