// What the page asks. A code generator would write these types from schema.graphql.
import { gql, type TypedDocumentNode } from "@apollo/client";

export interface Named {
  readonly id: string;
  readonly username: string;
  readonly displayName: string | null;
}

export interface Project {
  readonly id: string;
  readonly name: string;
  readonly members: readonly { readonly id: string; readonly isOwner: boolean; readonly user: Named }[];
}

export interface Task {
  readonly id: string;
  readonly title: string;
  readonly isDone: boolean;
  readonly assignee: Named | null;
}

type NoVariables = Record<string, never>;

export const VIEWER: TypedDocumentNode<{ viewer: Named | null }, NoVariables> = gql`
  query Viewer {
    viewer {
      id
      username
      displayName
    }
  }
`;

export const LOGIN_PROVIDERS: TypedDocumentNode<
  { loginMethods: { providers: readonly { readonly id: string; readonly name: string }[] } },
  NoVariables
> = gql`
  query LoginProviders {
    loginMethods {
      providers {
        id
        name
      }
    }
  }
`;

export const LOG_IN: TypedDocumentNode<
  { login: { userId: string } | null },
  { username: string; password: string }
> = gql`
  mutation LogIn($username: String!, $password: String!) {
    login(username: $username, password: $password, mode: SESSION) {
      userId
    }
  }
`;

export const REGISTER: TypedDocumentNode<
  { register: { message: string } | null },
  { input: { username: string; email: string; password: string } }
> = gql`
  mutation Register($input: RegisterInput!) {
    register(input: $input) {
      message
    }
  }
`;

export const LOG_OUT: TypedDocumentNode<{ logout: { message: string } | null }, NoVariables> = gql`
  mutation LogOut {
    logout {
      message
    }
  }
`;

export const PROJECTS: TypedDocumentNode<{ projects: readonly Project[] | null }, NoVariables> = gql`
  query Projects {
    projects {
      id
      name
      members {
        id
        isOwner
        user {
          id
          username
          displayName
        }
      }
    }
  }
`;

export const ADD_MEMBER: TypedDocumentNode<
  { addMember: { member: { id: string } } | null },
  { projectId: string; username: string }
> = gql`
  mutation AddMember($projectId: ID!, $username: String!) {
    addMember(projectId: $projectId, username: $username) {
      member {
        id
      }
    }
  }
`;

const TASK = gql`
  fragment TaskParts on Task {
    id
    title
    isDone
    assignee {
      id
      username
      displayName
    }
  }
`;

export const TASKS: TypedDocumentNode<
  { tasks: { tasks: readonly Task[]; next: string | null } | null },
  { projectId: string; after?: string | null }
> = gql`
  query Tasks($projectId: ID!, $after: ID) {
    tasks(projectId: $projectId, after: $after) {
      tasks {
        ...TaskParts
      }
      next
    }
  }
  ${TASK}
`;

export const CREATE_TASK: TypedDocumentNode<
  { createTask: { task: Task } | null },
  { projectId: string; title: string }
> = gql`
  mutation CreateTask($projectId: ID!, $title: String!) {
    createTask(projectId: $projectId, title: $title) {
      task {
        ...TaskParts
      }
    }
  }
  ${TASK}
`;

export const UPDATE_TASK: TypedDocumentNode<
  { updateTask: { task: Task } | null },
  { id: string; isDone?: boolean; assigneeId?: string | null }
> = gql`
  mutation UpdateTask($id: ID!, $isDone: Boolean, $assigneeId: ID) {
    updateTask(id: $id, isDone: $isDone, assigneeId: $assigneeId) {
      task {
        ...TaskParts
      }
    }
  }
  ${TASK}
`;

export interface TaskChange {
  readonly id: string;
  /** Null: it was deleted. */
  readonly task: Task | null;
}

export const TASK_CHANGED: TypedDocumentNode<{ taskChanged: TaskChange | null }, { projectId: string }> = gql`
  subscription TaskChanged($projectId: ID!) {
    taskChanged(projectId: $projectId) {
      id
      task {
        ...TaskParts
      }
    }
  }
  ${TASK}
`;
