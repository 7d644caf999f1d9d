// The tabs that every visit starts with: a public field, login, a private field, logout, and two streams. And the one of a second step.

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
#    Other ways in are at /login?return_to=/graphql

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
    challenge {
      pendingToken
      methods
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
  {
    query: `# 5. Follow your sessions: the list comes whenever one
#    begins or ends, as when you log in with another
#    browser. The button on the right stops it.

subscription Sessions {
  sessionsChanged {
    id
    device
    ipAddress
    current
    lastUsedAt
  }
}
`,
  },
  {
    query: `# 6. Follow the audit trail: your own security events as
#    they happen, or everybody's with audit:read.

subscription Audit {
  auditEventAdded {
    at
    type
    userId
    actorId
    ipAddress
    details
  }
}
`,
  },
];

/** The code is left to type. */
export const completeLoginTab = (pendingToken: string) => ({
  query: `# Complete the login: type the code of your authenticator app
#    into the variables below, or send recoveryCode instead.

mutation CompleteLogin($pendingToken: String!, $code: String, $recoveryCode: String) {
  completeLogin(pendingToken: $pendingToken, code: $code, recoveryCode: $recoveryCode) {
    token
    userId
    expiresAt
    user {
      id
      username
    }
  }
}
`,
  variables: JSON.stringify({ pendingToken, code: "" }, null, 2),
});
