import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createHashPermits } from "../../src/process/hash-permits.ts";
import { milliseconds, seconds } from "../../src/time.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
afterEach(() => void vi.useRealTimers());

/** A worker that asks, and counts what it is granted. */
const askingAt = (permits: ReturnType<typeof createHashPermits>) => {
  const holder = { granted: 0 };
  return {
    holder,
    ask: () =>
      permits.request(holder, () => {
        holder.granted += 1;
      }),
  };
};

test("the primary process runs no more hashes than it has permits, whichever worker asks", () => {
  const permits = createHashPermits(2);
  const [first, second] = [askingAt(permits), askingAt(permits)];
  for (const { ask } of [first, first, second, first]) ask();
  expect([first.holder.granted, second.holder.granted]).toEqual([2, 0]);
  permits.giveBack(first.holder);
  // In the order of the questions.
  expect([first.holder.granted, second.holder.granted]).toEqual([2, 1]);
  permits.giveBack(second.holder);
  expect([first.holder.granted, second.holder.granted]).toEqual([3, 1]);
});

test("a worker that hangs gets no other permit until it has given back the one that was taken from it", () => {
  const permits = createHashPermits(1);
  const [hanging, other] = [askingAt(permits), askingAt(permits)];
  for (const { ask } of [hanging, hanging, other]) ask();
  vi.advanceTimersByTime(seconds(1));
  // Out of turn.
  expect([hanging.holder.granted, other.holder.granted]).toEqual([1, 1]);
  permits.giveBack(other.holder);
  expect(hanging.holder.granted).toBe(1);
  permits.giveBack(hanging.holder);
  expect(hanging.holder.granted).toBe(2);
});

test("what was never granted cannot be given back", () => {
  const permits = createHashPermits(1);
  const [first, second, stranger] = [askingAt(permits), askingAt(permits), askingAt(permits)];
  first.ask();
  second.ask();
  permits.giveBack(stranger.holder);
  expect([first.holder.granted, second.holder.granted]).toEqual([1, 0]);
});

test("a worker that died gives back what it had, and no longer waits", () => {
  const permits = createHashPermits(1);
  const [dead, other] = [askingAt(permits), askingAt(permits)];
  for (const { ask } of [dead, dead, other]) ask();
  permits.forget(dead.holder);
  expect([dead.holder.granted, other.holder.granted]).toEqual([1, 1]);
});

test("the primary process takes the permit of a worker that hangs, and once only", () => {
  const permits = createHashPermits(1);
  const [hanging, other, third] = [askingAt(permits), askingAt(permits), askingAt(permits)];
  for (const { ask } of [hanging, other, third]) ask();
  vi.advanceTimersByTime(seconds(1) - milliseconds(1));
  expect(other.holder.granted).toBe(0);
  vi.advanceTimersByTime(milliseconds(1));
  expect(other.holder.granted).toBe(1);
  // It comes to itself.
  permits.giveBack(hanging.holder);
  expect(third.holder.granted).toBe(0);
  permits.giveBack(other.holder);
  expect(third.holder.granted).toBe(1);
});
