// At the end of each file of tests, its processes end too.
import { afterAll } from "vitest";
import { killLeftProcesses } from "./process.ts";

afterAll(killLeftProcesses);
