// The operations that the traffic sends.

export const documents = {
  register: "mutation ($input: RegisterInput!) { register(input: $input) { message } }",
  logIn:
    "mutation ($username: String!, $password: String!) { login(username: $username, password: $password, mode: TOKEN) { token } }",
  changePassword:
    "mutation ($old: String!, $new: String!) { changePassword(currentPassword: $old, newPassword: $new) { token } }",
  logOut: "mutation { logout { message } }",
  logOutEverywhere: "mutation { logoutEverywhere { message } }",
  readPrivately: "{ private { message } }",
  followSessions: "subscription { sessionsChanged { id } }",
  readPublicly: "{ public { message } }",
} as const;
