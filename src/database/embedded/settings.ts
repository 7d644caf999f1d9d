// The settings that PostgreSQL is started with.

/**
 * Statements and bound values can hold password hashes: the log must contain neither them nor the DETAIL line
 * with the key.
 */
export const quietLog = {
  log_statement: "none",
  log_min_error_statement: "panic",
  log_parameter_max_length_on_error: "0",
  log_error_verbosity: "terse",
};

export const asArguments = (settings: Record<string, string>): string[] =>
  Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);

export const settingsOf = (address: { host: string; port: number }): Record<string, string> => ({
  ...(process.platform === "win32"
    ? { listen_addresses: address.host }
    : {
        listen_addresses: "",
        unix_socket_directories: `"${address.host.replaceAll('"', '""')}"`,
        unix_socket_permissions: "0700",
      }),
  port: String(address.port),
  hba_file: "pg_hba.conf",
  timezone: "UTC",
  log_timezone: "UTC",
  ...quietLog,
});
