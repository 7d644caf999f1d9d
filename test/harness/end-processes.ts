// After the tests of each file: a test that fails does not stop its server, which would serve on for ever.
import { afterAll } from "vitest";
import { endLeftProcesses } from "./left-processes.ts";

afterAll(endLeftProcesses);
