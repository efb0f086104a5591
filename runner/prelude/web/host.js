/** The runner's functions that the web platform's modules call once they are loaded. */
var host = null;

export function setWebHost(functions) {
  host = functions;
}

/** @returns {object} the host */
export function webHost() {
  return host;
}
