// Reads paths from its input, one a line, and prints a JSON line with Khronos' findings for each.
// argv[2]: the folder in which gltf-validator is installed.
const fs = require("fs");
const path = require("path");
const validator = require(path.join(process.argv[2], "node_modules", "gltf-validator"));

async function judge(file) {
  try {
    const report = await validator.validateBytes(new Uint8Array(fs.readFileSync(file)), {
      uri: path.basename(file),
      maxIssues: 100,
    });
    const codes = (severity) =>
      [...new Set(report.issues.messages.filter((m) => m.severity === severity).map((m) => m.code))];
    return {
      errors: report.issues.numErrors,
      warnings: report.issues.numWarnings,
      infos: report.issues.numInfos,
      codes: codes(0),
      warning_codes: codes(1),
      triangles: report.info ? report.info.totalTriangleCount : 0,
    };
  } catch (error) {
    return { error: String(error) };
  }
}

(async () => {
  for (const file of fs.readFileSync(0, "utf8").split("\n").filter(Boolean)) {
    console.log(JSON.stringify({ path: file, facts: await judge(file) }));
  }
})();
