// A script of any size with the constructs that owners use.
const SECTION = (i) => `
class Book${i} extends Map {
  #depth = ${i};
  static label = 'book-${i}';
  get depth() { return this.#depth; }
  add([price, size] = [0, 1], { side = 'buy', ...rest } = {}) {
    this.set(\`\${side}:\${price}\`, { size, ...rest });
    return this.#depth?.toFixed(2) ?? 'none';
  }
}
async function scan${i}(symbols, limit = 10) {
  const found = [];
  for (const [index, symbol] of symbols.entries()) {
    if (index >= limit) break;
    try {
      const ticker = await Stels.net.get(['ticker', symbol]);
      const { last = 0, volume } = ticker.value?.raw ?? {};
      found.push({ symbol, last, volume, at: Date.now() });
    } catch (error) {
      logger.warn(\`scan ${i} failed for \${symbol}\`, error);
    } finally {
      await Stels.sleep(1);
    }
  }
  return found.filter(({ last }) => last > ${i}).map((row) => ({ ...row, label: Book${i}.label }));
}
`;

/** About `bytes` long. */
export function bigScript(bytes) {
  let text = '';
  for (let i = 0; text.length < bytes; i++) text += SECTION(i);
  return text;
}
