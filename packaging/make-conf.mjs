// Turns docs/settings.md, which amid prints from its own table, into the commented amid.conf of the
// packages: every key with its meaning and default, all switched off.
import { readFileSync, writeFileSync } from 'node:fs';

/** Well below what amid takes for one line. */
const WIDTH = 100;

function comment(text) {
  const rows = [';'];
  for (const word of text.split(' ')) {
    if (rows.at(-1).length + word.length >= WIDTH) rows.push(';');
    rows.push(`${rows.pop()} ${word}`);
  }
  return rows;
}

const [, , input, output] = process.argv;
const lines = [
  '; Settings of amid; see amid.conf(5). What is switched off here has the value shown.',
  '; `amid --config /etc/amid/amid.conf --check-config` prints what is in force.',
];
for (const line of readFileSync(input, 'utf8').split('\n')) {
  const section = /^## (\[\w+\])$/.exec(line);
  if (section !== null) lines.push('', section[1]);
  const cells = line.split('|').map((cell) => cell.trim().replaceAll('`', ''));
  if (!/^\| `/.test(line)) continue;
  const [, key, , value, range, reload, help] = cells;
  lines.push('', ...comment(`${help} (${range}${reload === 'yes' ? '; SIGHUP applies it' : ''}).`));
  lines.push(`;${key} = ${value === 'empty' ? '' : value}`.trimEnd());
}
writeFileSync(output, lines.join('\n') + '\n');
