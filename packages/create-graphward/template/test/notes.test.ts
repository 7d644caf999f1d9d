import { startTestServer, type TestServer } from "graphward/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import application from "../graphward.config.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer(application);
});
afterAll(() => server.close());

test("a note is its owner's alone", async () => {
  const alice = await server.logInAs(await server.createUser());
  const bob = await server.logInAs(await server.createUser());
  const created = await alice.run<{ createNote: { note: { id: string } } }>(
    'mutation { createNote(text: "milk") { note { id } } }',
  );
  const id = created.data?.createNote.note.id;
  expect((await alice.run("{ notes { id text } }")).data).toEqual({ notes: [{ id, text: "milk" }] });

  expect((await bob.run("{ notes { text } }")).data).toEqual({ notes: [] });
  const deleteNote = "mutation ($id: ID!) { deleteNote(id: $id) { id } }";
  expect((await bob.run(deleteNote, { id })).codes).toEqual(["NOT_FOUND"]);
  expect((await server.createClient().run("{ notes { text } }")).codes).toEqual(["UNAUTHENTICATED"]);
  expect((await alice.run(deleteNote, { id })).data).toEqual({ deleteNote: { id } });
});
