// Apollo Server on Express with hand-made accounts: express-session in PostgreSQL, and a table of tokens.
import { createHash, randomBytes } from "node:crypto";
import { createServer } from "node:http";
import { ApolloServer } from "@apollo/server";
import { ApolloServerPluginDrainHttpServer } from "@apollo/server/plugin/drainHttpServer";
import { expressMiddleware } from "@as-integrations/express5";
import argon2 from "argon2";
import connectPgSimple from "connect-pg-simple";
import cors from "cors";
import express, { type Request } from "express";
import session from "express-session";
import { openPool } from "./database.ts";

declare module "express-session" {
  interface SessionData {
    username?: string;
  }
}

const pool = await openPool();
await pool.query("create table users (username text primary key, password_hash text not null)");
await pool.query("create table tokens (digest bytea primary key, username text not null references users)");
const { ACCOUNT_USERNAME: account, ACCOUNT_PASSWORD: accountPassword = "" } = process.env;
await pool.query("insert into users values ($1, $2)", [account, await argon2.hash(accountPassword)]);

const digest = (token: string): Buffer => createHash("sha256").update(token).digest();

const findUsername = async (request: Request): Promise<string | null> => {
  const [, token] = /^Bearer (.+)$/.exec(request.headers.authorization ?? "") ?? [];
  if (token === undefined) return request.session.username ?? null;
  const { rows } = await pool.query("select username from tokens where digest = $1", [digest(token)]);
  return rows[0]?.username ?? null;
};

interface Context {
  readonly request: Request;
  readonly username: string | null;
}

const typeDefs = `
  type Query { private: Message }
  type Mutation { login(username: String!, password: String!): LoginPayload }
  type Message { message: String! }
  type LoginPayload { token: String! }
`;

const resolvers = {
  Query: {
    private: (_: unknown, __: unknown, { username }: Context) => {
      if (username === null) throw new Error("Not logged in.");
      return { message: `Hello ${username}, this is private!` };
    },
  },
  Mutation: {
    login: async (_: unknown, typed: { username: string; password: string }, { request }: Context) => {
      const { rows } = await pool.query("select password_hash from users where username = $1", [
        typed.username,
      ]);
      if (!rows[0] || !(await argon2.verify(rows[0].password_hash, typed.password))) return null;
      const token = randomBytes(32).toString("base64url");
      await pool.query("insert into tokens values ($1, $2)", [digest(token), typed.username]);
      request.session.username = typed.username;
      return { token };
    },
  },
};

const app = express();
const httpServer = createServer(app);
const apollo = new ApolloServer<Context>({
  typeDefs,
  resolvers,
  plugins: [ApolloServerPluginDrainHttpServer({ httpServer })],
});
await apollo.start();
const PgStore = connectPgSimple(session);
app.use(
  "/graphql",
  session({
    store: new PgStore({ pool, createTableIfMissing: true }),
    secret: randomBytes(32).toString("hex"),
    resave: false,
    saveUninitialized: false,
    cookie: { maxAge: 30 * 24 * 60 * 60 * 1000 },
  }),
  cors(),
  express.json(),
  expressMiddleware(apollo, {
    context: async ({ req }) => ({ request: req, username: await findUsername(req) }),
  }),
);
httpServer.listen(Number(process.env.PORT), "127.0.0.1");
