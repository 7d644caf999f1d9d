// Every entity. Add yours to the list.
import { Session } from "./session.ts";
import { User } from "./user.ts";

export const entities = [User, Session];
