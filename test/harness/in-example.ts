// The directory of an application is the current one of its tests: its access.lock is read there.
import { join } from "node:path";

process.chdir(join(import.meta.dirname, "../../examples/team-tasks"));
