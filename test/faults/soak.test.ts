import { expect, test } from "vitest";
import { minutes } from "../../src/time.ts";
import { allFaults } from "./all.ts";
import { findReason, planFaults } from "./soak/plan.ts";
import { type Sample, slopeOf } from "./soak/samples.ts";

const sampleAt = (minute: number, memory: number): Sample => ({
  at: minutes(minute),
  memory,
  heap: 0,
  pool: 0,
  descriptors: 0,
  streams: 0,
  work: 0,
});

test("the slope of memory is that of the line through the samples, in an hour", () => {
  const of = ({ memory }: Sample) => memory;
  const growing = [0, 1, 2, 3].map((minute) => sampleAt(minute, 100 + 5 * minute));
  expect(slopeOf(growing, of)).toBeCloseTo(300);
  const noisy = [sampleAt(0, 90), sampleAt(1, 110), sampleAt(2, 110), sampleAt(3, 90)];
  expect(slopeOf(noisy, of)).toBeCloseTo(0);
  expect(slopeOf(growing.slice(0, 1), of)).toBeNull();
});

test("no fault of the last two thirds ends a process, and each of the others is made", () => {
  const faults = allFaults().filter((fault) => findReason(fault) === null);
  const plan = planFaults(faults, 60);
  expect(plan.slice(20).filter(({ endsProcess }) => endsProcess)).toEqual([]);
  expect(new Set(plan)).toEqual(new Set(faults));
  expect(plan.slice(0, 20).some(({ endsProcess }) => endsProcess)).toBe(true);
});
