// Leads from a login that was asked for one more proof to a tab that completes it.
import { useGraphiQL, useGraphiQLActions } from "@graphiql/react";
import { completeLoginTab } from "./tabs.ts";

export const SecondStep = ({
  pendingToken,
  onOpen,
}: {
  readonly pendingToken: string;
  readonly onOpen: () => void;
}) => {
  const { addTab } = useGraphiQLActions();
  const queryEditor = useGraphiQL(({ queryEditor: editor }) => editor);
  const variableEditor = useGraphiQL(({ variableEditor: editor }) => editor);
  const open = () => {
    const { query, variables } = completeLoginTab(pendingToken);
    addTab();
    queryEditor?.setValue(query);
    variableEditor?.setValue(variables);
    onOpen();
  };
  return (
    <p className="second-step" role="status">
      This login asks for one more proof.
      <button type="button" className="graphiql-button" onClick={open}>
        Complete the login
      </button>
    </p>
  );
};
