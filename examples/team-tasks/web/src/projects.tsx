// The viewer's projects, one of them open.
import { useApolloClient, useMutation, useQuery } from "@apollo/client/react";
import { useState } from "react";
import { AddMember } from "./add-member.tsx";
import { textOf } from "./client.ts";
import { LOG_OUT, type Named, PROJECTS } from "./operations.ts";
import { Tasks } from "./tasks.tsx";

export const nameOf = ({ displayName, username }: Named): string => displayName ?? username;

export const Projects = ({ viewer }: { readonly viewer: Named }) => {
  const client = useApolloClient();
  const { data, error } = useQuery(PROJECTS);
  const [logOut] = useMutation(LOG_OUT);
  const [chosen, setChosen] = useState<string | null>(null);
  const projects = data?.projects ?? [];
  const project = projects.find(({ id }) => id === chosen) ?? projects[0];

  const leave = async () => {
    // Also when it fails: a session that has ended needs no end.
    await logOut().catch(() => undefined);
    await client.resetStore();
  };

  return (
    <>
      <header>
        <h1>Team tasks</h1>
        <span>{nameOf(viewer)}</span>
        <button type="button" onClick={leave}>
          Log out
        </button>
      </header>
      <main>
        {error && <p role="alert">{textOf(error)}</p>}
        <label>
          Project{" "}
          <select value={project?.id ?? ""} onChange={(event) => setChosen(event.target.value)}>
            {projects.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </select>
        </label>
        {project && <Tasks key={project.id} project={project} />}
        {project?.members.some(({ isOwner, user }) => isOwner && user.id === viewer.id) && (
          <AddMember key={`of ${project.id}`} projectId={project.id} />
        )}
      </main>
    </>
  );
};
