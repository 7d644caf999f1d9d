// `graphward database` shows how to connect to the built-in database, and opens psql on a terminal.
import { Command } from "commander";
import { print, printJson } from "./command/terminal.ts";

export const databaseCommand = new Command("database")
  .description("show the connection to the built-in database, and open psql in a terminal")
  .option("--json", "print JSON and do not open psql")
  .action(async ({ json }: { readonly json?: true }) => {
    const { environmentWithoutPostgres, readConfig } = await import("../config/config.ts");
    const { joinEmbeddedPostgres } = await import("../database/embedded/join.ts");
    const { databaseUrl, databaseSchema, dataDir } = readConfig();
    if (databaseUrl !== null)
      throw new Error("DATABASE_URL is set, so the built-in database is not used. Connect to DATABASE_URL.");
    const postgres = await joinEmbeddedPostgres({ dataDir });
    try {
      const { host, port, user, database } = postgres.connection;
      const options = `-csearch_path=${databaseSchema},public`;
      const access = { host, port, user, database, options, passfile: await postgres.writePassfile() };
      if (json) return printJson(access);
      print(describe(access, postgres.location));
      if (process.stdin.isTTY) await openPsql(access, environmentWithoutPostgres());
      else print("\nPostgreSQL runs only while a server uses it. Start a server with npm start.");
    } finally {
      await postgres.leave();
    }
  });

interface Access {
  /** The socket directory, or 127.0.0.1. */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
  /** Statements that are typed find our tables first. */
  readonly options: string;
  /** Holds the password, which is never printed: terminals and logs would keep it. */
  readonly passfile: string;
}

const describe = (access: Access, location: string): string => {
  const lines = [
    ["database", `built-in PostgreSQL in ${location}`],
    ["host", access.host],
    ["port", access.port],
    ["user", access.user],
    ["name", access.database],
    ["password", `in ${access.passfile}`],
    ["connect", `psql ${inShell(connectionString(access))}`],
  ];
  return lines.map(([name = "", text]) => `${String(name).padEnd(10)}${text}`).join("\n");
};

const openPsql = async (access: Access, environment: NodeJS.ProcessEnv): Promise<void> => {
  const { spawn } = await import("node:child_process");
  const psql = spawn("psql", [connectionString(access)], { stdio: "inherit", env: environment });
  // Ctrl-C cancels a query in psql. We receive it too, and PostgreSQL must run as long as psql does.
  const ignore = () => undefined;
  process.on("SIGINT", ignore);
  try {
    const status = await new Promise<number | null>((resolve, reject) => {
      psql.once("error", reject).once("exit", resolve);
    });
    if (status !== 0) process.exitCode = 1;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    print(
      "\npsql is not installed. PostgreSQL runs only while a server uses it. Start a server with npm start.",
    );
  } finally {
    process.off("SIGINT", ignore);
  }
};

/** A libpq connection string, without the password. */
const connectionString = ({ host, port, user, database, options, passfile }: Access): string =>
  Object.entries({ host, port, user, dbname: database, options, passfile })
    .map(([name, value]) => `${name}=${inConnectionString(String(value))}`)
    .join(" ");

const inConnectionString = (value: string): string =>
  /^[\w./-]+$/.test(value) ? value : `'${value.replaceAll(/['\\]/g, "\\$&")}'`;

const inShell = (text: string): string => `"${text.replaceAll(/["\\$`]/g, "\\$&")}"`;
