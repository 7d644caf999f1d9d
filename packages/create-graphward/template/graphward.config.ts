import { defineServer } from "graphward";
import { Note, NoteResolver } from "./src/notes.ts";

export default defineServer({
  entities: [Note],
  resolvers: [NoteResolver],
  migrations: new URL("./migrations/", import.meta.url),
});
