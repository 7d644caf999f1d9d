// GraphQL Yoga with its pub/sub in memory and its streams of server-sent events. No accounts, and nobody is asked again.
import { createServer } from "node:http";
import { createPubSub, createSchema, createYoga } from "graphql-yoga";

const events = createPubSub<{ HAPPENED: [number] }>();

const typeDefs = `
  type Query { one: Int! }
  type Mutation { happen(number: Int!): Boolean }
  type Subscription { happened: Int }
`;

const resolvers = {
  Query: { one: () => 1 },
  Mutation: {
    happen: (_: unknown, { number }: { number: number }) => {
      events.publish("HAPPENED", number);
      return true;
    },
  },
  Subscription: {
    happened: { subscribe: () => events.subscribe("HAPPENED"), resolve: (number: number) => number },
  },
};

const yoga = createYoga({ schema: createSchema({ typeDefs, resolvers }), logging: false });
createServer(yoga).listen(Number(process.env.PORT), "127.0.0.1");
