// What a field costs: charged by the guard, for each time the field is executed.
import { Extensions } from "type-graphql";
import type { AddressBudget } from "../limits/rate-limits.ts";

/**
 * For a root field that hashes, sends mail, tries a secret or reads much: one of them a request, so that aliases, fragments and lists
 * gain nothing, and each charged to the budget of the client's network before anything is checked.
 */
export const Charged = (budget: AddressBudget | "by its own rules"): MethodDecorator =>
  Extensions({ charged: budget });
