export function installRegularExpressions(env) {
  env.hide(env.global, '__regexp', function (pattern, flags) {
    return new RegExp(pattern, flags);
  });
}
