// Apollo Server 5 on Express 5 as its documentation sets it up: no accounts, no database, no log.
import { createServer } from "node:http";
import { ApolloServer } from "@apollo/server";
import { ApolloServerPluginDrainHttpServer } from "@apollo/server/plugin/drainHttpServer";
import cors from "cors";
import express from "express";
import { expressAdapter } from "./express-adapter.ts";

const typeDefs = `
  type Query { private: Message }
  type Message { message: String! }
`;

const resolvers = {
  Query: { private: () => ({ message: "Hello alice, this is private!" }) },
};

const app = express();
const httpServer = createServer(app);
const apollo = new ApolloServer({
  typeDefs,
  resolvers,
  plugins: [ApolloServerPluginDrainHttpServer({ httpServer })],
});
await apollo.start();
app.use("/graphql", cors(), express.json(), expressAdapter(apollo));
httpServer.listen(Number(process.env.PORT), "127.0.0.1");
