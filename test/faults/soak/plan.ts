// Which faults are made on two servers of one database, and in which order.
import type { Fault } from "../fault.ts";
import { mailFaults } from "../made/mail.ts";

/** Null: it can be made. */
export const findReason = (fault: Fault): string | null => {
  // All of them need the same mail server, which both servers have from their start.
  const isOfMail = mailFaults().some(({ name }) => name === fault.name);
  if (fault.prepare !== undefined && !isOfMail)
    return "it needs a disk or a clock of its own from the start of the server";
  return fault.findObstacle?.() ?? null;
};

/**
 * One for each minute. What ends a process comes in the first third: the memory of the other two is that of processes that live on.
 * Crowds of clients come early, so that what they leave is there before.
 */
export const planFaults = (faults: readonly Fault[], minutes: number): readonly Fault[] => {
  const ending = faults.filter(({ endsProcess }) => endsProcess).slice(0, Math.floor(minutes / 3));
  const others = faults.filter(({ endsProcess }) => !endsProcess).reverse();
  return Array.from({ length: minutes }, (_, minute) => {
    const fault = ending[minute] ?? others[(minute - ending.length) % others.length];
    if (fault === undefined) throw new Error("No fault can be made here.");
    return fault;
  });
};
