// GraphQL Yoga with better-auth: its accounts, its cookie, and its token plugin.
import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import { betterAuth } from "better-auth";
import { getMigrations } from "better-auth/db/migration";
import { toNodeHandler } from "better-auth/node";
import { bearer } from "better-auth/plugins";
import { createSchema, createYoga } from "graphql-yoga";
import { openPool } from "./database.ts";

const auth = betterAuth({
  baseURL: `http://127.0.0.1:${process.env.PORT}`,
  secret: randomBytes(32).toString("hex"),
  database: await openPool(),
  emailAndPassword: { enabled: true },
  plugins: [bearer()],
  // One hour, so that the cache is valid during the whole measurement.
  session: { cookieCache: { enabled: process.env.COOKIE_CACHE === "on", maxAge: 60 * 60 } },
});
const { runMigrations } = await getMigrations(auth.options);
await runMigrations();

const typeDefs = `
  type Query { private: Message }
  type Message { message: String! }
`;

const resolvers = {
  Query: {
    private: async (_: unknown, __: unknown, { request }: { request: Request }) => {
      const session = await auth.api.getSession({ headers: request.headers });
      if (session === null) throw new Error("Not logged in.");
      return { message: `Hello ${session.user.name}, this is private!` };
    },
  },
};

const yoga = createYoga({ schema: createSchema({ typeDefs, resolvers }) });
const answerAuth = toNodeHandler(auth);
createServer((request, response) =>
  request.url?.startsWith("/api/auth/") ? answerAuth(request, response) : yoga(request, response),
).listen(Number(process.env.PORT), "127.0.0.1");
