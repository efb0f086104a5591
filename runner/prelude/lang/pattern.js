export function parsePattern(pattern, flags) {
  return { pattern: pattern, flags: flags };
}
export function needsOwnMatcher(parsed) {
  return /[suyd]/.test(parsed.flags) || /\(\?</.test(parsed.pattern);
}
