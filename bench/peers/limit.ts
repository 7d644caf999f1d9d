// graphql-js alone on node:http, with the document parsed once: the lower bound, with everything optional left out.
import { createServer, type IncomingMessage } from "node:http";
import {
  type DocumentNode,
  execute,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLSchema,
  GraphQLString,
  parse,
} from "graphql";

const Message = new GraphQLObjectType({
  name: "Message",
  fields: { message: { type: new GraphQLNonNull(GraphQLString) } },
});
const schema = new GraphQLSchema({
  query: new GraphQLObjectType({
    name: "Query",
    fields: { private: { type: Message, resolve: () => ({ message: "Hello alice, this is private!" }) } },
  }),
});
const documents = new Map<string, DocumentNode>();

const readBody = (request: IncomingMessage, use: (text: string) => void): void => {
  let text = "";
  request
    .setEncoding("utf8")
    .on("data", (chunk: string) => {
      text += chunk;
    })
    .on("end", () => use(text));
};

createServer((request, response) =>
  readBody(request, async (text) => {
    const { query } = JSON.parse(text);
    const document = documents.get(query) ?? parse(query);
    documents.set(query, document);
    const body = JSON.stringify(await execute({ schema, document }));
    response
      .writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(body) })
      .end(body);
  }),
).listen(Number(process.env.PORT), "127.0.0.1");
