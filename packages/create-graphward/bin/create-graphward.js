#!/usr/bin/env node
// Refuses a Node that is too old before anything newer than its syntax is loaded.
const [major = 0] = process.versions.node.split(".").map(Number);

const refuse = (problem) => {
  process.stderr.write(`create-graphward: ${problem}\n`);
  process.exitCode = 1;
};

if (major < 20) refuse(`this is Node ${process.version}, and it needs 20 or later`);
else
  import("../create.js")
    .then(({ create }) => create(process.argv.slice(2), process.env.npm_config_user_agent))
    .then((text) => process.stdout.write(text))
    .catch((error) => refuse(error.message));
