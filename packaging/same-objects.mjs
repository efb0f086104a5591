// same-objects.mjs FROM TO: writes TO/same-objects, which names the objects that the build folder TO would compile
// with the very commands of FROM; packaging/same-object takes them from there.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const [from, to] = process.argv.slice(2).map((folder) => path.resolve(folder));

function commandsOf(folder) {
  const commands = JSON.parse(readFileSync(path.join(folder, 'compile_commands.json'), 'utf8'));
  return new Map(
    commands.map(({ command }) => [
      / -o (\S+) /.exec(command)[1],
      command.replaceAll(`${folder}/`, 'BUILD/'),
    ]),
  );
}

const known = commandsOf(from);
const same = [...commandsOf(to)].filter(([object, command]) => known.get(object) === command);
writeFileSync(
  path.join(to, 'same-objects'),
  same.map(([object]) => `${path.join(from, object)}\n`).join(''),
);
