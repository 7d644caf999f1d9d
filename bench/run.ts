// `npm run bench`: the requests that a server answers most, side by side with the same query where there are no accounts.
import { withCleanup } from "./cleanup.ts";
import { chooseCores } from "./cores.ts";
import { requireBuild, startGraphward } from "./graphward.ts";
import { startLoad } from "./load.ts";
import { describeMachine } from "./machine.ts";
import { readOptions } from "./options.ts";
import { startPeer } from "./peer.ts";
import { measureInRounds } from "./rounds.ts";
import { summarise } from "./summary.ts";
import { formatTable } from "./table.ts";

const main = async (): Promise<void> => {
  const options = readOptions();
  requireBuild();
  await withCleanup(async (cleanup) => {
    const cores = chooseCores();
    const load = startLoad(cleanup, cores.load);
    const bare = await startPeer(cleanup, cores.server, "bare-apollo");
    const graphward = await startGraphward(cleanup, cores.server);
    const { token, cookie } = await graphward.logIn();

    // The first one is what all are compared with.
    const cases = [
      { name: "bare Apollo, private", server: bare, headers: {}, field: "private" },
      {
        name: "Graphward, private by token",
        server: graphward,
        headers: { authorization: token },
        field: "private",
      },
      { name: "Graphward, private by cookie", server: graphward, headers: { cookie }, field: "private" },
      { name: "Graphward, public", server: graphward, headers: {}, field: "public" },
    ] as const;
    const rounds = await measureInRounds(cases, load, options);
    process.stdout.write(`\n${formatTable(summarise(cases, rounds))}\n${describeMachine(cores, options)}\n`);
  });
};

try {
  await main();
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
