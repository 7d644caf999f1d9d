// A minimal production configuration, and the problems reported for invalid settings.
import { ConfigurationError, readConfig } from "../../src/config/config.ts";

export const strongSecret = "k3wQ9vXzLrT7mB2nYpD5sHc8JfG4aEuW1oVi6tRx";

/** The fewest settings with which a server starts. */
export const production = {
  NODE_ENV: "production",
  DATABASE_URL: "postgres://graphward:pw@db.internal/graphward?sslmode=verify-full",
  SESSION_SECRET: strongSecret,
  AUDIT_KEY: "Zp8Qw1-mN4bV7xC2-aS5dF9gH3-jK6lR0tY",
  PUBLIC_URL: "https://api.example.com",
};

/** A deployment that `graphward check` has nothing to say of. */
export const safe = {
  ...production,
  TRUST_PROXY: "1",
  REGISTRATION: "closed",
  SMTP_URL: "smtps://mail.example.com",
  MAIL_FROM: "a@example.com",
};

export const problemsOf = (environment: NodeJS.ProcessEnv): readonly string[] => {
  try {
    readConfig(environment);
    return [];
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
};
