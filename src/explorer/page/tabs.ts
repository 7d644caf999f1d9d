// The four tabs that every visit starts with: a public field, login, a private field, logout.

export const startingTabs = [
  {
    query: `# 1. A public field needs no login and no token.
#    Run it with the button on the right, or Ctrl-Enter.

query Public {
  public {
    message
  }
}
`,
  },
  {
    query: `# 2. Log in with your password in the variables below.
#    The response sets the session cookie, which logs in
#    this browser. The token is for other clients.

mutation LogIn($username: String!, $password: String!) {
  login(username: $username, password: $password) {
    token
    userId
    email
    expiresAt
    user {
      id
      username
      email
      roles
    }
  }
}
`,
    variables: JSON.stringify({ username: "admin", password: "" }, null, 2),
  },
  {
    query: `# 3. A private field: UNAUTHENTICATED until you log in.
#    The browser sends the session cookie automatically.
#    To use a token, put this into the headers editor:
#
#    {"Authorization": "Token gws_..."}

query Private {
  private {
    message
  }
}
`,
  },
  {
    query: `# 4. Log out: the session ends, with its cookie and its
#    token. The private field is refused again.

mutation LogOut {
  logout {
    message
  }
}
`,
  },
];
