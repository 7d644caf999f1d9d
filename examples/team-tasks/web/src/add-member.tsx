// For owners: the form that adds a member.
import { useMutation } from "@apollo/client/react";
import type { FormEvent } from "react";
import { textOf } from "./client.ts";
import { ADD_MEMBER, PROJECTS } from "./operations.ts";

export const AddMember = ({ projectId }: { readonly projectId: string }) => {
  const [addMember, { error }] = useMutation(ADD_MEMBER, { refetchQueries: [PROJECTS] });

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const username = String(new FormData(form).get("username"));
    // The problem is shown below the form.
    const isAdded = await addMember({ variables: { projectId, username } }).then(
      () => true,
      () => false,
    );
    if (isAdded) form.reset();
  };

  return (
    <section aria-labelledby="members">
      <h2 id="members">Members</h2>
      <form onSubmit={submit}>
        <label>
          Username of the new member <input name="username" required />
        </label>
        <button type="submit">Add member</button>
      </form>
      {error && <p role="alert">{textOf(error)}</p>}
    </section>
  );
};
