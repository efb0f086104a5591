/** The pass table of docs/javascript.md, made from a run. */
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TITLES, groupOf } from './groups.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const document = join(here, '..', '..', 'docs', 'javascript.md');
const BEGIN = '<!-- pass table: made by tests/language/differential.mjs --write -->\n';
const END = '<!-- end of the pass table -->\n';

function row(cells) {
  return `| ${cells.join(' | ')} |\n`;
}

function groupRows(results) {
  const sum = (list, verdict) => list.filter((result) => result.verdict === verdict).length;
  return TITLES.map((title) => {
    const list = results.filter((result) => groupOf(result.name) === title);
    return [title, list.length, sum(list, 'same'), sum(list, 'refused'), sum(list, 'different')];
  });
}

function corpusRow(corpus) {
  const differing = corpus.filter((each) => each.node !== each.amid);
  const refused = differing.filter((each) => each.node).length;
  return [
    "Parser tests of the standard's committee (test262-parser-tests)",
    corpus.length,
    corpus.length - differing.length,
    refused,
    differing.length - refused,
  ];
}

/**
 * @param {{name: string, verdict: 'same'|'refused'|'different'}[]} results
 * @param {{node: boolean, amid: boolean}[]} corpus
 * @param {{known: object, parser: object}} reasons what differs, by name and by reason
 */
export function makeTable(results, corpus, reasons) {
  const rows = groupRows(results);
  const total = rows.reduce(
    (sums, cells) => cells.map((cell, i) => (i ? sums[i] + cell : cell)),
    [0, 0, 0, 0, 0],
  );
  const lines = [
    row(['feature group', 'programs', 'same as Node', 'refused when saved', 'different']),
    '|---|---:|---:|---:|---:|\n',
    ...rows.map(row),
    row(['**all programs**', ...total.slice(1)]),
    row(corpusRow(corpus)),
    '\nThe programs that print something else, one per difference:\n\n',
    ...Object.entries(reasons.known).map(([name, reason]) => `- ${reason} (\`${name}\`)\n`),
    '\nWhat the compiler decides differently in the parser tests:\n\n',
    ...Object.entries(reasons.parser).map(([reason, list]) => `- ${reason} (${list.length})\n`),
  ];
  return lines.join('');
}

function parts() {
  const text = readFileSync(document, 'utf8');
  const begin = text.indexOf(BEGIN) + BEGIN.length;
  const end = text.indexOf(END);
  if (begin < BEGIN.length || end < 0) throw new Error(`${document} has no place for the table`);
  return { before: text.slice(0, begin), table: text.slice(begin, end), after: text.slice(end) };
}

/** @returns {string} the table that the document shows */
export function shownTable() {
  return parts().table;
}

export function writeTable(table) {
  const { before, after } = parts();
  writeFileSync(document, before + table + after);
}
