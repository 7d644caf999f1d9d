// The four tabs every visit starts with: a public field, logging in, a private field, logging out.

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
#    The answer sets the session cookie, so this browser
#    is logged in, and holds a token for other clients.

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
#    The browser sends the session cookie by itself. To
#    use a token, put this into the headers editor:
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
    query: `# 4. Log out: the session ends, its cookie and its token
#    with it, and the private field is refused again.

mutation LogOut {
  logout {
    message
  }
}
`,
  },
];
