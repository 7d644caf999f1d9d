// Verifies a password repeatedly.
import argon2 from "argon2";
import { milliseconds } from "../../src/time.ts";
import { serveOrders } from "../loads/worker.ts";
import type { HashingOrder, HashingReport } from "./hashing.ts";

const run = async ({ hash, password, atOnce, duration }: HashingOrder): Promise<HashingReport> => {
  const start = performance.now();
  const end = start + duration;
  const cpuBefore = cpuNow();
  let verified = 0;
  let all = 0;
  let lastAt = start;
  const verifyOnAndOn = async (): Promise<void> => {
    while (performance.now() < end) {
      if (!(await argon2.verify(hash, password))) throw new Error("The password is wrong.");
      all += 1;
      // Only those in time count: later ones had fewer beside them.
      if (performance.now() > end) return;
      verified += 1;
      lastAt = performance.now();
    }
  };
  await Promise.all(Array.from({ length: atOnce }, verifyOnAndOn));
  return { verified, cpu: (cpuNow() - cpuBefore) / all, duration: lastAt - start };
};

const cpuNow = (): number => {
  const { user, system } = process.cpuUsage();
  return milliseconds((user + system) / 1000);
};

serveOrders(run);
