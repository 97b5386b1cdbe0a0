// Prints, as JSON, which mail programs lack what the HTML files named use: {file: {program: [feature]}}.
import { readFileSync } from "node:fs";
import { caniemail } from "caniemail";

const clients = ["gmail.*", "apple-mail.*", "outlook.*", "yahoo.*", "aol.*", "samsung-email.*"];
const found = {};
for (const file of process.argv.slice(2)) {
  const { issues } = caniemail({ clients, html: readFileSync(file, "utf8") });
  found[file] = Object.fromEntries(
    [...issues.errors].map(([client, all]) => [client, [...new Set(all.map((one) => one.title))]]),
  );
}
console.log(JSON.stringify(found));
