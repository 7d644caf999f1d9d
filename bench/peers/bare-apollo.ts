// Apollo Server 5 on Express 5 as its documentation sets it up: no accounts, no database, no log.
import { createServer } from "node:http";
import { ApolloServer } from "@apollo/server";
import { ApolloServerPluginDrainHttpServer } from "@apollo/server/plugin/drainHttpServer";
import { expressMiddleware } from "@as-integrations/express5";
import cors from "cors";
import express from "express";

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
app.use("/graphql", cors(), express.json(), expressMiddleware(apollo));
httpServer.listen(Number(process.env.PORT), "127.0.0.1");
